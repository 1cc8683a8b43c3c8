"""Connections on which a request as a whole has a time limit, and not only each of its reads.

httpx limits each read, so a server that sends a byte at a time can hold a request for ever. httpcore, which
httpx is built on, passes the limits of a request unchanged to its network backend. Our backend reads the
limits of reading and writing as times on the clock. Everything happens in the thread of the request, and
uses public interfaces only: https://www.encode.io/httpcore/network-backends/.

Proxies are read from the environment. The trusted certificates are those of httpx, including SSL_CERT_FILE
and SSL_CERT_DIR.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from httpcore import SOCKET_OPTION

    from ..clock import Clock


class DeadlineTransport(httpx.BaseTransport):
    """Carries requests over the network, each on a connection of its own.

    On a used connection, a reset may mean that it was closed while idle, and bytes that arrive after a
    response would be read as the next response.

    The `read` limit applies to the whole request. Connecting alone has its own limit, for each address and
    for TLS, so that an address that does not answer leaves time for the next one. Nothing is sent before.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        tls: ssl.SSLContext | None = None,
        backend: httpcore.NetworkBackend | None = None,
    ) -> None:
        """Store the arguments; the first request connects.

        Args:
            clock: The clock that measures the limits.
            tls: The certificates that are trusted; None means those of httpx.
            backend: Opens the connections.
        """
        self._clock = clock
        self._tls = tls or httpx.create_ssl_context()
        self._backend = _Backend(backend or httpcore.SyncBackend(), clock)
        self._proxies = getproxies()
        self._pools: dict[str | None, httpcore.ConnectionPool] = {}
        self._lock = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response as soon as its headers have arrived.

        Raises:
            httpx.TransportError: the same class that httpx's own transport raises.
        """
        limits = dict(request.extensions["timeout"])
        seconds = limits["read"]
        end = None if seconds is None else self._clock.monotonic() + seconds
        limits["read"] = limits["write"] = end
        pool = self._pool(request.url)
        with _as_httpx_errors():
            answer = pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=_core_url(request.url),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={**request.extensions, "timeout": limits},
                )
            )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

    def close(self) -> None:
        """Close the connections."""
        for pool in self._pools.values():
            pool.close()

    def _pool(self, url: httpx.URL) -> httpcore.ConnectionPool:
        proxy = None if proxy_bypass(url.host) else self._proxies.get(url.scheme, self._proxies.get("all"))
        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = self._new_pool(proxy)
            return self._pools[proxy]

    def _new_pool(self, proxy: str | None) -> httpcore.ConnectionPool:
        if proxy is None:
            return httpcore.ConnectionPool(
                ssl_context=self._tls,
                max_keepalive_connections=0,
                network_backend=self._backend,
            )
        url = httpx.URL(proxy if "://" in proxy else f"http://{proxy}")
        if url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(f"a proxy of the kind {url.scheme} cannot be used")
        return httpcore.HTTPProxy(
            proxy_url=_core_url(url),
            proxy_auth=(url.username, url.password) if url.userinfo else None,
            ssl_context=self._tls,
            proxy_ssl_context=self._tls if url.scheme == "https" else None,
            max_keepalive_connections=0,
            network_backend=self._backend,
        )


class _Body(httpx.SyncByteStream):
    """The body of a response, chunk by chunk as it arrives."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx_errors():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    """Opens connections whose limits of reading and writing are times on the clock."""

    def __init__(self, backend: httpcore.NetworkBackend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._clock)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._seconds_until(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._seconds_until(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._clock)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)

    def _seconds_until(self, deadline: float | None, timeout_error: type[Exception]) -> float | None:
        if deadline is None:
            return None
        seconds = deadline - self._clock.monotonic()
        if seconds <= 0:
            raise timeout_error("the time limit of the whole request was reached")
        return seconds


def _core_url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


@contextmanager
def _as_httpx_errors() -> Iterator[None]:
    """Raise httpx's error of the same name for each of httpcore's."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        same: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
        raise same(str(error)) from error
