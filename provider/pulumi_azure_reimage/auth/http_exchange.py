"""One HTTP request to a server that is not ARM: an issuer of OIDC tokens or a metadata endpoint."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from ..arm.transport import NoAnswerError, http_client, read_response
from ..http_library import httpx
from ..redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..arm.response import Response

_SECONDS = 30.0


def is_loopback(host: str) -> bool:
    """Report whether a host is this machine, so that plain text sent to it does not leave the machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def exchange(
    method: str,
    url: str,
    *,
    params: Mapping[str, str],
    headers: Mapping[str, str],
    secrets: tuple[str, ...] = (),
) -> Response:
    """Send a request once, within a total time limit, and return the response.

    Args:
        method: The HTTP method.
        url: The URL.
        params: Parameters that are added to those of the URL.
        headers: Headers in addition to `Accept`.
        secrets: Texts that no message may contain.

    Raises:
        NoAnswerError: no response arrived.
    """
    try:
        with http_client() as client:
            request = client.build_request(
                method,
                # `params=` would replace the parameters that the URL has.
                httpx.URL(url).copy_merge_params(dict(params)),
                headers={"Accept": "application/json", "Accept-Encoding": "gzip", **headers},
                timeout=_SECONDS,
            )
            # A redirect would send a token to another host, or let another host name the cloud.
            return read_response(client.send(request, stream=True, follow_redirects=False))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise NoAnswerError(redact(str(error), secrets, limit=200) or type(error).__name__) from error
