"""An httpx transport that answers in process, without a server, a port or a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...http_library import httpx
from .answering import answer
from .cut import BEFORE_SEND, ConnectionCutError
from .messages import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .messages import RequestHandler


class SimulatorTransport(httpx.BaseTransport):
    """Answers every request, for any host, from a simulator.

    ```python
    client = httpx.Client(transport=SimulatorTransport(simulator), base_url="https://management.azure.com")
    ```

    Nothing here waits. A connection that a script breaks raises the error that httpx raises for a real
    socket, and an answer that is later than the client's read timeout raises `httpx.ReadTimeout`.
    """

    def __init__(self, simulator: RequestHandler) -> None:
        """Answer from `simulator`, which stays open when the transport is closed."""
        self._simulator = simulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises:
            httpx.TransportError: A script breaks the connection.
        """
        trace = request.extensions.get("trace")
        if trace is not None:
            # As httpcore does, so that a client can refuse to send at the last moment.
            trace("simulator.send_request_headers.started", {})
        received = Request(request.method, str(request.url), request.headers, request.read())
        try:
            response = answer(self._simulator, received)
        except ConnectionCutError as broken:
            if broken.partial is None:
                raise _error(broken, request) from None
            status, headers, body = broken.partial
            return httpx.Response(status, headers=headers, stream=_CutStream(body, headers["content-length"]))
        read_timeout = request.extensions.get("timeout", {}).get("read")
        if read_timeout is not None and response.delay > read_timeout:
            raise httpx.ReadTimeout("The read operation timed out", request=request)
        return httpx.Response(
            response.status, headers=dict(response.headers), stream=httpx.ByteStream(response.body)
        )


class _CutStream(httpx.SyncByteStream):
    """A body whose connection closes before its end."""

    def __init__(self, body: bytes, promised: str) -> None:
        """Store the part that arrives, and the length that the headers promised."""
        self._body = body
        self._promised = promised

    def __iter__(self) -> Iterator[bytes]:
        """Yield the part that arrives, then break.

        Raises:
            httpx.RemoteProtocolError: Always, at the end.
        """
        yield self._body
        raise httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body "
            f"(received {len(self._body)} bytes, expected {self._promised})"
        )


def _error(broken: ConnectionCutError, request: httpx.Request) -> httpx.TransportError:
    """Return what httpx raises if a real socket breaks in this manner."""
    cut = broken.cut
    if cut.moment == BEFORE_SEND:
        if cut.manner == "timeout":
            return httpx.ConnectTimeout("timed out", request=request)
        return httpx.ConnectError("[Errno 111] Connection refused", request=request)
    match cut.manner:
        case "timeout":
            return httpx.ReadTimeout("The read operation timed out", request=request)
        case "reset":
            return httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
        case _:
            return httpx.RemoteProtocolError(
                "Server disconnected without sending a response.", request=request
            )
