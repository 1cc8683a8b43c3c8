"""A server on a real loopback socket that misbehaves as instructed, and records all that reaches it.

It always ends, because nothing in it waits longer than `_LONGEST`, and closing it ends every wait at once.
"""

import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from io import BufferedReader
from threading import Event, Lock, Thread
from typing import Protocol, Self

# The first byte of a TLS connection (RFC 8446, section 5.1).
_TLS_HANDSHAKE = b"\x16"
# Longer than any test waits, and short enough for a test that fails.
_LONGEST = 30.0


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came over the network, with header names in lower case.

    Attributes:
        connection: The number of the connection that it came on.
        at: The number of seconds that had passed by then, on the client's clock.
    """

    connection: int
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def question(self) -> str:
        """What it is about: `POST`, `POLL`, `VM`, `PERMISSIONS` or `LOCKS`, and anything else in full."""
        path = self.target.partition("?")[0].casefold()
        if self.method == "POST" and path.endswith("/reimage"):
            return "POST"
        if self.method == "GET" and "/operations/" in path:
            return "POLL"
        for asked in ("permissions", "locks"):
            if path.endswith(f"/providers/microsoft.authorization/{asked}"):
                return asked.upper()
        if self.method == "GET" and "/virtualmachines/" in path:
            return "VM"
        return f"{self.method} {path}"


class Wire:
    """One connection, as a behaviour uses it.

    Attributes:
        sock: The socket.
        names: The values of names in braces, such as the address of this server for `{arm}`.
        written: How many bytes the network accepted.
    """

    def __init__(self, sock: socket.socket, stopped: Event, names: Mapping[str, str]) -> None:
        self.sock = sock
        self._stopped = stopped
        self.names = names
        self.written = 0

    def send(self, data: bytes) -> None:
        """Write all of it.

        Raises:
            OSError: the client has gone.
        """
        self.sock.sendall(data)
        self.written += len(data)

    def wait(self, seconds: float = _LONGEST) -> None:
        """Do nothing for a while, or until the server is closed."""
        self._stopped.wait(seconds)

    @property
    def stopped(self) -> bool:
        """Report whether the server is being closed."""
        return self._stopped.is_set()

    def reset(self) -> None:
        """End the connection with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Behaviour(Protocol):
    """What a server does with one request."""

    def play(self, wire: Wire) -> bool:
        """Do it, and report whether the connection stays open."""


class FaultServer:
    """Answers each kind of request with its own list of behaviours, the last of which is repeated.

    Attributes:
        requests: Every request, in the order of their arrival.
        played: What was done with each request.
        connections: How many connections were made.
        written: How many bytes of answers the network accepted, by kind of request.
        left: The kinds of requests whose answers the client did not read to the end.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        listening: bool = True,
        hangs_up: bool = False,
        elapsed: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.requests: list[Received] = []
        self.played: list[Behaviour] = []
        self.connections = 0
        self.written: dict[str, int] = {}
        self.left: list[str] = []
        self.names: dict[str, str] = {}
        self._tls = tls
        self._hangs_up = hangs_up
        self._elapsed = elapsed
        self._script: dict[str, list[Behaviour]] = {}
        self._lock = Lock()
        self._stopped = Event()
        self._threads: list[Thread] = []
        # A reserved port. Until the server listens, connections to it are refused.
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        if listening:
            self.listen()

    def __enter__(self) -> Self:
        """Return the server, which is already listening."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every wait, and wait for every thread."""
        self._stopped.set()
        # `accept` cannot be interrupted, but it can be given a connection.
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=_LONGEST).close()
        for thread in self._threads:
            thread.join(_LONGEST)
            assert not thread.is_alive(), "A connection of the test server does not end."
        self._listener.close()

    @property
    def url(self) -> str:
        """The address, without a trailing slash."""
        scheme, host = ("https", "localhost") if self._tls else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self.port}"

    def listen(self) -> None:
        """Accept connections from now on."""
        self._listener.listen()
        self._start(self._accept)

    def on(self, question: str, *behaviours: Behaviour) -> None:
        """Answer a kind of request in these ways, one after the other."""
        self._script[question] = list(behaviours)

    def asked(self, question: str) -> int:
        """Return how often a kind of request came."""
        return sum(request.question == question for request in self.requests)

    def wait_for_the_answers(self) -> None:
        """Wait until every answer that was begun is sent, or the client has hung up."""
        for thread in self._threads[1:]:
            thread.join(_LONGEST)

    def _start(self, run: object, *args: object) -> None:
        assert callable(run)
        thread = Thread(target=run, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopped.is_set():
                connection.close()
                return
            self.connections += 1
            self._start(self._serve, connection, self.connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        connection.settimeout(_LONGEST)
        # In many tests the client hangs up. `left` records it where it matters.
        with ExitStack() as stack, suppress(OSError):
            stack.enter_context(closing(connection))
            if self._hangs_up:
                return
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                stack.enter_context(closing(connection))
            reader = stack.enter_context(connection.makefile("rb"))
            while self._answered(connection, reader, number):
                pass

    def _answered(self, connection: socket.socket, reader: BufferedReader, number: int) -> bool:
        """Serve one request, and report whether the connection stays open."""
        request = _read_request(reader, number, self._elapsed)
        if request is None:
            return False
        with self._lock:
            self.requests.append(request)
            script = self._script.get(request.question, [])
            if not script:
                # This request is not expected. The test will find it, and need not wait for it.
                return False
            behaviour = script.pop(0) if len(script) > 1 else script[0]
            self.played.append(behaviour)
        wire = Wire(connection, self._stopped, self.names)
        try:
            return behaviour.play(wire)
        except OSError:
            self.left.append(request.question)
            raise
        finally:
            self.written[request.question] = self.written.get(request.question, 0) + wire.written


class BlackHole:
    """A port that never answers: its queue is full, so the kernel ignores new connections."""

    def __init__(self) -> None:
        self._sockets = [socket.socket()]
        self._sockets[0].bind(("127.0.0.1", 0))
        self._sockets[0].listen(0)
        self.port: int = self._sockets[0].getsockname()[1]

    def __enter__(self) -> Self:
        """Fill the queue."""
        for _ in range(4):
            caller = socket.socket()
            self._sockets.append(caller)
            caller.setblocking(False)  # noqa: FBT003 - the socket module's own signature.
            with suppress(BlockingIOError):
                caller.connect(("127.0.0.1", self.port))
        return self

    def __exit__(self, *_: object) -> None:
        """Release all connections."""
        for sock in self._sockets:
            sock.close()


def _read_request(reader: BufferedReader, connection: int, elapsed: Callable[[], float]) -> Received | None:
    """Read a request, or None if the client sends no more, or uses TLS with a server that does not."""
    if reader.peek(1)[:1] == _TLS_HANDSHAKE:
        return None
    words = reader.readline().decode("latin-1").split()
    if len(words) != 3:
        return None
    headers: dict[str, str] = {}
    while line := reader.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = reader.read(int(headers.get("content-length", 0)))
    return Received(connection, words[0], words[1], headers, body, elapsed())
