r"""Undoes the escapes that others may have added to a text, and keeps the position of each character.

One reading undoes one level of escapes: percent-encoding, HTML entities, and the backslashes of JSON, Python
and shells. A text that was escaped twice needs two readings. Every reading is searched, because a secret may
also be in the text without escapes.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_READINGS = 5
"""No server escapes a text more often than this."""

_HEX = "[0-9a-fA-F]"
_ESCAPE = re.compile(
    rf"(?P<percent>(?:%{_HEX}{{2}})+)"
    rf"|%u(?P<iis>{_HEX}{{4}})"
    rf"|(?P<entity>&(?:#[0-9]{{1,7}}|#[xX]{_HEX}{{1,6}}|[a-zA-Z][a-zA-Z0-9]{{1,30}});?)"
    # A character beyond the first 65,536 is written as two escapes in JSON.
    rf"|\\u(?P<high>[dD][89abAB]{_HEX}{{2}})\\u(?P<low>[dD][c-fC-F]{_HEX}{{2}})"
    rf"|\\(?:u(?P<u>{_HEX}{{4}})|U(?P<U>{_HEX}{{8}})|u\{{(?P<js>{_HEX}{{1,6}})\}}|x(?P<x>{_HEX}{{2}}))"
    r"|\\(?P<letter>[abfnrtv0])"
    # JSON escapes quotes, slashes and backslashes, and a shell escapes every punctuation mark.
    r"|\\(?P<sign>[^\w\s])"
)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "a": "\a", "v": "\v", "0": "\0"}
_LAST_CODE_POINT = 0x10FFFF

TORN_ESCAPE = re.compile(rf"(?:%(?:u{_HEX}{{0,3}}|{_HEX}?)|\\(?:[uUx]{_HEX}{{0,7}})?|&#?\w{{0,8}})\Z")
"""The beginning of an escape at the end of a truncated text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with some levels of its escapes undone.

    Attributes:
        text: The text as read.
        starts: Where each character of it begins in the original.
        ends: Where each character of it ends in the original.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def unescaped(self) -> Reading | None:
        """Return the reading with one more level undone; None if nothing in it is escaped."""
        chars: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for escape in _ESCAPE.finditer(self.text):
            chars.append(self.text[done : escape.start()])
            starts += self.starts[done : escape.start()]
            ends += self.ends[done : escape.start()]
            for char, first, behind in _unescape(escape):
                chars.append(char)
                starts.append(self.starts[first])
                ends.append(self.ends[behind - 1])
            done = escape.end()
        if not done:
            return None
        chars.append(self.text[done:])
        return Reading("".join(chars), [*starts, *self.starts[done:]], [*ends, *self.ends[done:]])


def readings(text: str) -> Iterator[Reading]:
    """Yield a text as it is, and then with one more level of escapes undone each time."""
    reading: Reading | None = Reading(text, range(len(text)), range(1, len(text) + 1))
    for _ in range(_MOST_READINGS):
        if reading is None:
            return
        yield reading
        reading = reading.unescaped()


def fold(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text without case and accents, and the position of each.

    Their order stays, even if a server changes white space, quotes and punctuation.
    """
    kept = [at for at, char in enumerate(text) if char.isalnum()]
    if text.isascii():
        return "".join([text[at] for at in kept]).lower(), kept
    return "".join([_plain(text[at]) for at in kept]), kept


def _plain(char: str) -> str:
    """Return one character for each character, so that positions stay valid."""
    return unicodedata.normalize("NFKD", char)[0].lower()[0]


def _unescape(escape: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    """Yield each character that an escape stands for, and the part of the text that it is read from."""
    start, end = escape.span()
    match escape.lastgroup:
        case "percent":
            yield from _unquote(escape[0], start)
        case "entity":
            yield from ((char, start, end) for char in html.unescape(escape[0]))
        case "low":
            pair = bytes.fromhex(escape["high"] + escape["low"])
            yield pair.decode("utf-16-be"), start, end
        case "letter":
            yield _LETTERS[escape["letter"]], start, end
        case "sign":
            yield escape["sign"], start, end
        case name:
            code = int(escape[name or 0], 16)
            yield (chr(code) if code <= _LAST_CODE_POINT else " "), start, end


def _unquote(encoded: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Read percent-encoded UTF-8, and anything else as Latin-1."""
    raw = bytes.fromhex(encoded.replace("%", ""))
    for char in raw.decode("utf-8", "surrogateescape"):
        behind = start + 3 * len(char.encode("utf-8", "surrogateescape"))
        escaped = "\udc80" <= char <= "\udcff"
        yield (chr(ord(char) - 0xDC00) if escaped else char), start, behind
        start = behind
