"""Times as ARM writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def arm_time(moment: datetime) -> str:
    """Format a time as in ARM's bodies, with a fraction without trailing zeros, and an offset."""
    utc = moment.astimezone(UTC)
    fraction = f".{utc.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{utc:%Y-%m-%dT%H:%M:%S}{fraction}+00:00"
