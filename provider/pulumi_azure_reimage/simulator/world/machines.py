"""The machines of a simulated world: taken in from the inventory, found, added and changed."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from ..arm.links import LinkSigner
from ..errors import SimulatorError, UnknownMachineError
from ..inventory.specification import MachineDefaults, MachineSpecification
from ..inventory.tables import Table
from .lifecycle import create_machine
from .script import take_in_script

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..inventory.inventory import Inventory
    from .machine import Machine
    from .records import Records

_IDENTITY = ("name", "resource_group", "subscription_id")


def take_in(records: Records, inventory: Inventory, now: datetime) -> None:
    """Bring the state up to the inventory file: new machines, those that left it, edits, and the script.

    A setting that was edited in the file is followed; what happened to a machine stays.

    Raises:
        ScriptError: A line of the file's script is not understood.
        UnknownMachineError: A line of the file's script names a machine that does not exist.
    """
    known = {machine.key: machine for machine in records.machines()}
    wanted = {spec.key: spec for spec in inventory.machines}
    for key, spec in wanted.items():
        if key not in known:
            create_machine(records, spec, now, from_inventory=True)
        else:
            _follow(records, known[key], spec)
        records.put_setting(f"file:{key}", spec.to_document())
    for key, machine in known.items():
        if machine.from_inventory and key not in wanted:
            records.forget_machine(key)
            records.delete_disk(machine.os_disk_id)
            records.put_setting(f"file:{key}", None)
    take_in_script(records, inventory.script)


def _follow(records: Records, machine: Machine, spec: MachineSpecification) -> None:
    stored = records.setting(f"file:{machine.key}")
    if stored is None:
        return
    # Read and written anew: what an older version wrote lacks the keys that came since.
    before = MachineSpecification.from_document(stored).to_document()
    edits = {key: value for key, value in spec.to_document().items() if before[key] != value}
    if edits:
        records.put_machine(_changed(machine, edits))


def find_machine(records: Records, name: str) -> Machine:
    """Find a machine by its name or resource id.

    Raises:
        UnknownMachineError: There is none, or the name is not enough.
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
    raise UnknownMachineError(f'no machine is called "{name}"; there are: {", ".join(known) or "none"}')


def add_machine(records: Records, spec: MachineSpecification, now: datetime) -> Machine:
    """Create a machine that the inventory does not have.

    Raises:
        SimulatorError: The machine exists.
    """
    old = records.machine(spec.key)
    if old is not None and not old.removed:
        raise SimulatorError(f"{old.id} exists")
    return create_machine(records, spec, now, from_inventory=False)


def change_machine(records: Records, machine: Machine, settings: Mapping[str, object]) -> Machine:
    """Change settings of a machine; None takes one away.

    Raises:
        InventoryError: A setting is not understood.
        SimulatorError: A setting is part of the resource id.
    """
    for key in _IDENTITY:
        if key in settings:
            raise SimulatorError(f"{key} is part of the resource id; add another machine instead")
    keys = set(settings)
    document = {key: value for key, value in machine.spec.to_document().items() if value is not None}
    if "image" in keys:  # Another image has other versions.
        keys.add("image_version")
        del document["image_version"]
    given = {key: value for key, value in {**document, **settings}.items() if value is not None}
    spec = MachineSpecification.read(Table(f'machine "{machine.name}"', given), MachineDefaults())
    changed = _changed(machine, {key: spec.to_document()[key] for key in keys})
    records.put_machine(changed)
    return changed


def _changed(machine: Machine, edits: Mapping[str, object]) -> Machine:
    spec = MachineSpecification.from_document({**machine.spec.to_document(), **edits})
    version = spec.image_version if "image_version" in edits else machine.image_version
    changed = replace(machine, spec=spec, image_version=version)
    if "failed" not in edits or machine.provisioning_state == "Updating":
        return changed
    return changed.provisioned(failed=spec.failed)


def load_signer(records: Records) -> LinkSigner:
    """Return the signer of operation URLs, which is made once for each state."""
    stored = records.setting("signer")
    if stored is not None:
        return LinkSigner(base64.b64decode(stored["key"]), stored["certificate"])
    signer = LinkSigner.new()
    value = {"key": base64.b64encode(signer.key).decode(), "certificate": signer.certificate}
    records.put_setting("signer", value)
    return signer
