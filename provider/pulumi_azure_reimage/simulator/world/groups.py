"""Resource groups: those that clients wrote, and those that exist because a machine is in them.

Rule 1: a group outlives its machines, so a machine that was removed still keeps its group.
Rule 2: a deleted group stays deleted until it is written again, even if the inventory names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .lifecycle import PREEMPTED, delete_machine, end_now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..inventory.inventory import Inventory
    from .machine import Machine
    from .records import Records

_DELETED: Mapping[str, Any] = {"deleted": True}


def group_id(subscription_id: str, resource_group: str) -> str:
    """Write the resource id of a resource group."""
    return f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}"


def subscription_exists(records: Records, inventory: Inventory, subscription_id: str) -> bool:
    """Return whether a subscription exists: it is the inventory's, or it has a resource."""
    if subscription_id.lower() == inventory.defaults.subscription_id.lower():
        return True
    prefix = f"/subscriptions/{subscription_id}/".lower()
    return bool(records.machines_under(prefix) or records.resources_under(prefix))


def find_group(records: Records, subscription_id: str, resource_group: str) -> Mapping[str, Any] | None:
    """Return what was written to a resource group; `{}` if it only has machines."""
    identity = group_id(subscription_id, resource_group)
    stored: Mapping[str, Any] | None = records.resource(identity)
    if stored is not None:
        return None if stored == _DELETED else stored
    return {} if records.machines_under(f"{identity}/".lower()) else None


def group_names(records: Records, subscription_id: str) -> list[str]:
    """Return the names of the resource groups of a subscription, in alphabetical order."""
    prefix = f"/subscriptions/{subscription_id}/".lower()
    names = {spec.resource_group.lower(): spec.resource_group for spec in _specs(records, prefix)}
    for stored in records.resources_under(prefix):
        if stored != _DELETED and stored["id"].count("/") == _GROUP_DEPTH:
            names[stored["name"].lower()] = stored["name"]
    return [
        name for _, name in sorted(names.items()) if find_group(records, subscription_id, name) is not None
    ]


_GROUP_DEPTH = group_id("", "").count("/")


def _specs(records: Records, prefix: str) -> list[Any]:
    return [machine.spec for machine in records.machines_under(prefix)]


def machines_of(records: Records, subscription_id: str, resource_group: str) -> list[Machine]:
    """Return the machines that exist in a resource group."""
    prefix = f"{group_id(subscription_id, resource_group)}/".lower()
    return [machine for machine in records.machines_under(prefix) if not machine.removed]


def delete_group(records: Records, subscription_id: str, resource_group: str, now: datetime) -> None:
    """Delete a resource group and everything in it."""
    identity = group_id(subscription_id, resource_group)
    prefix = f"{identity}/".lower()
    for machine in machines_of(records, subscription_id, resource_group):
        end_now(records, machine, now, PREEMPTED)
        delete_machine(records, records.machine(machine.key) or machine)
    for disk in records.disks_under(prefix):
        records.delete_disk(disk.id)
    for resource in records.resources_under(prefix):
        records.delete_resource(resource["id"])
    records.put_resource(identity, _DELETED)
