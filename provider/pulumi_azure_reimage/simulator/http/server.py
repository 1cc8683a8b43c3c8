"""The simulator over HTTP and HTTPS: the standard library's threading server around `handle`."""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import dataclass, replace
from http.server import ThreadingHTTPServer
from socketserver import StreamRequestHandler
from typing import TYPE_CHECKING

from .answering import answer
from .cut import ConnectionCutError
from .messages import Request, Response, error_response
from .request_head import BadRequestError, read_head
from .response_head import response_head

if TYPE_CHECKING:
    from pathlib import Path

    from .messages import RequestHandler
    from .request_head import RequestHead

# How long, and for how many bytes, a refused client may continue to send.
_LINGER_SECONDS = 1.0
_LINGER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A listening server. `url` has no trailing slash.

    Attributes:
        authority: The certificate, in PEM, that clients must trust, if the server created its own; else None.
    """

    url: str
    port: int
    authority: str | None = None

    @property
    def config(self) -> dict[str, str]:
        """The configuration that points a stack at the server."""
        return {"azure-reimage:simulator": self.url}


class SimulatorServer(ThreadingHTTPServer):
    """Listens, and passes every request to the simulator."""

    daemon_threads = True
    request_queue_size = 128  # A fleet connects at once.

    def __init__(
        self,
        simulator: RequestHandler,
        address: tuple[str, int],
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:
        """Listen on `address`, over TLS if there is a certificate (in PEM, with its key in it or in `key`).

        Raises:
            OSError: The address cannot be listened on, or the certificate cannot be used.
        """
        self.simulator = simulator
        self.stopped = threading.Event()
        self.scheme = "http" if certificate is None else "https"
        context = None if certificate is None else _tls(certificate, key)
        super().__init__(address, _Handler)
        if context is not None:
            # The handshake runs in the connection's thread, so a slow client does not delay others.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def running(self) -> RunningServer:
        """Where the server can be reached."""
        host, port = self.server_address[:2]
        name = host.decode() if isinstance(host, bytes | bytearray) else host
        return RunningServer(f"{self.scheme}://{name}:{port}", port)

    def server_close(self) -> None:
        """Stop listening, and wake the threads that delay an answer."""
        self.stopped.set()
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - as called.
        """Ignore clients that closed their connection, and show errors of the simulator."""
        if not isinstance(sys.exception(), OSError):
            traceback.print_exc()


def _tls(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """Return the server's side of TLS.

    Raises:
        OSError: The certificate or its key cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:  # OpenSSL's errors are OSErrors that name no file.
        raise OSError(f"the certificate {certificate} or its key cannot be used: {error}") from error
    return context


class _Handler(StreamRequestHandler):
    """Answers the requests of one connection, one after the other."""

    server: SimulatorServer
    disable_nagle_algorithm = True
    wbufsize = -1  # One write per response.

    def handle(self) -> None:
        """Answer until the client, or a request that cannot be parsed, ends the connection."""
        try:
            while self._answer():
                pass
        except BadRequestError as refusal:
            self._refuse(refusal)

    def _answer(self) -> bool:
        """Answer one request; return whether another may follow.

        Raises:
            BadRequestError: It is not an HTTP request.
        """
        head = read_head(self.rfile)
        if head is None:
            return False
        request = self._read_request(head)
        try:
            response = answer(self.server.simulator, request)
        except ConnectionCutError as broken:
            self._break(broken, head)
            return False
        if response.delay:
            self.server.stopped.wait(response.delay)
        self._write(response, head)
        return head.stays_open

    def _read_request(self, head: RequestHead) -> Request:
        if head.expects_continue:
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        body = self.rfile.read(head.length)
        if len(body) < head.length:
            raise BadRequestError(f"the body ended after {len(body)} of {head.length} bytes")
        authority = head.authority or "{}:{}".format(*self.server.server_address[:2])
        url = f"{self.server.scheme}://{authority}{head.target}"
        return Request(head.method, url, head.headers, body)

    def _refuse(self, refusal: BadRequestError) -> None:
        """Refuse a request whose end is not known, because the next one cannot be separated from it."""
        response = error_response(refusal.status, "BadRequest", f"This is not an HTTP request: {refusal}.")
        length = {"content-length": str(len(response.body)), "connection": "close"}
        self._write(replace(response, headers={**response.headers, **length}))
        # A socket that is closed with unread bytes is reset, and the client may lose the answer.
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(_LINGER_SECONDS)
        with suppress(OSError):
            self.rfile.read(_LINGER_BYTES)

    def _write(self, response: Response, head: RequestHead | None = None) -> None:
        self.wfile.write(response_head(response, closes=head is not None and not head.stays_open))
        if head is None or head.method != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def _break(self, broken: ConnectionCutError, head: RequestHead) -> None:
        """Break the connection. A server that was reached cannot refuse it, so `before send` closes it."""
        if broken.partial is not None:
            self._write(Response(*broken.partial), head)
        elif broken.cut.manner == "timeout":
            # Silent until the client disconnects.
            with suppress(OSError):
                self.rfile.read(1)
        elif broken.cut.manner == "reset":
            # Closing with a linger time of zero sends RST (socket(7), SO_LINGER).
            raw = socket.socket(fileno=self.connection.detach())
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raw.close()
