"""A configuration: how often each thing that hinders may happen in its stories, and on which stack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .engine import first
from .world import MOST_ATTEMPTS, Bounds, World

if TYPE_CHECKING:
    from .situation import Situation


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is explored.

    Attributes:
        partial: Whether the engine keeps failures.
        values: The values between which the trigger changes.
        readable: Whether the identity may read the activity log.
        on_create: Whether `reimage_on_create` is set after the first run.
    """

    name: str
    bounds: Bounds
    ephemeral: bool = False
    exact: bool = False
    partial: bool = True
    values: str = "BAC"
    readable: bool = False
    on_create: bool = False

    def start(self) -> Situation:
        """Return where its stories begin: B is wanted, and the baseline is A."""
        most = MOST_ATTEMPTS + self.bounds.kills + self.bounds.faults
        world = World(Bounds(), ephemeral=self.ephemeral, exact=self.exact, most=most, readable=self.readable)
        at = first(world, partial=self.partial)
        return replace(at, wanted="B", on_create=self.on_create, world=replace(at.world, bounds=self.bounds))
