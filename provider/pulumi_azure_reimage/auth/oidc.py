"""OIDC tokens of other issuers, which Entra accepts as client assertions.

Entra accepts such a token for a few minutes only, and a reimage can take an hour. Each sign-in therefore
reads the token file, or requests a token, again.
"""

from __future__ import annotations

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

    def request() -> str:
        return _request_token(
            "GET", source.url, source.token, member="value", params={"audience": source.audience}
        )

    return request


def from_azure_devops(source: AzureDevOps) -> Callable[[], str]:
    """Return a function that requests a token of a service connection from Azure Pipelines.

    https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create
    """

    def request() -> str:
        return _request_token(
            "POST",
            source.url,
            source.token,
            member="oidcToken",
            params={"api-version": _AZURE_DEVOPS_API, "serviceConnectionId": source.connection_id},
            headers={
                "Content-Type": "application/json",
                # Without this header, Azure DevOps answers an invalid token with a sign-in page.
                "X-TFS-FedAuthRedirect": "Suppress",
            },
        )

    return request


def _request_token(  # noqa: PLR0913 - the two issuers differ in each of these.
    method: str,
    url: str,
    bearer: str,
    *,
    member: str,
    params: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
) -> str:
    where = f"The OIDC token request to {scheme_and_host(url)[1]}"
    authorized = {**(headers or {}), "Authorization": f"Bearer {bearer}"}
    try:
        response = exchange(method, url, params=params, headers=authorized, secrets=(bearer,))
    except NoAnswerError as error:
        raise IssuerUnreachableError(f"{where} failed: {error}") from error
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise IssuerUnreachableError(f"{where} was answered with HTTP {response.status}")
    if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        quoted = redact(response.body.decode(errors="replace"), (bearer,), limit=300)
        raise ConfigurationError(f"{where} was answered with HTTP {response.status}: {quoted}")
    token = get_str(response.json, member)
    if token is None:
        raise ConfigurationError(f"{where} was answered without a token.")
    return token
