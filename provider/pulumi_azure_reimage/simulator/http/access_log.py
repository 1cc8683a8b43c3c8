"""An access log: one line for each request that a served simulator answers, without secrets."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, TextIO
from urllib.parse import parse_qs, urlsplit

from .cut import ConnectionCutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .messages import Request, RequestHandler, Response


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AccessLog:
    """Writes a line for each request that `handler` answers.

    Attributes:
        now: The host's clock, for the time of the answer.
        timer: The timer, in seconds, for the duration of an answer.
    """

    handler: RequestHandler
    out: TextIO
    now: Callable[[], datetime] = _utc_now
    timer: Callable[[], float] = perf_counter
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def handle(self, request: Request) -> Response:
        """Answer as the handler does.

        Raises:
            ConnectionCutError: The connection breaks. The line says how.
            Exception: What the handler raises. The line names its type.
        """
        began = self.timer()
        try:
            response = self.handler.handle(request)
        except ConnectionCutError as broken:
            self._write(request, str(broken), began)
            raise
        except Exception as error:  # The server answers it with 500.
            self._write(request, f"500 {type(error).__name__}", began)
            raise
        self._write(request, f"{response.status} {len(response.body)} bytes", began)
        return response

    def _write(self, request: Request, outcome: str, began: float) -> None:
        milliseconds = (self.timer() - began) * 1000
        line = f"{self.now():%Y-%m-%dT%H:%M:%SZ} {_what(request)} -> {outcome}, {milliseconds:.1f} ms\n"
        with self._lock:
            self.out.write(line)
            self.out.flush()


def _what(request: Request) -> str:
    """Describe a request in one line, without its signature of three thousand characters."""
    url = urlsplit(request.url)
    version = parse_qs(url.query).get("api-version", [""])[0]
    text = f"{request.method} {url.path}{f'?api-version={version}' if version else ''}"
    return text.encode("unicode_escape").decode("ascii")
