"""Connections: a time limit covers the whole request, and the environment names the proxy."""

import ssl
from base64 import b64encode
from collections.abc import Iterable

import httpcore
import httpx
import pytest

from pulumi_azure_reimage.arm.deadline import DeadlineTransport
from pulumi_azure_reimage.arm.transport import http_client
from pulumi_azure_reimage.errors import ConfigurationError

from ..fakes import FakeClock

URL = "https://management.azure.com/subscriptions/1"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b"x" * 20
# It trusts no certificate, so it is made quickly.
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class FakeStream(httpcore.NetworkStream):
    """A connection on which each read and each write takes some time of the fake clock."""

    def __init__(self, backend: "FakeBackend") -> None:
        self._backend = backend
        self._coming = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes."""
        self._backend.passes(timeout, httpcore.ReadTimeout)
        size = min(max_bytes, self._backend.chunk)
        given, self._coming = self._coming[:size], self._coming[size:]
        return given

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Record what is sent. A whole request is answered."""
        if not buffer:
            return
        self._backend.passes(timeout, httpcore.WriteTimeout)
        self._backend.sent.append(buffer)
        if buffer.endswith(b"\r\n\r\n"):
            connect = buffer.startswith(b"CONNECT")
            self._coming = self._backend.tunnel if connect else self._backend.answer

    def close(self) -> None:
        """Close the connection."""
        self._backend.open -= 1

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Record that TLS starts."""
        self._backend.events.append(f"TLS {server_hostname}, {timeout:.0f} s, {ssl_context is TLS}")
        return self

    def get_extra_info(self, info: str) -> object:
        """Report that nothing is waiting to be read, and give no other information."""
        return {"is_readable": False}.get(info)


class FakeBackend(httpcore.NetworkBackend):
    """A network whose reads and writes take a given time.

    Attributes:
        events: The connections that were made.
        sent: What was written.
        limits: The time limits of reads and writes.
        open: How many connections are open.
    """

    def __init__(
        self,
        clock: FakeClock,
        *,
        answer: bytes = ANSWER,
        tunnel: bytes = b"HTTP/1.1 200 OK\r\n\r\n",
        chunk: int = 65536,
        seconds: float = 0.0,
    ) -> None:
        self.answer = answer
        self.tunnel = tunnel
        self.chunk = chunk
        self.events: list[str] = []
        self.sent: list[bytes] = []
        self.limits: list[float | None] = []
        self.open = 0
        self._clock = clock
        self._seconds = seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Record the connection and its time limit."""
        assert (local_address, socket_options) == (None, None)
        self.events.append(f"TCP {host}:{port}, {timeout:.0f} s")
        self.open += 1
        return FakeStream(self)

    def passes(self, timeout: float | None, too_late: type[Exception]) -> None:
        """Spend the time of one read or write."""
        self.limits.append(timeout)
        if timeout is not None and self._seconds > timeout:
            self._clock.elapsed += timeout
            raise too_late
        self._clock.elapsed += self._seconds


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the proxies of this machine from the environment."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def client_of(backend: FakeBackend, clock: FakeClock) -> httpx.Client:
    """Return a client on this network."""
    return http_client(DeadlineTransport(clock, tls=TLS, backend=backend))


def get(client: httpx.Client, seconds: float | None = 30.0, url: str = URL) -> httpx.Response:
    """Send a GET, and read the answer to its end."""
    return client.get(url, timeout=httpx.Timeout(seconds, connect=10.0))


def test_an_answer_is_read(clock: FakeClock) -> None:
    """It comes after TCP and TLS, which have their own time limits."""
    backend = FakeBackend(clock)

    with client_of(backend, clock) as client:
        answer = get(client)

    assert (answer.status_code, answer.content) == (200, b"x" * 20)
    assert backend.events == ["TCP management.azure.com:443, 10 s", "TLS management.azure.com, 10 s, True"]
    assert backend.open == 0


@pytest.mark.parametrize(
    ("answer", "chunk"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X-Padding: x\r\n" * 1000, 1, id="headers drip"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9999, 1, id="body drips"),
        pytest.param(b"HTTP/1.1 102 Processing\r\n\r\n" * 1000, 27, id="interim answers"),
    ],
)
def test_a_dripping_answer_is_cut_off(clock: FakeClock, answer: bytes, chunk: int) -> None:
    """Each read is in time, but the whole request is not."""
    backend = FakeBackend(clock, answer=answer, chunk=chunk, seconds=0.4)

    with client_of(backend, clock) as client, pytest.raises(httpx.ReadTimeout):
        get(client)

    assert clock.elapsed == pytest.approx(30.0)
    assert backend.open == 0


