"""What uses network resources: VMs use interfaces, interfaces use subnets, subnets use security groups."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .deployment import TYPE as DEPLOYMENT

if TYPE_CHECKING:
    from .machine import Machine
    from .records import Records


def users_of(records: Records, resource_id: str) -> list[str]:
    """Return the ids of the resources that refer to a resource, except those inside it.

    Only its own subscription is searched.
    """
    subscription = "/".join(resource_id.lower().split("/")[:3])
    mine = f'"{resource_id.lower()}"'
    machines = [
        machine.id
        for machine in records.machines_under(f"{subscription}/")
        if not machine.removed and resource_id.lower() in interfaces_of(machine)
    ]
    others = [
        str(resource["id"])
        for resource in records.resources_under(f"{subscription}/")
        if _refers(resource, mine) and not resource["id"].lower().startswith(f"{resource_id}/".lower())
    ]
    return machines + others


def interfaces_of(machine: Machine, delete_option: str | None = None) -> list[str]:
    """Return the lower-case ids of the network interfaces that a client gave a machine.

    With a `delete_option`, only those that have it. One without an option is kept.
    """
    profile = (machine.model.get("properties") or {}).get("networkProfile") or {}
    return [
        str(interface.get("id", "")).lower()
        for interface in profile.get("networkInterfaces") or ()
        if delete_option in {None, (interface.get("properties") or {}).get("deleteOption")}
    ]


def _refers(resource: object, mine: str) -> bool:
    """Return whether a resource refers to another one. A deployment only remembers what it wrote."""
    if isinstance(resource, dict) and resource.get("type") == DEPLOYMENT:
        return False
    document = {**resource, "id": ""} if isinstance(resource, dict) else resource
    return mine in json.dumps(document).lower()
