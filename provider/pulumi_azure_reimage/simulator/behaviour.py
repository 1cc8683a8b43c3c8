"""How the simulated service behaves: durations, Retry-After and the endings that were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .lifecycle import Ending

if TYPE_CHECKING:
    from .inventory import Inventory
    from .machine import Machine
    from .state import Records

_ALL = "operation_seconds"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the inventory says, overruled by what a command said later."""

    inventory: Inventory

    @property
    def location(self) -> str:
        """The location that ARM names when it lists what it supports."""
        return self.inventory.defaults.location

    def retry_after_header(self) -> dict[str, str]:
        """Return the Retry-After header, when the inventory has one."""
        seconds = self.inventory.retry_after
        return {} if seconds is None else {"retry-after": str(seconds)}

    def seconds_of(self, records: Records, machine: Machine) -> float:
        """Return how long a reimage of `machine` takes: what was set for it, or else for all, wins."""
        for candidate in (
            records.setting(f"{_ALL}:{machine.key}"),
            machine.spec.operation_seconds,
            records.setting(_ALL),
        ):
            if candidate is not None:
                return float(candidate)
        return self.inventory.operation_seconds

    @staticmethod
    def set_seconds(records: Records, machine: Machine | None, seconds: float | None) -> None:
        """Set how long reimages of one machine, or of all, take; None goes back to the inventory."""
        records.put_setting(_ALL if machine is None else f"{_ALL}:{machine.key}", seconds)

    @staticmethod
    def add_ending(records: Records, machine: Machine, ending: Ending) -> None:
        """Make the next reimage of `machine` end as `ending` says."""
        key = f"endings:{machine.key}"
        queue = records.setting(key) or []
        records.put_setting(key, [*queue, [ending.status, ending.code, ending.message]])

    @staticmethod
    def take_ending(records: Records, machine: Machine) -> Ending:
        """Return how the reimage that begins now ends."""
        key = f"endings:{machine.key}"
        queue = records.setting(key)
        if not queue:
            return Ending()
        records.put_setting(key, queue[1:] or None)
        return Ending(*queue[0])
