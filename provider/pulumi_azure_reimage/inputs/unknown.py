"""Our marker for what a preview does not know yet. The dynamic host translates Pulumi's markers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


class Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        """Return the name."""
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
"""A value that a preview does not know yet. It can be a whole input, or a part of one."""


def has_unknown(value: object) -> bool:
    """Return whether a value is unknown, as a whole or in part."""
    match value:
        case Unknown():
            return True
        case Mapping():
            return any(map(has_unknown, value.values()))
        case list() | tuple():
            return any(map(has_unknown, value))
        case _:
            return False


def drop_unknown(values: Mapping[str, object]) -> dict[str, object]:
    """Return the members that are given and completely known."""
    return {name: value for name, value in values.items() if value is not None and value is not UNKNOWN}
