"""A situation: everything at a step boundary, from which a story can continue."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.unit.stack import WEB

if TYPE_CHECKING:
    from .host import HostMemory, Properties
    from .world import World


@dataclass(frozen=True, slots=True)
class Saved:
    """A resource in the stack's state, as JSON."""

    id: str
    inputs: str
    outputs: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything at a step boundary. Equal situations are explored once.

    Attributes:
        phase: The step that comes next, or `idle` between two runs.
        saved: What the stack's state holds, by the letter of the resource.
        wanted: The value of the trigger, or of `exact_version`, in the program.
        guarded: Whether `prevent_reimage` is set.
        partial: Whether the engine keeps failures.
        on_create: Whether `reimage_on_create` is set by now.
        current: Whether `skip_if_current` is set.
        decided: The ids of the requests in their order, each with its value.
        ended: How the last run ended: `ok`, `killed` or the error. It is empty before the first run.
        mode: `leave` in a run that replaces ReimageRequest.
        letters: The resources that this run touches: all, or those that `--target` names.
    """

    world: World
    phase: str
    saved: tuple[tuple[str, Saved], ...]
    wanted: str = "A"
    guarded: bool = False
    partial: bool = True
    on_create: bool = False
    current: bool = False
    decided: tuple[tuple[str, str], ...] = ()
    ended: str = ""
    host: HostMemory | None = None
    mode: str = ""
    letters: str = "ROZ"

    @property
    def next_phase(self) -> str:
        """The step after this one, or `idle` after the last."""
        after = self.letters.partition(self.phase)[2]
        return after[0] if after else "idle"

    def outputs(self, letter: str) -> Properties:
        """Return the outputs that state holds of a resource."""
        parsed: Properties = json.loads(dict(self.saved)[letter].outputs)
        return parsed

    def keep(self, letter: str, inputs: Properties, outputs: Properties) -> Situation:
        """Return the situation with a resource saved."""
        entry = Saved(WEB, dump(inputs), dump(outputs))
        return replace(self, saved=tuple(sorted({**dict(self.saved), letter: entry}.items())))


def dump(value: object) -> str:
    """Return JSON as the host passes it on, with floats as numbers and without values that are None."""
    return json.dumps(_wire(value), sort_keys=True)


def _wire(value: object) -> object:
    match value:
        case dict():
            return {key: _wire(item) for key, item in value.items() if item is not None}
        case list() | tuple():
            return [_wire(item) for item in value]
        case bool():
            return value
        case int():
            return float(value)
        case _:
            return value
