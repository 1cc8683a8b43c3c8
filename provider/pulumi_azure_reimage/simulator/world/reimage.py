"""How a reimage begins, how long it takes and how it ends, according to inventory, commands and script."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..faults.aftermath import Aftermath, aftermath_of, silences_agent
from ..faults.default_messages import operation_message
from ..faults.effects import (
    Effect,
    EndOperation,
    ForgetOperation,
    KeepOsDisk,
    LeaveDisk,
    LeaveMachine,
    SetDuration,
    ShowLate,
)
from .guids import new_guid
from .machine import Machine, new_os_disk_name
from .operation import Operation
from .script import take_fault

if TYPE_CHECKING:
    from datetime import datetime

    from ..inventory.inventory import Inventory
    from .records import Records

_ALL = "operation_seconds"


def begin_reimage(
    records: Records, inventory: Inventory, machine: Machine, image_version: str, now: datetime
) -> Operation:
    """Start a reimage. The machine shows `image_version` after success."""
    disk = machine.os_disk_name
    if not machine.is_ephemeral:
        disk = new_os_disk_name(machine.name, new_guid(records, f"disk:{machine.key}"))
    operation = replace(
        new_operation(records, inventory, machine, now), os_disk_name=disk, image_version=image_version
    )
    fault = take_fault(records, "reimage", machine.name, machine.key)
    effects = fault.effects if fault is not None else ()
    for effect in effects:
        operation = changed(operation, machine, effect)
    if operation.status != "Succeeded":
        operation = _ended_badly(operation, machine, effects)
    records.put_machine(machine.started(reimaging=operation.period))
    records.put_operation(operation)
    return operation


def new_operation(records: Records, inventory: Inventory, machine: Machine, now: datetime) -> Operation:
    """Return an operation that leaves the OS disk of `machine` as it is, and takes as long as a reimage."""
    return Operation(
        id=str(new_guid(records, f"operation:{machine.key}")),
        machine_key=machine.key,
        machine_name=machine.name,
        subscription_id=machine.spec.subscription_id,
        location=machine.spec.location,
        started_at=now,
        ends_at=now + timedelta(seconds=seconds_of(records, inventory, machine)),
        os_disk_name=machine.os_disk_name,
        image_version=machine.image_version,
    )


def set_seconds(records: Records, machine: Machine | None, seconds: float | None) -> None:
    """Set how long reimages of one machine, or of all, take; None restores the inventory's value."""
    records.put_setting(_ALL if machine is None else f"{_ALL}:{machine.key}", seconds)


def seconds_of(records: Records, inventory: Inventory, machine: Machine) -> float:
    """Return how long a reimage of `machine` takes: as set for it, else for all, else in the inventory."""
    for candidate in (
        records.setting(f"{_ALL}:{machine.key}"),
        machine.spec.operation_seconds,
        records.setting(_ALL),
    ):
        if candidate is not None:
            return float(candidate)
    return inventory.operation_seconds


def changed(operation: Operation, machine: Machine, effect: Effect) -> Operation:
    """Return the operation, changed by one effect of a script."""
    changes: dict[str, Any] = {}
    match effect:
        case SetDuration(seconds):
            changes = {"ends_at": operation.started_at + timedelta(seconds=seconds)}
        case EndOperation(status, code, message):
            sentence = message or operation_message(code, machine.name)
            changes = {"status": status, "code": code, "message": sentence}
        case ShowLate(seconds):
            changes = {"shown_after": seconds}
        case ForgetOperation(seconds):
            changes = {"forgotten_after": seconds}
        case KeepOsDisk():
            changes = {"os_disk_name": machine.os_disk_name}
        case LeaveMachine("failed"):
            changes = {"leaves_failed": True}
        case LeaveMachine(power):
            changes = {"power": power}
        case _:
            pass
    return replace(operation, **changes)


def _ended_badly(operation: Operation, machine: Machine, effects: tuple[Effect, ...]) -> Operation:
    """Decide what a failure leaves, by the script or by its code."""
    said = next((effect.aftermath for effect in effects if isinstance(effect, LeaveDisk)), None)
    match said or aftermath_of(operation.code):
        case Aftermath.UNTOUCHED:
            return machine.untouched_by(operation)
        case Aftermath.NEW_DISK:
            return replace(operation, silences_agent=silences_agent(operation.code))
        case Aftermath.BROKEN:
            # Inferred: a machine that does not boot is stopped, and still allocated.
            return replace(operation, power="stopped", silences_agent=True)
