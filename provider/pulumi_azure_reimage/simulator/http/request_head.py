"""The head of an HTTP/1 request, read strictly. A doubtful request is refused, because its end is not known.

The rules are those of RFC 9112, which allows a recipient to refuse each of these with 400, as Azure's front
end, HTTP.sys, does (Microsoft Learn, "Error logging in HTTP APIs").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from io import BufferedIOBase

# Azure publishes no limits for ARM's front end. A signed link is 3 KB long and a token a few KB.
_MAX_LINE = 32 * 1024
_MAX_HEADERS = 100
MAX_BODY = 4 * 1024 * 1024

_REQUEST_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}) ([!-~]+) HTTP/([0-9])\.([0-9])")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._~-]+)(:[0-9]{1,5})?")
_LENGTH = re.compile(r"[0-9]{1,19}")


class BadRequestError(Exception):
    """A request cannot be parsed, so what follows on its connection cannot be understood."""

    def __init__(self, sentence: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        """Store what is wrong with it."""
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class RequestHead:
    """The head of one request.

    Attributes:
        authority: The host that the client wrote, with its port; None in an HTTP/1.0 request without one.
        target: The path and the query.
        headers: The headers by their names in lower case. A header that is given twice is joined with a
            comma.
        length: The length of the body.
        expects_continue: Whether the client waits for a response before it sends the body.
        stays_open: Whether the client may send another request on this connection.
    """

    method: str
    authority: str | None
    target: str
    headers: Mapping[str, str]
    length: int
    expects_continue: bool
    stays_open: bool


def read_head(stream: BufferedIOBase) -> RequestHead | None:
    """Read the head of the next request; None at the end of the connection.

    Raises:
        BadRequestError: It is not the head of an HTTP/1 request.
    """
    line = _read_line(stream, HTTPStatus.REQUEST_URI_TOO_LONG)
    if line == "":  # RFC 9112, 2.2: one empty line before a request is ignored.
        line = _read_line(stream, HTTPStatus.REQUEST_URI_TOO_LONG)
    if line is None:
        return None
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise BadRequestError("the first line is not a method, a target and HTTP/1.1")
    if found[3] != "1":
        raise BadRequestError("only HTTP/1.0 and HTTP/1.1 are understood")
    return _head(found[1], found[2], _read_headers(stream), is_old=found[4] == "0")


def _head(method: str, target: str, headers: Mapping[str, Sequence[str]], *, is_old: bool) -> RequestHead:
    authority, path = _split_target(target, _host(headers, is_old=is_old))
    options = ",".join(headers.get("connection", ())).lower()
    return RequestHead(
        method=method,
        authority=authority,
        target=path,
        headers={name: ", ".join(values) for name, values in headers.items()},
        length=_content_length(headers),
        expects_continue=not is_old and "100-continue" in ",".join(headers.get("expect", ())).lower(),
        stays_open=not is_old and "close" not in [option.strip() for option in options.split(",")],
    )


def _read_line(stream: BufferedIOBase, too_long: HTTPStatus) -> str | None:
    """Read a line without its end; None at the end of the connection."""
    line = stream.readline(_MAX_LINE + 1)
    if not line:
        return None
    if len(line) > _MAX_LINE:
        raise BadRequestError(f"a line is longer than {_MAX_LINE} bytes", too_long)
    if not line.endswith(b"\r\n"):
        raise BadRequestError("a line does not end with CR and LF")
    return line[:-2].decode("latin-1")


def _read_headers(stream: BufferedIOBase) -> dict[str, list[str]]:
    """Read the headers, by their names in lower case."""
    headers: dict[str, list[str]] = {}
    for _ in range(_MAX_HEADERS + 1):
        line = _read_line(stream, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if line == "":
            return headers
        found = None if line is None else _HEADER.fullmatch(line)
        if found is None:
            raise BadRequestError("a header is not a name, a colon and a value on one line")
        headers.setdefault(found[1].lower(), []).append(found[2])
    raise BadRequestError(
        f"there are more than {_MAX_HEADERS} headers", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    )


def _host(headers: Mapping[str, Sequence[str]], *, is_old: bool) -> str | None:
    """Read the Host header, which HTTP/1.1 requires exactly once (RFC 9112, 3.2)."""
    hosts = headers.get("host", ())
    if is_old and not hosts:
        return None
    if len(hosts) != 1:
        raise BadRequestError("there is not exactly one Host header")
    return _checked_authority(hosts[0])


def _split_target(target: str, host: str | None) -> tuple[str | None, str]:
    """Return host and path. A target that is a complete URL names the host itself (RFC 9112, 3.2.2)."""
    if "#" in target:
        raise BadRequestError("the target has a fragment")
    if target.startswith("/"):
        return host, target
    scheme, separator, rest = target.partition("://")
    if separator and scheme.lower() in {"http", "https"}:
        end = min((at for at in map(rest.find, "/?") if at >= 0), default=len(rest))
        path = rest[end:]
        return _checked_authority(rest[:end]), path if path.startswith("/") else f"/{path}"
    raise BadRequestError("the target is neither a path nor an http URL")


def _checked_authority(authority: str) -> str:
    try:
        if _AUTHORITY.fullmatch(authority):
            # Both refuse brackets without an IPv6 address, and an invalid port.
            _ = urlsplit(f"//{authority}").port
            return authority
    except ValueError:
        pass
    raise BadRequestError("the host is not a host name with or without a port")


def _content_length(headers: Mapping[str, Sequence[str]]) -> int:
    """Return the length of the body, which must be known before it is read."""
    lengths = headers.get("content-length", ())
    codings = headers.get("transfer-encoding", ())
    if codings:
        if lengths or ",".join(codings).lower() != "chunked":
            raise BadRequestError("Transfer-Encoding is not chunked alone")
        raise BadRequestError("a Content-Length is required", HTTPStatus.LENGTH_REQUIRED)
    if not lengths:
        return 0
    if len(lengths) != 1 or not _LENGTH.fullmatch(lengths[0]):
        raise BadRequestError("Content-Length is not one number")
    if int(lengths[0]) > MAX_BODY:
        raise BadRequestError(
            f"the body is longer than {MAX_BODY} bytes", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        )
    return int(lengths[0])
