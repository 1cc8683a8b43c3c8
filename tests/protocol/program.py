"""The program: what its component passes to each resource, including outputs of the resources before it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.unit.stack import COMPONENT, WEB

from .situation import dump
from .world import version_of

if TYPE_CHECKING:
    from .host import Properties
    from .situation import Situation


def inputs_of(at: Situation, letter: str) -> Properties:
    """Return the inputs of a resource."""
    match letter:
        case "R":
            return {**_common(at), **_asked(at)}
        case "O":
            given = _taken(at, "R", "request", "triggers", "exact_version")
        case _:
            given = {**_taken(at, "R", "request"), **_taken(at, "O", "operation", "exact_version")}
    wired: Properties = json.loads(dump({**_common(at), **given}))
    return wired


def _common(at: Situation) -> Properties:
    guards: Properties = {"prevent_reimage": True} if at.guarded else {}
    created: Properties = {"reimage_on_create": True} if at.on_create else {}
    current: Properties = {"skip_if_current": True} if at.current else {}
    return {"vm_id": WEB, "component_urn": COMPONENT, "__provider": "x", **guards, **created, **current}


def _asked(at: Situation) -> Properties:
    return {"exact_version": version_of(at.wanted)} if at.world.exact else {"triggers": {"image": at.wanted}}


def _taken(at: Situation, letter: str, *names: str) -> Properties:
    known = at.outputs(letter) if letter in dict(at.saved) else {}
    return {name: known.get(name) for name in names}
