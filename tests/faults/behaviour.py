"""What a server, or something in front of it, can do with a request: answer well, badly, slowly or never."""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Literal, Self

from tests.unit.fakes import Reply

from .server import Wire

BOMB_SIZE = 200_000_000
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A well-formed answer, on a connection that stays open.

    Attributes:
        body: Bytes are sent as they are, anything else as JSON.
        headers: In them and in the JSON, `{arm}` stands for the address of the server.
        length: What Content-Length says, if that is wrong. The connection then ends.
    """

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None

    @classmethod
    def from_reply(cls, reply: Reply) -> Self:
        """Return the answer of a scripted ARM as one for a socket."""
        return cls(reply.status, reply.body, reply.headers)

    def play(self, wire: Wire) -> bool:
        """Send it."""
        wire.send(self.bytes(wire))
        return self.length is None

    def bytes(self, wire: Wire) -> bytes:
        """Return it as it goes over the network."""
        body = self.body if isinstance(self.body, bytes) else _named(json.dumps(self.body), wire).encode()
        length = len(body) if self.length is None else self.length
        headers = {"Content-Length": str(length), **self.headers}
        known = self.status in {status.value for status in HTTPStatus}
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase if known else ''}",
            *(f"{name}: {_named(value, wire)}" for name, value in headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


End = Literal["close", "reset", "silence"]


@dataclass(frozen=True, slots=True)
class Raw:
    """Arbitrary bytes; then the connection is closed, or reset, or nothing more comes."""

    data: bytes = b""
    then: End = "close"

    def play(self, wire: Wire) -> bool:
        """Send them."""
        wire.send(self.data)
        match self.then:
            case "reset":
                wire.reset()
            case "silence":
                wire.wait()
            case "close":
                pass
        return False


@dataclass(frozen=True, slots=True)
class Part:
    """The first bytes of an answer.

    Attributes:
        size: How many bytes; a negative number counts from the end.
        then: What comes after them.
    """

    answer: Answer
    size: int
    then: End = "close"

    def play(self, wire: Wire) -> bool:
        """Send them."""
        return Raw(self.answer.bytes(wire)[: self.size], self.then).play(wire)


@dataclass(frozen=True, slots=True)
class Silence:
    """Never an answer."""

    def play(self, wire: Wire) -> bool:
        """Wait until the test is over."""
        wire.wait()
        return False


@dataclass(frozen=True, slots=True)
class Drip:
    """An answer that comes one byte at a time: each byte in time, the whole answer after 8 s or more.

    Attributes:
        dripping_headers: Whether the headers drip too; the body always does.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    dripping_headers: bool = False

    def play(self, wire: Wire) -> bool:
        """Send it byte by byte until the client hangs up."""
        padding = {"X-Padding": "x" * 400} if self.dripping_headers else {}
        data = Answer(self.status, b" " * 400, {**self.headers, **padding}).bytes(wire)
        at_once = 0 if self.dripping_headers else data.index(b"\r\n\r\n") + 4
        wire.send(data[:at_once])
        for byte in data[at_once:]:
            wire.wait(0.02)
            if wire.stopped:
                return False
            wire.send(bytes([byte]))
        return True


@dataclass(frozen=True, slots=True)
class Flood:
    """A body of 200 MB without a declared end, not compressed."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def play(self, wire: Wire) -> bool:
        """Send it until the client hangs up."""
        wire.send(Answer(self.status, b"", self.headers, length=BOMB_SIZE).bytes(wire))
        for _ in range(BOMB_SIZE // 100_000):
            if wire.stopped:
                break
            wire.send(b" " * 100_000)
        return False


@dataclass(frozen=True, slots=True)
class Bomb:
    """A body of 200 kB that unpacks to 200 MB."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def play(self, wire: Wire) -> bool:
        """Send it."""
        return Answer(self.status, bomb(), {**self.headers, "Content-Encoding": "gzip"}).play(wire)


@dataclass(frozen=True, slots=True)
class Interim:
    """Interim answers (1xx) for 8 s, and never a final one."""

    def play(self, wire: Wire) -> bool:
        """Send them until the client hangs up."""
        for _ in range(400):
            wire.wait(0.02)
            if wire.stopped:
                break
            wire.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        return False


@cache
def bomb() -> bytes:
    """Return 200 kB of gzip that hold 200 MB of blanks, which are not JSON."""
    squeeze = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    blanks = b" " * _MEGABYTE
    return b"".join(squeeze.compress(blanks) for _ in range(BOMB_SIZE // _MEGABYTE)) + squeeze.flush()


def _named(text: str, wire: Wire) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: wire.names.get(found[1], found[0]), text)