def test_the_time_limit_includes_the_write(clock: FakeClock) -> None:
    """A server that reads a request slowly has less time for its answer."""
    backend = FakeBackend(clock, seconds=16.0)

    with client_of(backend, clock) as client, pytest.raises(httpx.ReadTimeout):
        get(client)

    assert backend.limits == [30.0, 14.0]


def test_a_request_that_cannot_be_written_in_time_is_too_late(clock: FakeClock) -> None:
    """Writing its headers took all the time."""
    backend = FakeBackend(clock, seconds=30.0)

    with client_of(backend, clock) as client, pytest.raises(httpx.WriteTimeout, match="the whole request"):
        client.post(URL, content=b"x", timeout=httpx.Timeout(30.0, connect=10.0))

    assert len(backend.sent) == 1


@pytest.mark.parametrize("environ", [{}, {"HTTPS_PROXY": "http://proxy.example"}], ids=["directly", "proxy"])
def test_each_request_has_its_own_connection(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    """So bytes that follow one answer can never count as the answer to the next request."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    backend = FakeBackend(clock, answer=ANSWER + ANSWER)

    with client_of(backend, clock) as client:
        get(client)
        get(client)
        assert backend.open == 0

    assert sum(event.startswith("TCP") for event in backend.events) == 2


def test_closing_an_unread_answer_closes_its_connection(clock: FakeClock) -> None:
    """An answer that is closed does not keep its connection."""
    backend = FakeBackend(clock)

    with client_of(backend, clock) as client:
        answer = client.send(client.build_request("GET", URL), stream=True)
        assert backend.open == 1
        answer.close()
        assert backend.open == 0


def test_closing_a_client_closes_its_connections(clock: FakeClock) -> None:
    """It closes the connection of each answer that was not read to its end."""
    backend = FakeBackend(clock)

    with client_of(backend, clock) as client:
        client.send(client.build_request("GET", URL), stream=True)

    assert backend.open == 0


def test_each_scheme_has_its_own_proxy_and_some_hosts_have_none(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This is also true if the requests alternate."""
    monkeypatch.setenv("HTTPS_PROXY", "http://secure.example:1")
    monkeypatch.setenv("HTTP_PROXY", "http://open.example:2")
    monkeypatch.setenv("NO_PROXY", "localhost")
    backend = FakeBackend(clock)

    with client_of(backend, clock) as client:
        for url in (URL, "http://a.example/", "http://localhost/", URL):
            get(client, url=url)

    assert [event for event in backend.events if event.startswith("TCP")] == [
        "TCP secure.example:1, 10 s",
        "TCP open.example:2, 10 s",
        "TCP localhost:80, 10 s",
        "TCP secure.example:1, 10 s",
    ]


ERRORS = [
    httpcore.ConnectTimeout,
    httpcore.ReadTimeout,
    httpcore.WriteTimeout,
    httpcore.PoolTimeout,
    httpcore.ConnectError,
    httpcore.ReadError,
    httpcore.LocalProtocolError,
    httpcore.RemoteProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_after_the_first_byte_is_the_one_that_httpx_raises(
    clock: FakeClock, kind: type[Exception]
) -> None:
    """Its class shows whether anything was sent."""

    class Broken(FakeBackend):
        def passes(self, _: float | None, too_late: type[Exception]) -> None:
            if too_late is httpcore.ReadTimeout:
                raise kind("why")

    with (
        client_of(Broken(clock), clock) as client,
        pytest.raises(httpx.TransportError, match="why") as caught,
    ):
        get(client)

    assert type(caught.value).__name__ == kind.__name__
    assert type(caught.value.__cause__) is kind


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        (httpcore.ConnectTimeout, httpx.ConnectTimeout),
        (httpcore.ReadTimeout, httpx.ConnectTimeout),
        (httpcore.WriteTimeout, httpx.ConnectTimeout),
        (httpcore.PoolTimeout, httpx.PoolTimeout),
        (httpcore.ConnectError, httpx.ConnectError),
        (httpcore.ReadError, httpx.ConnectError),
        (httpcore.WriteError, httpx.ConnectError),
        (httpcore.LocalProtocolError, httpx.LocalProtocolError),
        (httpcore.RemoteProtocolError, httpx.ConnectError),
        (httpcore.ProxyError, httpx.ProxyError),
        (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
        (OSError, httpx.ConnectError),
        (UnicodeError, httpx.ConnectError),
        (OverflowError, httpx.ConnectError),
    ],
    ids=lambda kind: kind.__name__,
)
def test_an_error_before_the_first_byte_is_one_of_connecting(
    clock: FakeClock, kind: type[Exception], ours: type[Exception]
) -> None:
    """Each of these classes means that nothing was sent."""

    class Broken(FakeBackend):
        def connect_tcp(self, *_: object, **__: object) -> httpcore.NetworkStream:
            raise kind("why")

    with client_of(Broken(clock), clock) as client, pytest.raises(ours, match="why") as caught:
        get(client)

    assert type(caught.value) is ours
    assert type(caught.value.__cause__) is kind


@pytest.mark.parametrize("kind", [OSError, ValueError])
def test_a_system_error_after_the_first_byte_passes_unchanged(
    clock: FakeClock, kind: type[Exception]
) -> None:
    """It is not turned into an error of connecting."""

    class Broken(FakeBackend):
        def passes(self, *_: object) -> None:
            raise kind("why")

    with client_of(Broken(clock), clock) as client, pytest.raises(kind, match="why"):
        get(client)


@pytest.mark.parametrize("seconds", [30.0, 100.0])
def test_an_address_that_is_found_too_late_is_not_written_to(clock: FakeClock, seconds: float) -> None:
    """A look-up of a name has no time limit of ours. The server gets no byte of the request."""

    class SlowName(FakeBackend):
        def connect_tcp(self, *_: object, **__: object) -> httpcore.NetworkStream:
            clock.elapsed += seconds
            return FakeStream(self)

    backend = SlowName(clock)

    with (
        client_of(backend, clock) as client,
        pytest.raises(httpx.ConnectTimeout, match="established too late"),
    ):
        get(client, 30.0)

    assert backend.sent == []


# What a proxy answers to CONNECT.
STRANGE = [
    pytest.param(b"", httpx.ConnectError, id="hangs up"),
    pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", httpx.ConnectError, id="is no proxy"),
    pytest.param(b"HTTP/1.1 200", httpx.ConnectError, id="is cut"),
    pytest.param(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", httpx.ProxyError, id="407"),
    pytest.param(b"HTTP/1.1 403 \r\n\r\n", httpx.ProxyError, id="403"),
    pytest.param(b"HTTP/1.1 502 Bad Gateway\r\n\r\n", httpx.ProxyError, id="502"),
    pytest.param(b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", httpx.ProxyError, id="301"),
]


@pytest.mark.parametrize(("answer", "error"), STRANGE)
def test_nothing_is_sent_through_a_proxy_that_opens_no_tunnel(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, answer: bytes, error: type[Exception]
) -> None:
    """The proxy saw only the name of the host. Our request was not written, and its check did not run."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:22")
    backend = FakeBackend(clock, tunnel=answer)
    checked: list[str] = []
    extensions = {"trace": lambda event, _: checked.append(event)}

    with client_of(backend, clock) as client, pytest.raises(error) as caught:
        client.post(URL, content=b"secret", timeout=httpx.Timeout(30.0, connect=10.0), extensions=extensions)

    assert type(caught.value) is error
    assert [b.partition(b" ")[0] for b in backend.sent] == [b"CONNECT"]
    assert [event for event in checked if "send_request" in event] == []


def test_nothing_is_sent_through_a_silent_proxy(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request fails when its time is over."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:22")
    backend = FakeBackend(clock, seconds=20.0)

    with client_of(backend, clock) as client, pytest.raises(httpx.ConnectTimeout):
        get(client, 30.0)

    assert len(backend.sent) == 1


@pytest.mark.parametrize(
    "environ", [{}, {"HTTPS_PROXY": "http://proxy.example"}], ids=["directly", "through a proxy"]
)
def test_no_request_waits_for_another(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    """Unread answers hold their connections, but 30 of them do not keep the next request from getting one."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    backend = FakeBackend(clock)
    timeout = httpx.Timeout(30.0, connect=10.0, pool=0.0)

    with client_of(backend, clock) as client:
        request = client.build_request("GET", URL, timeout=timeout)
        answers = [client.send(request, stream=True) for _ in range(30)]
        for answer in answers:
            answer.close()

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize(
    ("environ", "event"),
    [
        pytest.param({"HTTPS_PROXY": "http://proxy.example:3128"}, "TCP proxy.example:3128", id="a URL"),
        pytest.param({"https_proxy": "proxy.example:3128"}, "TCP proxy.example:3128", id="a host"),
        pytest.param({"HTTPS_PROXY": "http://proxy.example:1"}, "TCP proxy.example:1", id="the first port"),
        pytest.param({"HTTPS_PROXY": "proxy.example:65535"}, "TCP proxy.example:65535", id="the last port"),
        pytest.param({"ALL_PROXY": "http://proxy.example"}, "TCP proxy.example:80", id="for all"),
        pytest.param({"HTTPS_PROXY": "https://proxy.example"}, "TCP proxy.example:443", id="with TLS"),
        pytest.param({"HTTP_PROXY": "http://proxy.example"}, "TCP management.azure.com:443", id="for http"),
        pytest.param(
            {"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "localhost,.azure.com"},
            "TCP management.azure.com:443",
            id="not for this one",
        ),
    ],
)
def test_the_environment_names_the_proxy(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], event: str
) -> None:
    """The variables mean the same as for other clients."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    backend = FakeBackend(clock)

    with client_of(backend, clock) as client:
        get(client)

    assert backend.events[0] == f"{event}, 10 s"


def test_a_proxy_gets_its_password_and_nothing_else(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our headers go through the tunnel to the server."""
    monkeypatch.setenv("HTTPS_PROXY", "http://user:p%40ss@proxy.example:3128")
    backend = FakeBackend(clock)

    with client_of(backend, clock) as client:
        client.get(URL, headers={"Authorization": "Bearer a"}, timeout=httpx.Timeout(30.0, connect=10.0))

    connect = backend.sent[0].decode()
    assert connect.startswith("CONNECT management.azure.com:443 HTTP/1.1\r\n")
    assert f"Proxy-Authorization: Basic {b64encode(b'user:p@ss').decode()}" in connect
    assert "Bearer" not in connect
    assert backend.events[1] == "TLS management.azure.com, 10 s, True"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("socks5://u:s3cr3t@proxy.example", "proxies of the kind socks5 are not supported"),
        ("http://u:s3cr3t@proxy.example:port", "it is not a URL with a host and a port"),
        ("http://u:s3cr3t@proxy.example:99999", "it is not a URL|a port that does not exist"),
        ("http://u:s3cr3t@proxy.example:65536", "it is not a URL|a port that does not exist"),
        ("http://u:s3cr3t@proxy.example:0", "a port that does not exist"),
        ("http://u:s3cr3t@:3128", "it has no host"),
        ("http://u:s3cr3t/@proxy.example:3128", "it is not a URL with a host and a port"),
        ("http://[::1", "it is not a URL with a host and a port"),
        ("http://", "it has no host"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_an_error_of_the_configuration(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, value: str, reason: str
) -> None:
    """Nothing is sent without the proxy, and no part of its password is shown."""
    monkeypatch.setenv("HTTPS_PROXY", value)
    backend = FakeBackend(clock)

    with client_of(backend, clock) as client, pytest.raises(ConfigurationError, match=reason) as caught:
        get(client)

    assert "HTTPS_PROXY" in caught.value.message
    assert caught.value.message.endswith("Nothing was sent.")
    assert "s3cr3t" not in caught.value.message
    assert (backend.events, backend.sent) == ([], [])


def test_a_request_without_a_limit_has_none(clock: FakeClock) -> None:
    """The product always sets a limit."""
    backend = FakeBackend(clock, seconds=1e6)

    with client_of(backend, clock) as client:
        client.get(URL, timeout=httpx.Timeout(None, connect=10.0))

    assert set(backend.limits) == {None}


def test_the_network_is_ready_without_connecting() -> None:
    """It trusts the same certificates as httpx."""
    with http_client() as client:
        assert client.is_closed is False
