"""A simulator over HTTP or HTTPS, with its admin API, its page and its access log."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TextIO

from .admin.application import Application
from .admin.visitors import is_loopback
from .http.access_log import AccessLog
from .http.server import RunningServer, SimulatorServer
from .simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .http.messages import RequestHandler


@dataclass(frozen=True, slots=True)
class ServedSimulator:
    """A simulator, and where other processes reach it."""

    simulator: Simulator
    server: RunningServer

    @property
    def url(self) -> str:
        """The address, without a trailing slash. The page and the admin API are at `/_simulator/`."""
        return self.server.url

    @property
    def config(self) -> dict[str, str]:
        """The configuration that points a stack at the server."""
        return self.server.config


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """How a simulator is served.

    Attributes:
        port: The port; 0 means any free one.
        tls: Whether to serve over HTTPS, with a new certificate.
        certificate: The certificate for HTTPS: a PEM file, which also holds the key unless `key` names it.
        access_log: Where a line for each request is written.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = False
    certificate: Path | None = None
    key: Path | None = None
    access_log: TextIO | None = None


def make_server(simulator: RequestHandler, options: ServeOptions) -> tuple[SimulatorServer, RunningServer]:
    """Listen. The server answers as soon as its loop runs.

    A handler that is not a simulator is served without an admin API.

    Raises:
        OSError: The address cannot be listened on, or the certificate cannot be used.
    """
    if not options.tls:
        server = _listen(simulator, options, options.certificate)
        return server, server.running
    # Lazy: a server without TLS does not need cryptography.
    from .http.certificate import LOOPBACK_NAMES, make_certificate  # noqa: PLC0415 - see above.

    names = dict.fromkeys((*LOOPBACK_NAMES, options.host))
    made = make_certificate([*names], datetime.now(UTC))
    with TemporaryDirectory() as folder:  # OpenSSL reads keys only from files.
        certificate = Path(folder) / "server.pem"
        certificate.touch(mode=0o600)
        certificate.write_text(made.chain_and_key, encoding="ascii")
        server = _listen(simulator, options, certificate, made.authority)
    return server, RunningServer(server.running.url, server.running.port, made.authority)


def _listen(
    handler: RequestHandler, options: ServeOptions, certificate: Path | None, authority: str | None = None
) -> SimulatorServer:
    if isinstance(handler, Simulator):
        handler = Application(handler, is_loopback(options.host), authority)
    if options.access_log is not None:
        handler = AccessLog(handler, options.access_log)
    return SimulatorServer(handler, (options.host, options.port), certificate, options.key)


@contextmanager
def serve(  # noqa: PLR0913 - the options of a server, by name.
    simulator: RequestHandler,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: bool = False,
    certificate: Path | None = None,
    key: Path | None = None,
    access_log: TextIO | None = None,
) -> Iterator[RunningServer]:
    """Serve `simulator` in the background while the block runs. The arguments are those of `ServeOptions`.

    Raises:
        OSError: The address cannot be listened on, or the certificate cannot be used.
    """
    options = ServeOptions(
        host=host, port=port, tls=tls, certificate=certificate, key=key, access_log=access_log
    )
    server, running = make_server(simulator, options)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
