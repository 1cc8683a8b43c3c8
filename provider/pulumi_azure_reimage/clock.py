"""The only module that reads the time, sleeps or draws random numbers. Tests pass their own clock."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time and randomness, passed as an argument."""

    def now(self) -> datetime:
        """Return the wall-clock time in UTC, for what is kept in state."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards, for deadlines."""

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""

    def jitter(self, seconds: float) -> float:
        """Return `seconds` or a little more, so that many machines do not poll at the same moment."""


# macOS has no clock of this name, and its monotonic clock stops while the machine sleeps.
_UPTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC if hasattr(time, "CLOCK_MONOTONIC") else None)


def uptime() -> float:
    """Return seconds that never run backwards and, if the system can, also count while it is suspended."""
    return time.monotonic() if _UPTIME is None else time.clock_gettime(_UPTIME)  # noqa: TID251 - as below.


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the wall-clock time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the system's monotonic clock in seconds."""
        return time.monotonic()  # noqa: TID251 - this module is the one place for it.

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        time.sleep(seconds)  # noqa: TID251 - this module is the one place for it.

    def jitter(self, seconds: float) -> float:
        """Return `seconds` plus up to a fifth, and never less, because a server named the minimum."""
        return seconds * random.uniform(1.0, 1.2)  # noqa: S311 - spreads load, guards nothing.
