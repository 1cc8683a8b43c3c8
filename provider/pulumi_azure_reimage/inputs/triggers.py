"""Triggers: when two of them are equal, and which of them changed.

Rule 1: a false change wipes a disk, so values that Pulumi, Git or an operating system may respell are equal.
Rule 2: a key is shown, and a value never is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..errors import InvalidInputError
from ..redact import redact
from .unknown import has_unknown

# Pulumi sends every number as a 64-bit float. Beyond this, neighbouring whole numbers become equal.
_LARGEST_EXACT_INTEGER = 2**53 - 1

# Protocol buffers, which carry the value, fail at a lower depth.
_DEEPEST = 64

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class TriggerChange:
    """One trigger that changed, without its value."""

    key: str
    kind: Literal["added", "removed", "changed", "unknown"]

    def __str__(self) -> str:
        """Return `image changed`."""
        key = redact(self.key, limit=_SHOWN)
        return f"{key} not known yet" if self.kind == "unknown" else f"{key} {self.kind}"


def canonical(value: object, *, key: str | None = None) -> str:
    """Return the JSON text that all spellings of `value` share.

    Key order, tuple or list, `1` or `1.0`, and a key that holds `None` or no key make no difference, because
    Pulumi does not distinguish these. `True` is not `1`.

    Args:
        value: A trigger's value, or all triggers.
        key: The trigger's key, for the message.

    Raises:
        InvalidInputError: It is not JSON, or it cannot pass through Pulumi unchanged.
    """
    try:
        return json.dumps(_plain(value, 0), sort_keys=True, separators=(",", ":"), allow_nan=False)
    except _NotJsonError as error:
        name = "triggers" if key is None else f"The trigger {redact(repr(key), limit=_SHOWN)}"
        raise InvalidInputError("triggers", f"{name} cannot be compared: {error}.") from None


def changed_keys(
    old: Mapping[str, object] | None, new: Mapping[str, object] | None
) -> tuple[TriggerChange, ...]:
    """Return the triggers that differ, sorted by key. A key that holds `None` counts as absent.

    Args:
        old: The triggers of the last reimage or of the baseline.
        new: The triggers of the program.

    Raises:
        InvalidInputError: A value is not JSON.
    """
    before, after = _present(old), _present(new)
    changes = (_change(key, before, after) for key in sorted(before.keys() | after.keys()))
    return tuple(change for change in changes if change is not None)


class _NotJsonError(Exception):
    """Why a value cannot be a trigger, as the end of a sentence."""


def _plain(value: object, depth: int) -> object:
    if depth > _DEEPEST:
        raise _NotJsonError("it is nested too deeply")
    match value:
        case None | bool() | str():
            return value
        case int() | float():
            return _plain_number(value)
        case list() | tuple():
            return [_plain(item, depth + 1) for item in value]
        case Mapping():
            if not all(isinstance(key, str) for key in value):
                raise _NotJsonError("it holds a mapping with a key that is not text")
            return {key: _plain(item, depth + 1) for key, item in value.items() if item is not None}
        case _:
            raise _NotJsonError(f"it holds a {type(value).__name__}, which is not JSON")


def _plain_number(value: float) -> float:
    if abs(value) > _LARGEST_EXACT_INTEGER or math.isnan(value):
        raise _NotJsonError(
            "it holds a number that is not finite or that Pulumi would round; write it as text"
        )
    # `-0.0` becomes `0` as well.
    return int(value) if value == int(value) else value


def _present(triggers: Mapping[str, object] | None) -> dict[str, object]:
    return {key: value for key, value in (triggers or {}).items() if value is not None}


def _change(key: str, before: Mapping[str, object], after: Mapping[str, object]) -> TriggerChange | None:
    if key not in before:
        return TriggerChange(key, "added")
    if key not in after:
        return TriggerChange(key, "removed")
    if has_unknown(after[key]):
        return TriggerChange(key, "unknown")
    same = canonical(before[key], key=key) == canonical(after[key], key=key)
    return None if same else TriggerChange(key, "changed")
