"""The simulator over HTTP and HTTPS: the standard library's threading server around `handle`."""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from .messages import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .simulator import Simulator


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
        simulator: Simulator,
        address: tuple[str, int],
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:
        """Listen on `address`; with a certificate (PEM, its key there or in `key`) over TLS."""
        super().__init__(address, _Handler)
        self.simulator = simulator
        self.scheme = "http" if certificate is None else "https"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            # The handshake is left to the thread of the connection: a slow client stops nobody else.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def running(self) -> RunningServer:
        """Where the server can be reached."""
        host, port = self.server_address[:2]
        name = host.decode() if isinstance(host, bytes | bytearray) else host
        return RunningServer(f"{self.scheme}://{name}:{port}", port)


class _Handler(BaseHTTPRequestHandler):
    server: SimulatorServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # One write per response.

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        host = self.headers.get("host") or "{}:{}".format(*self.server.server_address[:2])
        response = self.server.simulator.handle(
            Request(
                method=self.command,
                url=f"{self.server.scheme}://{host}{self.path}",
                headers=dict(self.headers.items()),
                body=self.rfile.read(length),
            )
        )
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)
        self.wfile.flush()

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answer every method alike: the base class looks for `do_` and the method's name."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so.
        """Stay silent: the simulator keeps its own request log."""


@contextmanager
def serve(
    simulator: Simulator,
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
