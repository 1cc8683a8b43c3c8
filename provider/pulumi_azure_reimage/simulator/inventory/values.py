"""The checks of the values of an inventory. Each returns the value as the simulator keeps it.

Each refuses any other value with a ValueError, whose text completes the sentence that begins with the key.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from ..faults.effects import MAX_SECONDS


def text(value: object) -> str:
    """Accept a string that is not empty."""
    if isinstance(value, str) and value:
        return value
    raise ValueError("must be a string that is not empty")


def texts(value: object) -> tuple[str, ...]:
    """Accept a list of texts."""
    if isinstance(value, list | tuple) and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    raise ValueError("must be a list of texts")


def resource_id(value: object) -> str:
    """Accept a string that begins like a resource id."""
    if text(value).startswith("/"):
        return text(value)
    raise ValueError("must be a resource id, which begins with /")


def boolean(value: object) -> bool:
    """Accept true and false."""
    if isinstance(value, bool):
        return value
    raise ValueError("must be true or false")


def number(value: object) -> float:
    """Accept a number above zero."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf:
        return float(value)
    raise ValueError("must be a number above zero")


def whole(value: object) -> int:
    """Accept a whole number that is not negative."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError("must be a whole number")


def seconds(value: object) -> float:
    """Accept a number of seconds that is not negative."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_SECONDS:
        return float(value)
    raise ValueError("must be a number of seconds, ten years at most")


def whole_seconds(value: object) -> int:
    """Accept a whole number of seconds."""
    if seconds(value).is_integer():
        return int(seconds(value))
    raise ValueError("must be a whole number of seconds, as in the Retry-After header")


def retry_after(value: object) -> int | None:
    """Accept a whole number of seconds, or false (in JSON also null) for none."""
    return None if value is False or value is None else whole_seconds(value)


def moment(value: object) -> datetime:
    """Accept a date or a time, as a TOML value or as text; without an offset it is UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    raise ValueError("must be a date or a time, such as 2026-01-31T00:00:00Z")


@dataclass(frozen=True, slots=True, init=False)
class Choice:
    """Accepts one of several texts, in exactly this spelling."""

    options: tuple[str, ...]

    def __init__(self, *options: str) -> None:
        """Store the texts."""
        object.__setattr__(self, "options", options)

    def __call__(self, value: object) -> str:
        """Accept one of the texts."""
        if isinstance(value, str) and value in self.options:
            return value
        raise ValueError(f"must be one of {', '.join(self.options)}")
