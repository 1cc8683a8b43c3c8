"""An HTTP response from ARM, reduced to what the package reads."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from ..json_reading import usable_time
from .error import ArmError, arm_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

_ID = re.compile(r"[\w:-]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response.

    Attributes:
        headers: With their names in lower case.
        body: The body, up to a cap.
        whole: Whether the body is complete, and was not cut, garbled or too long.
        secrets: Returns what `error` must not show, because ARM may quote what it was sent.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True
    secrets: Callable[[], Iterable[str]] = field(default=tuple, repr=False, compare=False)

    @property
    def json(self) -> object:
        """The body as JSON, or None if it is not JSON."""
        try:
            parsed: object = json.loads(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return None
        return parsed

    @property
    def date(self) -> datetime | None:
        """When the answer was made, by its sender's clock, in UTC if the header names no zone (`-0000`)."""
        return parse_http_date(self.headers.get("date", ""))

    @property
    def error(self) -> ArmError:
        """ARM's reason for a refusal or a failure, as text that can be shown in a message."""
        return arm_error(self.body, self.headers.get("content-type"), secrets=self.secrets())

    @property
    def request_id(self) -> str | None:
        """ARM's id of this one request."""
        return self._id("x-ms-request-id")

    @property
    def correlation_id(self) -> str | None:
        """The id that Azure support asks for."""
        return self._id("x-ms-correlation-request-id")

    def _id(self, name: str) -> str | None:
        # A GUID, or in some resource providers a word. Nothing else from a header may be shown in a message.
        # A header that came twice holds two.
        value = self.headers.get(name, "").partition(",")[0].strip()
        return value if _ID.fullmatch(value) else None


def parse_http_date(text: str) -> datetime | None:
    """Return the time in a header, in UTC if it names no zone (RFC 9110, `-0000`); None if it is no time."""
    try:
        return usable_time(parsedate_to_datetime(text))
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
