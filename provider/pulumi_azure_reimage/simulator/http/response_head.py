"""The head of an HTTP/1.1 response, as bytes. What a script puts into a header stays one header."""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .messages import Response

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def response_head(response: Response, *, closes: bool) -> bytes:
    """Return the head of `response`. `closes` announces that the connection ends after it."""
    lines = [_status_line(response.status), *map(_header_line, response.headers.items())]
    if closes:
        lines.append(b"connection: close\r\n")
    return b"".join((*lines, b"\r\n"))


@cache
def _status_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {_PHRASES.get(status, '')}\r\n".encode()


def _header_line(header: tuple[str, str]) -> bytes:
    """Return one header, in Latin-1 as clients read it, or in UTF-8 if it has other characters."""
    name, value = header
    text = f"{name}: {_CONTROL.sub(' ', value)}\r\n"
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode(errors="replace")
