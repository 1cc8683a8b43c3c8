"""A preview of `pulumi up`: what the providers announce, in one word."""

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
    from .situation import Situation

_SAID = {"will be reimaged": "send", "was taken back": "withdraw", "may have requested": "doubt"}


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
    """Return the letter of the first resource that changes; empty if none does."""
    changed = ""
    for letter in "ROZ":
        provider, inputs = engine.provider(letter), inputs_of(engine.at, letter)
        saved = dict(engine.at.saved)[letter]
        if letter == "Z" and changed:
            inputs = {**inputs, "request" if changed == "R" else "operation": NOT_KNOWN}
        if (letter == "Z" or not changed) and provider.check(json.loads(saved.inputs), inputs).failures:
            return "refused"
        if not changed and differs(provider, saved, inputs):
            changed = letter
    return changed
