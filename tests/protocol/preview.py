"""A preview of `pulumi up`: what the providers announce, in a word or two."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pulumi_azure_reimage.errors import ReimageError
from tests.unit.stack import NOT_KNOWN

from .choices import Choices
from .engine import begin, differs
from .program import inputs_of

if TYPE_CHECKING:
    from .engine import Engine
    from .host import Properties
    from .situation import Situation

_SAID = {
    "will be reimaged": "send",
    "was taken back. The update sends nothing, unless": "withdraw, unless the log says more",
    "was taken back": "withdraw",
    "may have requested": "doubt",
    "may be reimaged": "doubt",
    "may have repeated": "doubt",
}


def preview(at: Situation) -> str:
    """Return what a preview announces."""
    engine = begin(at, Choices())
    engine.stage.quiet = True
    try:
        changed = _first_change(engine)
    except ReimageError:
        return "refuse"
    if changed == "refused":
        return "refuse"
    if not changed:
        return "nothing, with reads" if engine.stage.reads else "nothing"
    said = " ".join(engine.log.warnings)
    return next((word for words, word in _SAID.items() if words in said), "go on")


def _first_change(engine: Engine) -> str:
    """Return the letter of the first resource that changes. It is empty if none does."""
    changed = ""
    for letter in "ROZ":
        provider, inputs = engine.provider(letter), inputs_of(engine.at, letter)
        saved = dict(engine.at.saved).get(letter)
        if changed:
            inputs |= _not_known_yet(engine.at, letter, changed)
        if provider.check(json.loads(saved.inputs) if saved else {}, inputs).failures:
            return "refused"
        if saved is None or differs(provider, saved, inputs):
            changed = changed or letter
    return changed


def _not_known_yet(at: Situation, letter: str, changed: str) -> Properties:
    """Return what a preview passes on from a resource that will change: its inputs, without outputs."""
    if changed == "O":
        return {"operation": NOT_KNOWN}
    program = inputs_of(at, "R")
    given = {name: program.get(name) for name in ("triggers", "exact_version")}
    if letter == "Z":
        return {"request": NOT_KNOWN, "operation": NOT_KNOWN, "exact_version": given["exact_version"]}
    return {"request": NOT_KNOWN, **given}
