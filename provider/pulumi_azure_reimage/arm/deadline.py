"""Connections on which a whole request has a time limit, and not only each of its reads.

httpx limits each read, so a server that sends a byte at a time can hold a request forever. httpcore, which
httpx is built on, passes the limits of a request unchanged to its network backend. Our backend treats the
limits of reading and writing as points in time. Everything happens in the thread of the request, and only
public interfaces are used: https://www.encode.io/httpcore/network-backends/.

Rule: any error before the first byte of the request is an error of connecting, whether the name, the address,
TLS or a proxy failed. The library's `trace` shows when that byte is written:
https://www.python-httpx.org/advanced/extensions/#trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from ..http_library import httpcore, httpx
from .network_settings import Proxies, trusted_certificates

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from ..clock import Clock

Trace = Callable[[str, Mapping[str, object]], None]
"""Called by the library at each step of a request, with the name of the step and its arguments."""


class DeadlineTransport(httpx.BaseTransport):
    """Carries requests over the network, each on its own connection.

    On a used connection, a reset may mean that it was closed while idle, and bytes that arrive after a
    response would be read as the next response.

    The `read` limit applies to the whole request. Connecting has its own limit, for each address and for TLS,
    so an address that does not answer leaves time for the next one. Nothing is sent before that.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        tls: ssl.SSLContext | None = None,
        backend: httpcore.NetworkBackend | None = None,
    ) -> None:
        """Store the arguments. The first request connects.

        Args:
            clock: The clock that measures the limits.
            tls: The certificates that are trusted; None means those of the environment.
            backend: Opens the connections.

        Raises:
            ConfigurationError: the environment names certificates that cannot be read.
        """
        self._clock = clock
        self._tls = tls or trusted_certificates()
        self._backend = _Backend(backend or httpcore.SyncBackend(), clock)
        self._proxies = Proxies()
        # One for each proxy that the environment names, and one without a proxy.
        self._pools: dict[str | None, httpcore.ConnectionPool] = {}
        self._lock = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response as soon as its headers have arrived.

        Raises:
            httpx.TransportError: the same class that httpx's own transport raises, and always an error of
            connecting before the first byte of the request is written.
            ConfigurationError: the environment names a proxy that cannot be used.
        """
        limits = dict(request.extensions["timeout"])
        seconds = limits["read"]
        end = None if seconds is None else self._clock.monotonic() + seconds
        limits["read"] = limits["write"] = end
        writing = _Writing(request.extensions.get("trace"), self._clock, end)
        pool = self._pool(request.url)
        with _as_httpx_errors(writing):
            answer = pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=_core_url(request.url),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={**request.extensions, "timeout": limits, "trace": writing},
                )
            )
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, writing),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close the connections."""
        for pool in self._pools.values():
            pool.close()

    def _pool(self, url: httpx.URL) -> httpcore.ConnectionPool:
        proxy = self._proxies.find(url.scheme, url.host)
        key = None if proxy is None else str(proxy)
        with self._lock:
            if key not in self._pools:
                self._pools[key] = self._new_pool(proxy)
            return self._pools[key]

    def _new_pool(self, proxy: httpx.URL | None) -> httpcore.ConnectionPool:
        # No limit, because a request that waits for a connection would have less time for its answer.
        if proxy is None:
            return httpcore.ConnectionPool(
                ssl_context=self._tls,
                max_connections=None,
                max_keepalive_connections=0,
                network_backend=self._backend,
            )
        return httpcore.HTTPProxy(
            proxy_url=_core_url(proxy),
            proxy_auth=(proxy.username, proxy.password) if proxy.userinfo else None,
            ssl_context=self._tls,
            proxy_ssl_context=self._tls if proxy.scheme == "https" else None,
            max_connections=None,
            max_keepalive_connections=0,
            network_backend=self._backend,
        )


class _Writing:
    """Notes when the first byte of a request is about to be written. The library calls it at each step.

    Args:
        trace: Also called, at the beginning of each step of the request itself. The request to a proxy that
            opens the tunnel is a different one.
        clock: The clock of the limits.
        end: When the whole request is too late, by the clock; None if never.

    Attributes:
        begun: Whether the server may have received a part of the request.
    """

    def __init__(self, trace: Trace | None, clock: Clock, end: float | None) -> None:
        self._trace = trace
        self._clock = clock
        self._end = end
        self.begun = False

    def __call__(self, event: str, arguments: Mapping[str, object]) -> None:
        """Stop a request that cannot be written in time. Nothing limits how long an address is looked up."""
        request = arguments.get("request")
        if isinstance(request, httpcore.Request) and request.method == b"CONNECT":
            return
        if self._trace is not None and event.endswith(".started"):
            self._trace(event, arguments)
        if event.endswith(".send_request_headers.started"):
            if self._end is not None and self._clock.monotonic() >= self._end:
                raise httpcore.ConnectTimeout("the connection was established too late")
            self.begun = True


class _Body(httpx.SyncByteStream):
    """The body of a response, chunk by chunk as it arrives."""

    def __init__(self, answer: httpcore.Response, writing: _Writing) -> None:
        self._answer = answer
        self._writing = writing

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx_errors(self._writing):
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
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
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
def _as_httpx_errors(writing: _Writing) -> Iterator[None]:
    """Raise httpx's error of the same name for each of httpcore's, or an error of connecting."""
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
        raise _of_connecting(same, begun=writing.begun)(str(error)) from error
    # What the operating system refuses, such as a name that no server can have.
    except (OSError, ValueError, OverflowError) as error:
        if writing.begun:
            raise
        raise httpx.ConnectError(str(error)) from error


def _of_connecting(kind: type[httpx.TransportError], *, begun: bool) -> type[httpx.TransportError]:
    is_one = (httpx.ProxyError, httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.PoolTimeout)
    if begun or issubclass(kind, is_one):
        return kind
    return httpx.ConnectTimeout if issubclass(kind, httpx.TimeoutException) else httpx.ConnectError
