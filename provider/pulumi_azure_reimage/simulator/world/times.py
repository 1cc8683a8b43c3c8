"""Times as ARM writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_FIRST_TICK = datetime(1, 1, 1, tzinfo=UTC)


def arm_time(moment: datetime) -> str:
    """Write a time as ARM's bodies do: a fraction without trailing zeros, and an offset."""
    utc = moment.astimezone(UTC)
    fraction = f".{utc.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{utc:%Y-%m-%dT%H:%M:%S}{fraction}+00:00"


def http_date(moment: datetime) -> str:
    """Write a time as the `Date` header does."""
    utc = moment.astimezone(UTC)
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{days[utc.weekday()]}, {utc:%d} {months[utc.month - 1]} {utc:%Y %H:%M:%S} GMT"


def ticks(moment: datetime) -> int:
    """Count .NET ticks of 100 ns since the year 1, the `t` of a signed operation URL."""
    return (moment - _FIRST_TICK) // timedelta(microseconds=1) * 10
