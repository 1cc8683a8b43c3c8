"""The hosts that a sign-in contacts, under their own names, behind a proxy on this machine.

A client that knows the proxy from HTTPS_PROXY and HTTP_PROXY reaches `login.microsoftonline.com` and all
other hosts here, over TLS with certificates from a CA of the test. Nothing leaves the machine, no name is
resolved, and the clients have no setting that exists only for tests.
"""

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import trustme


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a host received it."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form."""
        return _first(parse_qs(self.body.decode()))

    @property
    def bearer(self) -> str:
        """The token of the Authorization header."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def url(self) -> str:
        """The URL that was requested."""
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"https://{self.host}{self.path}?{query}"


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. A body that is not bytes is sent as JSON."""

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Host = Callable[[Request], Response]


class Internet:
    """Hosts by name, and the proxy in front of them.

    Attributes:
        hosts: What answers for each name. Other names cannot be reached.
        log: Every request, oldest first.
    """

    def __init__(self, folder: Path, hosts: Mapping[str, Host]) -> None:
        """Serve `hosts`; the CA's certificate is put into `folder`."""
        self.hosts = dict(hosts)
        self.log: list[Request] = []
        ca = trustme.CA()
        self._bundle = folder / "ca.pem"
        ca.cert_pem.write_to_path(str(self._bundle))
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(*self.hosts).configure_cert(self.tls)
        # A daemon thread, because otherwise an interrupted test would hang.
        self._server = _Server(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that direct a process here."""
        proxy = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {
            **dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), proxy),
            # The addresses on which Pulumi's processes talk to each other.
            **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
            # azure-identity reads the first, through requests, and httpx reads the second.
            "REQUESTS_CA_BUNDLE": str(self._bundle),
            "SSL_CERT_FILE": str(self._bundle),
        }

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], internet: Internet) -> None:
        super().__init__(address, _Proxy)
        self.internet = internet

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing, because a client that hangs up is not an error of this server."""


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    tunnel = ""

    def do_CONNECT(self) -> None:
        """Act as the host that the client wants to reach, with its certificate."""
        host = self.path.rpartition(":")[0]
        if host not in self.server.internet.hosts:
            self.send_error(502, "No such host")
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        self.connection = self.server.internet.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.tunnel = host
        self.close_connection = False

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    def do_POST(self) -> None:
        """Answer."""
        self._answer()

    def finish(self) -> None:
        """Close the TLS connection. The base class knows only the plain one."""
        super().finish()
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base class's signature.
        """Print nothing."""

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            # Over plain http, a client sends the whole URL to a proxy.
            host=self.tunnel or parts.hostname or "",
            path=parts.path,
            query=_first(parse_qs(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        internet = self.server.internet
        internet.log.append(request)
        host = internet.hosts.get(request.host)
        response = host(request) if host else Response(502)
        content = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
        self.send_response(response.status)
        for name, value in {"Content-Type": "application/json", **response.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        # The clients belong to a program, which keeps its connections until it ends.
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)


def _first(parsed: dict[str, list[str]]) -> dict[str, str]:
    return {name: values[0] for name, values in parsed.items()}
