"""How long a reimage takes and how it ends: the inventory, overruled by commands and by the script."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..faults.default_messages import operation_message
from ..faults.effects import End, Keep, Leave, Take
from ..inventory.catalogue import version_after
from .lifecycle import Aftermath, Ending, Plan
from .script import take_fault

if TYPE_CHECKING:
    from datetime import datetime

    from ..arm.reimage_body import ReimageBody
    from ..inventory.inventory import Inventory
    from .machine import Machine
    from .records import Records

_ALL = "operation_seconds"


def plan_reimage(
    records: Records, inventory: Inventory, machine: Machine, body: ReimageBody, now: datetime
) -> Plan:
    """Decide how the reimage that begins now will go.

    Raises:
        ArmError: The machine cannot have this version.
    """
    image_version = version_after(inventory.images, machine, body.exact_version, now)
    seconds, ending, aftermath = seconds_of(records, inventory, machine), Ending(), Aftermath()
    fault = take_fault(records, "reimage", machine.name, machine.key)
    for effect in fault.effects if fault is not None else ():
        if isinstance(effect, Take):
            seconds = effect.seconds
        if isinstance(effect, End):
            message = effect.message or operation_message(effect.code, machine.name)
            ending = Ending(effect.status, effect.code, message)
        if isinstance(effect, Keep):
            aftermath = replace(aftermath, old_disk=True)
        if isinstance(effect, Leave):
            failed = effect.state == "failed"
            aftermath = replace(aftermath, failed=True) if failed else replace(aftermath, power=effect.state)
    return Plan(now, seconds, ending, image_version, aftermath)


def seconds_of(records: Records, inventory: Inventory, machine: Machine) -> float:
    """Return how long a reimage of `machine` takes: what was set for it, or else for all, wins."""
    for candidate in (
        records.setting(f"{_ALL}:{machine.key}"),
        machine.spec.operation_seconds,
        records.setting(_ALL),
    ):
        if candidate is not None:
            return float(candidate)
    return inventory.operation_seconds


def set_seconds(records: Records, machine: Machine | None, seconds: float | None) -> None:
    """Set how long reimages of one machine, or of all, take; None goes back to the inventory."""
    records.put_setting(_ALL if machine is None else f"{_ALL}:{machine.key}", seconds)
