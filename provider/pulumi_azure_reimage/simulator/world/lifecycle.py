"""How machines, disks and operations change together: when they are created, settled and removed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .disk import Disk
from .guids import new_guid
from .machine import Machine
from .network import interfaces_of
from .times import arm_time

if TYPE_CHECKING:
    from datetime import datetime

    from ..inventory.specification import MachineSpecification
    from .records import Records


@dataclass(frozen=True, slots=True)
class Ending:
    """How an operation ends: `Succeeded`, or `Failed` or `Canceled` with ARM's code and message."""

    status: str = "Succeeded"
    code: str = ""
    message: str = ""


# The message is from Azure/azure-sdk-for-java#1783.
PREEMPTED = Ending(
    "Canceled", "OperationPreempted", "The operation has been preempted by a more recent operation."
)


def create_machine(
    records: Records, spec: MachineSpecification, now: datetime, *, from_inventory: bool
) -> Machine:
    """Create a machine and its OS disk."""
    machine = Machine.create(
        spec,
        now,
        vm_id=new_guid(records, f"vm:{spec.key}"),
        disk=new_guid(records, f"disk:{spec.key}"),
        from_inventory=from_inventory,
    )
    records.put_machine(machine)
    records.put_disk(Disk.of(machine, machine.time_created))
    return machine


def settle(records: Records, now: datetime) -> None:
    """Apply the end of every operation that has ended by `now` to its machine and its disks."""
    for operation in records.due_operations(now):
        records.set_time(operation.shown_at)
        records.put_operation(replace(operation, settled=True))
        machine = records.machine(operation.machine_key)
        if machine is None or machine.removed:
            continue
        if operation.kind == "delete" and operation.status == "Succeeded":
            delete_machine(records, machine)
            continue
        ended = machine.ended(operation)
        records.put_machine(ended)
        if ended.os_disk_name != machine.os_disk_name:
            # Inferred from the time of its status, which was seconds after its operation began.
            records.put_disk(Disk.of(ended, arm_time(operation.started_at)))
            _release_os_disk(records, machine)
    records.set_time(now)


def end_now(records: Records, machine: Machine, now: datetime, ending: Ending | None = None) -> bool:
    """End the running operation of `machine` at once. Without `ending`, it ends as it would have ended.

    Returns:
        Whether there was one.
    """
    operation = records.unsettled_operation(machine.key)
    if operation is None:
        return False
    if not operation.is_running(now):  # It has ended, but its machine does not show it yet.
        records.put_operation(replace(operation, shown_after=0.0))
        settle(records, now)
        return True
    ended = replace(operation, ends_at=now, shown_after=0.0)
    if ending is not None:
        untouched = machine.untouched_by(ended)
        ended = replace(untouched, status=ending.status, code=ending.code, message=ending.message)
    records.put_operation(ended)
    settle(records, now)
    return True


def remove_machine(records: Records, machine: Machine, now: datetime) -> None:
    """Delete a machine. Its OS disk stays if its delete option is `Detach`."""
    end_now(records, machine, now, PREEMPTED)
    delete_machine(records, records.machine(machine.key) or machine)


def delete_machine(records: Records, machine: Machine) -> None:
    """Delete a machine on which no operation runs, and everything that is deleted with it."""
    _release_os_disk(records, machine)
    for interface in interfaces_of(machine, delete_option="Delete"):
        records.delete_resource(interface)
    records.put_machine(replace(machine, removed=True))


def _release_os_disk(records: Records, machine: Machine) -> None:
    disk = records.disk(machine.os_disk_id)
    if disk is None:
        return
    if machine.spec.os_disk == "Detach":
        records.put_disk(disk.detached())
    else:
        records.delete_disk(disk.id)
