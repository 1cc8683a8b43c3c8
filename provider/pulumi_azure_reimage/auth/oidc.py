"""The tokens of other issuers that Entra takes for a sign-in, each as new as its source gives it.

Entra takes such an assertion for some minutes, and a reimage can wait for an hour: each sign-in reads the
file, or asks the address, anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from ..arm.deadline import DeadlineTransport
from ..clock import SystemClock
from ..errors import ConfigurationError
from ..redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from .method import AzureDevOps, OidcRequest

_SECONDS = 30.0
# What azure-identity's AzurePipelinesCredential asks with.
_AZURE_DEVOPS_API = "7.1"


class IssuerUnreachableError(Exception):
    """Whoever gives tokens did not answer; the text is fit for a message."""


def from_file(path: str) -> Callable[[], str]:
    """Return what reads a token file; it is somebody else's to renew."""

    def read() -> str:
        token = Path(path).read_text(encoding="utf-8").strip()
        if not token:
            raise ConfigurationError(f"The token file {path} is empty.")
        return token

    return read


def from_request(request: OidcRequest) -> Callable[[], str]:
    """Return what asks GitHub Actions, or an address of its form.

    https://docs.github.com/actions/reference/security/oidc
    """

    def ask() -> str:
        url = httpx.URL(request.url).copy_set_param("audience", request.audience)
        return _asked("GET", url, request.token, "value", {})

    return ask


def from_azure_devops(source: AzureDevOps) -> Callable[[], str]:
    """Return what asks Azure Pipelines for a token of a service connection.

    https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create
    """

    def ask() -> str:
        url = httpx.URL(source.url).copy_merge_params(
            {"api-version": _AZURE_DEVOPS_API, "serviceConnectionId": source.connection_id}
        )
        # Without it, a token that is not valid is answered with the page of a sign-in.
        return _asked("POST", url, source.token, "oidcToken", {"X-TFS-FedAuthRedirect": "Suppress"})

    return ask


def _asked(method: str, url: httpx.URL, bearer: str, member: str, headers: dict[str, str]) -> str:
    where = f"The OIDC token request to {url.host}"
    headers = {**headers, "Accept": "application/json", "Authorization": f"Bearer {bearer}"}
    if method == "POST":
        headers["Content-Type"] = "application/json"
    try:
        with httpx.Client(transport=DeadlineTransport(SystemClock())) as client:
            # A redirect would take the bearer token to another host.
            answer = client.request(method, url, headers=headers, timeout=_SECONDS, follow_redirects=False)
            text = answer.text
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        reason = redact(str(error), (bearer,), limit=200) or type(error).__name__
        raise IssuerUnreachableError(f"{where} failed: {reason}") from error
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise IssuerUnreachableError(f"{where} was answered with HTTP {answer.status_code}")
    if not answer.is_success:
        said = redact(text, (bearer,), limit=300)
        raise ConfigurationError(f"{where} was answered with HTTP {answer.status_code}: {said}")
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    token = document.get(member) if isinstance(document, dict) else None
    if not isinstance(token, str) or not token:
        raise ConfigurationError(f"{where} was answered without a token.")
    return token
