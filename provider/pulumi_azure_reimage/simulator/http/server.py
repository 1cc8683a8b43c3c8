"""The simulator over HTTP and HTTPS: the standard library's threading server around `handle`."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from .cut import ConnectionCutError
from .messages import Request, Response, empty_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from .messages import RequestHandler

_LENGTH = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that is listening; `url` has no slash at its end."""

    url: str
    port: int


class SimulatorServer(ThreadingHTTPServer):
    """Listens, and hands every request to the simulator."""

    daemon_threads = True
    request_queue_size = 128  # A fleet connects at once.

    def __init__(
        self,
        simulator: RequestHandler,
        address: tuple[str, int],
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:
        """Listen on `address`; with a certificate (PEM, its key there or in `key`) over TLS.

        Raises:
            OSError: The address cannot be listened on, or the certificate cannot be used.
        """
        self.simulator = simulator
        self.stopped = threading.Event()
        self.scheme = "http" if certificate is None else "https"
        context = None if certificate is None else _tls(certificate, key)
        super().__init__(address, _Handler)
        if context is not None:
            # The handshake is left to the thread of the connection: a slow client holds up no other.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def running(self) -> RunningServer:
        """Where the server can be reached."""
        host, port = self.server_address[:2]
        name = host.decode() if isinstance(host, bytes | bytearray) else host
        return RunningServer(f"{self.scheme}://{name}:{port}", port)

    def server_close(self) -> None:
        """Stop listening, and wake those that hold back an answer."""
        self.stopped.set()
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent about clients that went away: that is their right."""


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


class _Handler(BaseHTTPRequestHandler):
    server: SimulatorServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # One write per response.

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answer every method alike: the base class looks for `do_` and the method's name."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so.
        """Stay silent: the simulator keeps its own request log."""

    def _answer(self) -> None:
        if "transfer-encoding" in self.headers:
            self._refuse(HTTPStatus.LENGTH_REQUIRED)  # The standard library reads no chunks.
            return
        length = _read_content_length(self.headers.get_all("content-length", []))
        if length is None:
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        try:
            response = self.server.simulator.handle(self._read_request(length))
        except ConnectionCutError as broken:
            self._break(broken)
            return
        if response.delay:
            self.server.stopped.wait(response.delay)
        self._write(response)

    def _refuse(self, status: HTTPStatus) -> None:
        """Refuse a request whose end is not known: what follows it cannot be told apart."""
        self.close_connection = True
        self._write(empty_response(status, {"content-length": "0"}))

    def _read_request(self, length: int) -> Request:
        host = self.headers.get("host") or "{}:{}".format(*self.server.server_address[:2])
        return Request(
            method=self.command,
            url=f"{self.server.scheme}://{host}{self.path}",
            headers=dict(self.headers.items()),
            body=self.rfile.read(length),
        )

    def _write(self, response: Response) -> None:
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def _break(self, broken: ConnectionCutError) -> None:
        """Break the connection: a server that is reached cannot refuse it, so `before send` closes it too."""
        self.close_connection = True
        if broken.partial is not None:
            self._write(Response(*broken.partial))
        elif broken.cut.manner == "timeout":
            # Silent until the client goes away.
            with suppress(OSError):
                self.rfile.read(1)
        elif broken.cut.manner == "reset":
            # Closing with a linger time of zero sends RST (socket(7), SO_LINGER).
            raw = socket.socket(fileno=self.connection.detach())
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raw.close()


def _read_content_length(values: Sequence[str]) -> int | None:
    """Return the length of a body; None when the header is not one number of at most a gigabyte."""
    if not values:
        return 0
    is_number = len(values) == 1 and _LENGTH.fullmatch(values[0].strip(" \t"))
    return int(values[0]) if is_number else None


@contextmanager
def serve(
    simulator: RequestHandler,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    certificate: Path | None = None,
    key: Path | None = None,
) -> Iterator[RunningServer]:
    """Serve `simulator` in the background while the block runs; port 0 takes a free one."""
    server = SimulatorServer(simulator, (host, port), certificate, key)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
