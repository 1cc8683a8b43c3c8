"""HTTP as the simulator sees it: a request in, a response out, and no socket."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    Headers and body are left out of `repr`, because they hold tokens and passwords.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """Return the header `name`, ignoring case."""
        wanted = name.lower()
        for key, value in self.headers.items():
            if key.lower() == wanted:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response. Header names are in lower case.

    Attributes:
        delay: By how many seconds it arrives late.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0

    def json(self) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
        """Return the body as a JSON document."""
        return json.loads(self.body)


class RequestHandler(Protocol):
    """Answers requests: the simulator, as its server and its transport see it."""

    def handle(self, request: Request, /) -> Response:
        """Answer one request.

        Raises:
            ConnectionCutError: The connection breaks.
        """


def json_response(status: int, document: object, headers: Mapping[str, str] = _NO_HEADERS) -> Response:
    """Build a response with a JSON body and ARM's content type."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    body = text.encode(errors="replace")  # JSON can hold half of a surrogate pair, but UTF-8 cannot.
    return Response(status, {"content-type": "application/json; charset=utf-8", **headers}, body)


def error_response(
    status: int, code: str, message: str, headers: Mapping[str, str] = _NO_HEADERS
) -> Response:
    """Build a response with ARM's error envelope."""
    return json_response(status, {"error": {"code": code, "message": message}}, headers)


def empty_response(status: int, headers: Mapping[str, str] = _NO_HEADERS) -> Response:
    """Build a response without a body."""
    return Response(status, dict(headers))
