"""The network settings of the environment: the proxies and the trusted certificates.

A setting that cannot be used is a configuration error that names its variable. The value is never shown,
because the URL of a proxy can contain a password.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

from ..errors import ConfigurationError
from ..http_library import httpx
from ..sentences import join_sentences

if TYPE_CHECKING:
    import ssl

# The first one that is set counts, as in httpx.
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_LAST_PORT = 65535


def trusted_certificates() -> ssl.SSLContext:
    """Return the certificates that httpx trusts: those of `SSL_CERT_FILE` or `SSL_CERT_DIR`, else its own.

    Raises:
        ConfigurationError: a variable names a file or a folder that cannot be read as certificates.
    """
    name = next((name for name in _CERTIFICATES if os.environ.get(name)), "certifi")
    if name == "SSL_CERT_DIR" and not any(map(os.path.isdir, os.environ[name].split(os.pathsep))):
        # OpenSSL would accept it and trust no certificate.
        raise _unusable(name, "there is no such folder")
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one.
        raise _unusable(name, error.strerror or str(error)) from None


def _unusable(name: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        join_sentences(
            f"The certificates that {name} names cannot be read: {reason}",
            "Correct or unset it. Nothing was sent.",
        )
    )


class Proxies:
    """The proxies that the environment, or the operating system, names."""

    def __init__(self) -> None:
        self._proxies = getproxies()

    def find(self, scheme: str, host: str) -> httpx.URL | None:
        """Return the proxy for a host; None if it is reached directly.

        Raises:
            ConfigurationError: the proxy cannot be used.
        """
        named = None if proxy_bypass(host) else self._proxies.get(scheme, self._proxies.get("all"))
        return None if named is None else _read_proxy(named, scheme)


def _read_proxy(named: str, scheme: str) -> httpx.URL:
    try:
        url = httpx.URL(named if "://" in named else f"http://{named}")
        host = url.host
    except (httpx.InvalidURL, ValueError):
        raise _unusable_proxy(scheme, "it is not a URL with a host and a port") from None
    if url.scheme not in ("http", "https"):
        raise _unusable_proxy(scheme, f"proxies of the kind {url.scheme} are not supported")
    if not host or (url.port is not None and not 0 < url.port <= _LAST_PORT):
        raise _unusable_proxy(scheme, "it has no host, or a port that does not exist")
    return url


def _unusable_proxy(scheme: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"The proxy for {scheme} (`{scheme.upper()}_PROXY`, `ALL_PROXY` or the system's own setting) cannot "
        f"be used: {reason}. Correct or unset it. Nothing was sent."
    )
