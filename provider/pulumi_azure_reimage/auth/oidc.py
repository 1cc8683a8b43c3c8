"""OIDC tokens of other issuers, which Entra accepts as client assertions.

Entra accepts such a token for a few minutes only, and a reimage can take an hour. Each sign-in therefore
reads the token file, or requests a token, again.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from ..arm.transport import NoAnswerError, scheme_and_host
from ..errors import ConfigurationError
from ..json_reading import get_str
from ..redact import redact
from .http_exchange import exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .method import AzureDevOps, OidcRequest

# The api-version that azure-identity's AzurePipelinesCredential uses.
_AZURE_DEVOPS_API = "7.1"


class IssuerUnreachableError(Exception):
    """The issuer of OIDC tokens did not answer; the text is fit for a message."""


def from_file(path: str) -> Callable[[], str]:
    """Return a function that reads a token file, which something else renews."""

    def read() -> str:
        token = Path(path).read_text(encoding="utf-8").strip()
        if not token:
            raise ConfigurationError(f"The token file {path} is empty.")
        return token

    return read


def from_request(source: OidcRequest) -> Callable[[], str]:
    """Return a function that requests a token from GitHub Actions, or from a URL of the same form.

    https://docs.github.com/actions/reference/security/oidc
    """
    return partial(_request_token, "GET", source, "value", {"audience": source.audience})


def from_azure_devops(source: AzureDevOps) -> Callable[[], str]:
    """Return a function that requests a token of a service connection from Azure Pipelines.

    https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create
    """
    params = {"api-version": _AZURE_DEVOPS_API, "serviceConnectionId": source.connection_id}
    # Without the second header, Azure DevOps answers an invalid token with a sign-in page.
    headers = {"Content-Type": "application/json", "X-TFS-FedAuthRedirect": "Suppress"}
    return partial(_request_token, "POST", source, "oidcToken", params, headers)


def _request_token(
    method: str,
    source: OidcRequest | AzureDevOps,
    member: str,
    params: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
) -> str:
    where = f"The OIDC token request to {scheme_and_host(source.url)[1]}"
    headers = {**(headers or {}), "Authorization": f"Bearer {source.token}"}
    try:
        response = exchange(method, source.url, params=params, headers=headers, secrets=(source.token,))
    except NoAnswerError as error:
        raise IssuerUnreachableError(f"{where} failed: {error}") from error
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise IssuerUnreachableError(f"{where} was answered with HTTP {response.status}")
    if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        quoted = redact(response.body.decode(errors="replace"), (source.token,), limit=300)
        raise ConfigurationError(f"{where} was answered with HTTP {response.status}: {quoted}")
    token = get_str(response.json, member)
    if token is None:
        raise ConfigurationError(f"{where} was answered without a token.")
    return token
