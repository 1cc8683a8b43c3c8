"""Times and numbers in state, which may have been damaged: nothing is guessed from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UnreadableStateError
from ..json_reading import get, parse_time

if TYPE_CHECKING:
    from datetime import datetime


def read_time(state: object, name: str) -> datetime | None:
    """Return the time at a key; None if there is none.

    Raises:
        UnreadableStateError: what is there is no time that could be reckoned with.
    """
    found = get(state, name)
    time = parse_time(found)
    if found is not None and time is None:
        raise UnreadableStateError(f"its {name} is not a time")
    return time


def read_number(state: object, name: str) -> float:
    """Return the number at a key; 0 if there is none, or one that nothing of ours wrote."""
    found = get(state, name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return 0.0
    return float(found) if 0 <= found <= _LARGEST else 0.0


# Pulumi keeps numbers as floats; a larger one, or an infinite one, cannot be reckoned with.
_LARGEST = 1e15
