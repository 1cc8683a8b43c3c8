"""The machines of a simulated world: found, added and changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import SimulatorError, UnknownMachineError
from ..inventory.specification import MachineDefaults, MachineSpecification
from ..inventory.tables import Table
from .lifecycle import create_machine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .machine import Machine
    from .records import Records

_IDENTITY = ("name", "resource_group", "subscription_id")
# Settings that a client changes in Azure by a request to the VM itself, or by starting or stopping it.
_TOUCHING = ("power", "os_disk", "size", "data_disks", "scale_set", "generalized")


def find_machine(records: Records, name: str) -> Machine:
    """Find a machine by its name or resource id.

    Raises:
        UnknownMachineError: There is no such machine, or the name is ambiguous.
    """
    by_id = records.machine(name.lower()) if "/" in name else None
    candidates = [by_id] if by_id is not None else records.machines_named(name)
    found = [machine for machine in candidates if not machine.removed]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(machine.id for machine in found)
        raise UnknownMachineError(f'several machines are called "{name}"; use the resource id: {ids}')
    known = [machine.name for machine in records.machines() if not machine.removed]
    raise UnknownMachineError(f'no machine is called "{name}" (known machines: {", ".join(known) or "none"})')


def add_machine(records: Records, spec: MachineSpecification, now: datetime) -> Machine:
    """Create a machine that the inventory does not have.

    Raises:
        SimulatorError: The machine exists.
    """
    old = records.machine(spec.key)
    if old is not None and not old.removed:
        raise SimulatorError(f"the machine {old.id} already exists")
    return create_machine(records, spec, now, from_inventory=False)


def change_machine(
    records: Records, machine: Machine, settings: Mapping[str, object], now: datetime
) -> Machine:
    """Change settings of a machine; None removes one.

    Raises:
        InventoryError: A setting is not understood.
        SimulatorError: A setting is part of the resource id.
    """
    for key in _IDENTITY:
        if key in settings:
            raise SimulatorError(f"{key} is part of the resource id, so add another machine instead")
    keys = set(settings)
    document = {key: value for key, value in machine.spec.to_document().items() if value is not None}
    if "image" in keys:  # Another image has other versions.
        keys.add("image_version")
        del document["image_version"]
    given = {key: value for key, value in {**document, **settings}.items() if value is not None}
    spec = MachineSpecification.read(Table(f'machine "{machine.name}"', given), MachineDefaults())
    changed = with_settings(machine, {key: spec.to_document()[key] for key in keys}, now)
    records.put_machine(changed)
    return changed


def with_settings(machine: Machine, edits: Mapping[str, object], now: datetime) -> Machine:
    """Return the machine after some of its settings were edited."""
    spec = MachineSpecification.from_document({**machine.spec.to_document(), **edits})
    version = spec.image_version if "image_version" in edits else machine.image_version
    changed = replace(machine, spec=spec, image_version=version)
    if any(getattr(spec, key) != getattr(machine.spec, key) for key in _TOUCHING):
        changed = changed.touched(now)
    if "failed" not in edits or machine.provisioning_state == "Updating":
        return changed
    return changed.provisioned(failed=spec.failed)


def change_extension(records: Records, machine: Machine, now: datetime) -> Machine:
    """Put or delete an extension. Only the time that it moves is kept."""
    changed = machine.touched(now)
    records.put_machine(changed)
    return changed
