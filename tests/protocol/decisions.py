"""The decisions of a preview and of its update, as values. Where both make one, they must be equal.

Preview and update call the same functions. The results are recorded where each of them calls those functions.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pulumi_azure_reimage.dynamic import operation
from pulumi_azure_reimage.reimage import begin, finish, preview, send
from pulumi_azure_reimage.reimage.decide import (
    KeepCurrent,
    Nothing,
    RecordBaseline,
    RecordOnly,
    SendReimage,
    Withdraw,
)

from .violation import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

Decisions = dict[str, object]

_IN_PREVIEW = {"decide": preview, "decide_send": operation, "decide_repeat": preview}
_IN_UPDATE = {"decide": begin, "decide_send": send, "decide_repeat": finish}


@contextmanager
def noted(*, in_preview: bool) -> Iterator[Decisions]:
    """Record the last decision of each kind."""
    places = _IN_PREVIEW if in_preview else _IN_UPDATE
    made: Decisions = {}
    kept = {name: vars(module)[name] for name, module in places.items()}
    for name, module in places.items():
        vars(module)[name] = _noting(name, kept[name], made)
    try:
        yield made
    finally:
        _restore(places, kept)


def _restore(places: dict[str, ModuleType], kept: dict[str, Callable[..., object]]) -> None:
    for name, module in places.items():
        vars(module)[name] = kept[name]


def _noting(name: str, decide: Callable[..., object], made: Decisions) -> Callable[..., object]:
    def deciding(*args: object, **named: object) -> object:
        made[name] = decide(*args, **named)
        return made[name]

    return deciding


def difference(announced: Decisions, done: Decisions) -> Violation | None:
    """Return where an update decided differently from its preview, on the same facts."""
    for name in ("decide", "decide_send", "decide_repeat"):
        if name in announced and not isinstance(announced[name], Nothing):
            now = done.get(name)
            if not _are_equal(announced[name], now):
                return Violation(
                    "honest", f"the preview decides {_name(announced[name])}, the update {_name(now)}"
                )
    if "decide" in announced and "decide_send" in done:
        return _consequence(announced["decide"], done["decide_send"])
    return None


def _are_equal(announced: object, done: object) -> bool:
    if isinstance(announced, RecordBaseline | KeepCurrent | SendReimage):
        # They hold the VM, which preview and update have read at different times.
        return type(announced) is type(done)
    return announced == done


def _consequence(announced: object, sent: object) -> Violation | None:
    """Return where the decision to send does not follow from what the preview has announced."""
    if isinstance(announced, SendReimage) and isinstance(sent, Withdraw | RecordOnly):
        return Violation("honest", f"the preview decides to send, and the update makes it {_name(sent)}")
    if not isinstance(announced, SendReimage) and not isinstance(sent, RecordOnly):
        return Violation(
            "honest", f"the preview decides {_name(announced)}, and the update makes it {_name(sent)}"
        )
    return None


def _name(decision: object) -> str:
    return type(decision).__name__
