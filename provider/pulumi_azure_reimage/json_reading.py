"""Reading documents that others wrote, ARM or an edited state, and writing ours.

A value that is not as expected counts as absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime


def get(document: object, *path: str) -> object:
    """Return what is at a path of member names; None if nothing is there."""
    for name in path:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document


def get_str(document: object, *path: str) -> str | None:
    """Return the text at a path; None if there is none, or an empty one."""
    found = get(document, *path)
    return found if isinstance(found, str) and found else None


def get_list(document: object, *path: str) -> list[object]:
    """Return the entries of the list at a path; none if there is no list."""
    found = get(document, *path)
    return found if isinstance(found, list) else []


def drop_none(members: Mapping[str, object]) -> dict[str, object]:
    """Return the members that are not None. Pulumi keeps no others inside a property."""
    return {name: value for name, value in members.items() if value is not None}


def parse_time(value: object) -> datetime | None:
    """Return the time that a text means (ISO 8601; UTC if it names no zone), if arithmetic on it is safe."""
    try:
        return usable_time(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def usable_time(time: datetime) -> datetime | None:
    """Return a time with its zone, UTC if it has none; None if arithmetic on it is not safe.

    In the first and the last year, adding a minute or changing the zone may end in an OverflowError. .NET
    writes the ends of its range where it has no time (`DateTime.MinValue`, `DateTime.MaxValue`).
    """
    if not MINYEAR < time.year < MAXYEAR:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
