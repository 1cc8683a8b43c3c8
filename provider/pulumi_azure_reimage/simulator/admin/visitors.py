"""Who may use the admin API: programs and pages of this machine, but no foreign web page.

A browser on this machine would send a foreign page's requests here. Two checks keep them out: the Host must
be an address or a name that no foreign DNS server resolves (DNS rebinding), and a browser's Origin, which it
adds to each POST of a page (Fetch Standard, "Origin header"), must be this server.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .errors import AdminError

if TYPE_CHECKING:
    from ..http.messages import Request


def is_loopback(host: str) -> bool:
    """Return whether a name or an address leads only to this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def check_visitor(request: Request) -> None:
    """Refuse a request that was sent by a foreign page or under a foreign name.

    Raises:
        AdminError: It is one.
    """
    url = urlsplit(request.url)
    if not is_loopback(url.hostname or ""):
        raise AdminError(
            403, "ForeignHost", "The admin API answers to loopback addresses and localhost only."
        )
    origin = request.header("origin")
    if origin is not None and origin != f"{url.scheme}://{url.netloc}":
        raise AdminError(403, "ForeignOrigin", "The admin API does not answer to the pages of other sites.")
