"""A configuration: how often each thing that hinders may happen in its stories, and on which stack."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .engine import first
from .situation import Situation
from .world import MOST_ATTEMPTS, Bounds, World


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is explored.

    Attributes:
        partial: Whether the engine keeps failures.
        values: The values between which the trigger changes.
        readable: Whether the identity may read the activity log.
        on_create: Whether `reimage_on_create` is set after the first run.
        empty: Whether the stack is empty, so that its resources are created in the stories.
    """

    name: str
    bounds: Bounds
    ephemeral: bool = False
    exact: bool = False
    partial: bool = True
    values: str = "BAC"
    readable: bool = False
    on_create: bool = False
    empty: bool = False

    def start(self) -> Situation:
        """Return where its stories begin: B is wanted, and the baseline is A."""
        most = MOST_ATTEMPTS + self.bounds.kills + self.bounds.faults
        world = World(Bounds(), ephemeral=self.ephemeral, exact=self.exact, most=most, readable=self.readable)
        if self.empty:
            at = Situation(replace(world, effect=""), "idle", (), partial=self.partial)
        else:
            at = first(world, partial=self.partial)
        return replace(at, wanted="B", on_create=self.on_create, world=replace(at.world, bounds=self.bounds))
