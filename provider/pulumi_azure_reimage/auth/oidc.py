"""OIDC tokens of other issuers, which Entra accepts as client assertions.

Entra accepts such a token for a few minutes only, and a reimage can take an hour. Each sign-in therefore
reads the token file, or requests a token, again.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
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
# The characters of a bearer token (RFC 6750). A JSON Web Token is base64url with dots.
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")


class IssuerUnreachableError(Exception):
    """The issuer of OIDC tokens did not answer. The text can be shown in a message."""


def from_file(path: str) -> Callable[[], str]:
    """Return a function that reads a token file, which something else renews."""

    def read() -> str:
        token = _decode(Path(path).read_bytes()).strip()
        if not token:
            raise ConfigurationError(f"The token file {redact(path, limit=300)} is empty.")
        if not _TOKEN.fullmatch(token):
            raise ConfigurationError(
                f"The token file {redact(path, limit=300)} holds something other than a token."
            )
        return token

    return read


def _decode(content: bytes) -> str:
    """Return the text of a file, in any encoding that common programs write.

    Windows PowerShell writes UTF-16 when it redirects output, and UTF-8 with a byte order mark when UTF-8 is
    requested (https://learn.microsoft.com/powershell/scripting/dev-cross-plat/vscode/
    understanding-file-encoding). What is not text becomes something that is not a token.
    """
    utf_16 = content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    return content.decode("utf-16" if utf_16 else "utf-8-sig", errors="replace")


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
