"""Times and numbers in state, which may have been damaged. Nothing is guessed from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UnreadableStateError
from ..json_reading import get, parse_time

if TYPE_CHECKING:
    from datetime import datetime


def read_time(state: object, name: str) -> datetime | None:
    """Return the time at a key; None if there is none.

    Raises:
        UnreadableStateError: the value is not a time with which arithmetic is safe.
    """
    found = get(state, name)
    time = parse_time(found)
    if found is not None and time is None:
        raise UnreadableStateError(f"its {name} is not a time")
    return time


def read_number(state: object, name: str) -> float:
    """Return the number at a key; 0 if there is none, or one that this package cannot have written."""
    found = get(state, name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return 0.0
    return float(found) if 0 <= found <= _LARGEST else 0.0


# Pulumi keeps numbers as floats. Arithmetic with a larger or an infinite one is not safe.
_LARGEST = 1e15
