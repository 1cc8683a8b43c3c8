"""A configuration: how often each disturbance may happen in its stories, and on which stack."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

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
        current: Whether `skip_if_current` is set.
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
    current: bool = False
    empty: bool = False

    def contains(self, other: Configuration) -> bool:
        """Return whether all stories of another configuration are among those of this one."""
        mine, others = asdict(self.bounds), asdict(other.bounds)
        is_larger = all(mine[name] >= others[name] for name in mine)
        values = self.values if other.bounds.changes else other.values
        alike = replace(other, name=self.name, bounds=self.bounds, values=self.values)
        return is_larger and alike == self and set(other.values) <= set(values)

    def start(self) -> Situation:
        """Return where its stories begin: the program says B, and the baseline is A."""
        most = MOST_ATTEMPTS + self.bounds.kills + self.bounds.faults
        world = World(Bounds(), ephemeral=self.ephemeral, exact=self.exact, most=most, readable=self.readable)
        if self.empty:
            at = Situation(replace(world, effect=""), "idle", (), partial=self.partial)
        else:
            at = first(world, partial=self.partial)
        world = replace(at.world, bounds=self.bounds)
        return replace(at, wanted="B", on_create=self.on_create, current=self.current, world=world)
