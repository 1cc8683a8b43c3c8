"""The operations on a machine other than a reimage. They begin here, and end as a reimage does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from .guids import new_guid
from .operation import Operation
from .reimage import changed, new_operation
from .script import take_fault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..inventory.inventory import Inventory
    from .machine import Machine
    from .records import Records


@dataclass(frozen=True, slots=True)
class Action:
    """One kind of operation.

    Attributes:
        kind: Its name, which for a POST is the last part of its path.
        power: The power state of its machine after success; empty if it does not change.
        transition: The power state while it runs; empty if the operating system is not affected.
        state: The provisioning state while it runs.
    """

    kind: str
    power: str = ""
    transition: str = ""
    state: str = "Updating"


# The power states are those of Microsoft Learn, "States and billing status of Azure Virtual Machines";
# `starting` was recorded for a machine that is being created (Azure/azure-cli, test_vm_create_no_wait.yaml).
CREATE = Action("create", "running", "starting", "Creating")
UPDATE = Action("update")
EXTENSION = Action("extension")
DELETE = Action("delete", state="Deleting")
POSTS: Mapping[str, Action] = MappingProxyType(
    {
        action.kind.lower(): action
        for action in (
            Action("start", "running", "starting"),
            Action("powerOff", "stopped", "stopping"),
            Action("deallocate", "deallocated", "deallocating"),
            Action("restart", "running", "running"),
            Action("redeploy", "running", "running"),
            Action("reapply"),
        )
    }
)


def begin_action(
    records: Records, inventory: Inventory, machine: Machine, action: Action, now: datetime
) -> Operation:
    """Start an operation, which takes as long as a reimage. The machine shows it at once.

    `machine` already has the new model. In the recording, the answer to a PUT of a machine has the new model
    and the state `Updating` (Azure/azure-cli, test_vm_os_disk_swap.yaml, 2022).
    """
    operation = replace(
        new_operation(records, inventory, machine, now),
        power=action.power or machine.spec.power,
        kind=action.kind,
    )
    fault = take_fault(records, "operation", machine.name, machine.key)
    for effect in fault.effects if fault is not None else ():
        operation = changed(operation, machine, effect)
    records.put_machine(machine.started(action.state, action.transition).touched(now))
    records.put_operation(operation)
    return operation


def ended_operation(records: Records, resource_id: str, location: str, now: datetime) -> Operation:
    """Record an operation on a resource other than a machine. It has already ended."""
    operation = Operation(
        id=str(new_guid(records, f"operation:{resource_id.lower()}")),
        machine_key=resource_id.lower(),
        machine_name=resource_id.rpartition("/")[2],
        subscription_id=resource_id.split("/")[2],
        location=location,
        started_at=now,
        ends_at=now,
        os_disk_name="",
        image_version="",
        settled=True,
        kind="disk",
    )
    records.put_operation(operation)
    return operation
