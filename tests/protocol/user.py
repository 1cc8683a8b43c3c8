"""What the user does between two runs: change the program, refresh, or begin the next `pulumi up`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .engine import begin

if TYPE_CHECKING:
    from .choices import Choices
    from .situation import Situation

_GUARD = {"set prevent_reimage": True, "unset prevent_reimage": False}
_MODES = {"up without ReimageRequest": ("skip", "skips"), "leave it": ("leave", "leaves")}


def between_runs(at: Situation, choices: Choices, values: str = "") -> Situation:
    """Choose what the user does, and return where a run begins, or what a refresh leaves."""
    chosen = choices.choose(_options(at, values))
    at = replace(_prepared(at, chosen), host=None)
    engine = begin(at, choices)
    if chosen == "refresh":
        after = engine.refresh()
        return replace(after, world=replace(engine.stage.world, bounds=at.world.bounds.less("refreshes")))
    return replace(at, phase="O" if at.mode == "skip" else "R", ended="", host=engine.memory)


def _options(at: Situation, values: str) -> list[str]:
    bounds, options = at.world.bounds, ["up"]
    if bounds.changes:
        options += [f"change to {value}" for value in values if value != at.wanted]
    if bounds.guards:
        options += ["unset prevent_reimage" if at.guarded else "set prevent_reimage"]
    if bounds.skips:
        options += ["up without ReimageRequest"]
    if bounds.leaves:
        options += ["leave it"]
    if bounds.refreshes:
        options += ["refresh"]
    return options


def _prepared(at: Situation, chosen: str) -> Situation:
    """Return the situation with what was chosen."""
    at = replace(at, mode="")
    if chosen.startswith("change"):
        return _less(replace(at, wanted=chosen[-1]), "changes")
    if chosen in _GUARD:
        return _less(replace(at, guarded=_GUARD[chosen]), "guards")
    if chosen in _MODES:
        mode, bound = _MODES[chosen]
        return _less(replace(at, mode=mode), bound)
    return at


def _less(at: Situation, bound: str) -> Situation:
    return replace(at, world=replace(at.world, bounds=at.world.bounds.less(bound)))
