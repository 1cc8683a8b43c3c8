"""What the user does between two runs: change the program, refresh, or begin the next `pulumi up`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .engine import begin
from .operations import create_again

if TYPE_CHECKING:
    from .choices import Choices
    from .situation import Situation

_GUARD = {"set prevent_reimage": True, "unset prevent_reimage": False}
_TARGETS = {f"up of {' and '.join(letters)} alone": letters for letters in ("R", "O", "Z", "RO", "RZ", "OZ")}
_RECREATED = "the VM is created again before the run"


def between_runs(at: Situation, choices: Choices, values: str = "") -> Situation:
    """Choose what the user does, and return the situation after it."""
    chosen = choices.choose(_options(at, values))
    at = replace(_prepared(at, chosen), host=None)
    if chosen == "export and import the state":
        return replace(at, ended="")
    engine = begin(at, choices)
    if chosen == "refresh":
        after = engine.refresh()
        return replace(after, world=engine.stage.world)
    if chosen == _RECREATED:
        create_again(engine.stage, "9.0.0" if at.world.exact else at.world.view.version)
    world = engine.stage.world
    return replace(at, world=world, phase=at.letters[0], ended="", host=engine.memory)


def _options(at: Situation, values: str) -> list[str]:
    bounds, options = at.world.bounds, ["up"]
    if bounds.changes:
        options += [f"change to {value}" for value in values if value != at.wanted]
    if bounds.guards:
        options += ["unset prevent_reimage" if at.guarded else "set prevent_reimage"]
    if bounds.skips and len(at.saved) == len("ROZ"):
        options += _TARGETS
    if bounds.leaves and at.saved:
        options += ["leave it"]
    if bounds.refreshes:
        options += ["refresh"]
    if bounds.exports:
        options += ["export and import the state"]
    if bounds.recreations:
        options += [_RECREATED]
    return options


def _prepared(at: Situation, chosen: str) -> Situation:
    """Return the situation with what was chosen."""
    at = replace(at, mode="", letters="ROZ")
    if chosen.startswith("change"):
        return _less(replace(at, wanted=chosen[-1]), "changes")
    if chosen in _GUARD:
        return _less(replace(at, guarded=_GUARD[chosen]), "guards")
    if chosen in _TARGETS:
        return _less(replace(at, letters=_TARGETS[chosen]), "skips")
    if chosen == "leave it":
        return _less(replace(at, mode="leave"), "leaves")
    bound = {"refresh": "refreshes", "export and import the state": "exports", _RECREATED: "recreations"}
    return _less(at, bound[chosen]) if chosen in bound else at


def _less(at: Situation, bound: str) -> Situation:
    return replace(at, world=replace(at.world, bounds=at.world.bounds.less(bound)))
