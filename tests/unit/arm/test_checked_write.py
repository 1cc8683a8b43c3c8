"""The check right before a request is written, over a real socket: what the server gets, and the outcome."""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Thread

import pytest

from pulumi_azure_reimage.arm.transport import ArmTransport, NoAnswerError, NotSent, NotSentError, http_client

from ..fakes import POST, FakeTokens

pytestmark = pytest.mark.usefixtures("socket_enabled")

ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
UNAUTHORIZED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_END = b"the end of the test"
BODY = {"tempDisk": True}
BODY_BYTES = b'{"tempDisk":true}'


class Server:
    """A server on this machine, because these tests need a real socket.

    Attributes:
        received: What came over each connection, until its end or the end of the request.
        answers: The answers to the requests, in order.
    """

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.answers: list[bytes] = [ACCEPTED]
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def end(self) -> None:
        """Stop after serving, in order, every connection that was made before."""
        if self._thread.is_alive():
            with socket.create_connection(self._listening.getsockname()) as last:
                last.sendall(_END)
            self._thread.join()
            self._listening.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            with connection:
                received = self._answer(connection)
            if received == _END:
                return
            self.received.append(received)

    def _answer(self, connection: socket.socket) -> bytes:
        received = b""
        announced = f"content-length: {len(BODY_BYTES)}".encode()
        while chunk := connection.recv(65536):
            received += chunk
            headers, end, body = received.partition(b"\r\n\r\n")
            expected = len(BODY_BYTES) if announced in headers.lower() else 0
            if end and len(body) >= expected:
                connection.sendall(self.answers.pop(0))
                break
        return received


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server that accepts one request."""
    started = Server()
    yield started
    started.end()


def send(
    server: Server,
    stops: Callable[[], NotSent | None],
    uptimes: Sequence[float] = (),
    body: Mapping[str, object] | None = None,
) -> int:
    """POST with a check, at these readings of the clock, and return the HTTP status."""
    left = iter(uptimes)
    with http_client() as client:
        transport = ArmTransport(server.url, FakeTokens(), client=client, uptime=lambda: next(left, 100.0))
        return transport.post(POST.path, {}, body, stops).status


@pytest.mark.parametrize("body", [BODY, None], ids=["with a body", "without one"])
def test_a_request_that_may_be_sent_is_written_whole(
    server: Server, body: Mapping[str, object] | None
) -> None:
    """The check leaves no trace in the request."""
    assert send(server, lambda: None, body=body) == 202

    server.end()
    (received,) = server.received
    assert received.startswith(f"POST {POST.path} HTTP/1.1\r\n".encode())
    assert received.endswith(BODY_BYTES if body else b"\r\n\r\n")


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("body", [BODY, None], ids=["with a body", "without one"])
def test_a_request_that_must_not_be_sent_writes_no_byte(
    server: Server, body: Mapping[str, object] | None, *, final: bool
) -> None:
    """The connection is already open, so nothing else can delay the write."""
    with pytest.raises(NotSentError, match="the engine has ended") as caught:
        send(server, lambda: NotSent("the engine has ended", final=final), body=body)

    server.end()
    assert caught.value.final is final
    assert server.received == [b""]


def test_the_check_comes_after_the_connection(server: Server) -> None:
    """Without a connection there is nothing to check, and the request may be tried again."""
    asked: list[str] = []

    def stops() -> None:
        asked.append("asked")

    server.end()
    with pytest.raises(NotSentError) as caught:
        send(server, stops)

    assert not caught.value.final
    assert asked == []


def test_each_attempt_is_checked(server: Server) -> None:
    """After a 401 the request gets another token, which may have taken minutes."""
    server.answers = [UNAUTHORIZED, ACCEPTED]
    verdicts = iter([None, NotSent("the engine has ended", final=True)])

    with pytest.raises(NotSentError, match="the engine has ended"):
        send(server, lambda: next(verdicts))

    server.end()
    assert [bool(received) for received in server.received] == [True, False]


# A process that is suspended between its check and its write


def test_a_request_that_is_written_within_two_seconds_is_sent(server: Server) -> None:
    """The fence of the next run relies on this."""
    assert send(server, lambda: None, (10.0, 12.0), BODY) == 202


def test_a_request_whose_body_comes_too_late_is_not_sent(server: Server) -> None:
    """The server gets headers that announce a body, but never the body, so it has no whole request."""
    with pytest.raises(NotSentError, match="not written within 2 s") as caught:
        send(server, lambda: None, (10.0, 12.1), BODY)

    server.end()
    (received,) = server.received
    assert caught.value.final
    assert received.endswith(b"\r\n\r\n")
    assert BODY_BYTES not in received


def test_a_request_without_a_body_that_came_too_late_may_have_been_sent(server: Server) -> None:
    """Its headers are the whole request, so it is in doubt, as after a lost answer."""
    with pytest.raises(NoAnswerError, match="not written within 2 s"):
        send(server, lambda: None, (10.0, 12.1))
