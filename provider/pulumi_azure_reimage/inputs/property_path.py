"""Property paths: how `ignore_changes` names an input or a part of one, in Pulumi's own syntax.

Source: `ParsePropertyPath` and `PropertyPath.reset` of
https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/resource/properties_path.go. The engine silently
skips a path that it cannot parse, so a typing error would let a change through. Here it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

Path = tuple[str | int, ...]

EVERY = "*"
"""Means every member of an object, or every entry of a list."""

_ELEMENT = re.compile(
    r"""\.?(?:(?P<name>[^.\[\]]+)|\[(?:(?P<index>[0-9]+)|(?P<every>\*)|"(?P<quoted>(?:\\"|[^"])+)")\])"""
)


def parse_path(text: str) -> Path:
    r"""Return the parts of a path, such as `triggers`, `triggers.image` or `triggers["a.b"]`.

    Raises:
        InvalidInputError: it is not a path.
    """
    parts: list[str | int] = []
    position = 0
    while position < len(text) and not (position == 0 and text.startswith(".")):
        found = _ELEMENT.match(text, position)
        # Only the first name may have no dot before it.
        if found is None or (found["name"] and position and text[position] != "."):
            break
        parts.append(_part(found))
        position = found.end()
    if not parts or position < len(text):
        raise InvalidInputError(
            "", f"{text!r} is not the path of an input, such as 'triggers.image' or 'triggers[\"image\"]'."
        )
    return tuple(parts)


def reset(old: object, new: object, path: Sequence[str | int]) -> object:
    """Return the new value, in which the part at a path is as in the old one.

    Args:
        old: Plain JSON.
        new: Plain JSON. It is not changed.
        path: The part to reset. A part that exists on only one side is added or removed.
    """
    if not path or (path[0] == EVERY and len(path) == 1):
        return old
    if isinstance(old, list) and isinstance(new, list):
        return _reset_entries(old, new, path)
    if isinstance(new, Mapping) or (new is None and isinstance(old, Mapping)):
        return _reset_members(old if isinstance(old, Mapping) else {}, new or {}, path)
    return new


def _part(found: re.Match[str]) -> str | int:
    if found["index"]:
        return int(found["index"])
    if found["every"]:
        return EVERY
    return found["name"] or found["quoted"].replace('\\"', '"')


def _reset_entries(old: list[object], new: list[object], path: Sequence[str | int]) -> list[object]:
    return [
        reset(old[index], entry, path[1:]) if path[0] in (index, EVERY) and index < len(old) else entry
        for index, entry in enumerate(new)
    ]


def _reset_members(
    old: Mapping[str, object], new: Mapping[str, object], path: Sequence[str | int]
) -> dict[str, object]:
    names = {*old, *new} if path[0] == EVERY else {str(path[0])}
    members = {**new, **{name: reset(old.get(name), new.get(name), path[1:]) for name in names}}
    return {name: value for name, value in members.items() if value is not None}
