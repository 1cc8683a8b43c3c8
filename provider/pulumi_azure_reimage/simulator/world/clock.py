"""The time of a simulated world: the clock of its host, and how far a test has advanced it.

The offset is kept in the state, so every process that shares the state has the same time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import SimulatorError
from ..faults.effects import MAX_SECONDS

if TYPE_CHECKING:
    from datetime import datetime

    from .records import Records

_AHEAD = "seconds_ahead"
# With a century, every resulting time stays within the range of a date.
_FARTHEST = 10 * MAX_SECONDS


def world_time(records: Records, host_time: datetime) -> datetime:
    """Return the time of the world when its host's clock shows `host_time`."""
    ahead: float | None = records.setting(_AHEAD)
    return host_time if ahead is None else host_time + timedelta(seconds=ahead)


def advance_clock(records: Records, seconds: float) -> None:
    """Let `seconds` pass at once.

    Raises:
        SimulatorError: It is negative, more than ten years, or a century in all.
    """
    ahead = (records.setting(_AHEAD) or 0.0) + seconds
    if not 0 <= seconds <= MAX_SECONDS or ahead > _FARTHEST:
        raise SimulatorError(f"the clock cannot be advanced by {seconds} seconds")
    records.put_setting(_AHEAD, ahead)
