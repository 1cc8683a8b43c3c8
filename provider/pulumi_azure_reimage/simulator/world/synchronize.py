"""Synchronizes the state with the inventory file: its machines, edits of their settings, and its script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InventoryError, SimulatorError
from ..inventory.specification import MachineSpecification
from .lifecycle import create_machine
from .machines import with_settings
from .script import add_script

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from ..inventory.inventory import Inventory
    from .machine import Machine
    from .records import Records


_DIGEST = "inventory_digest"
_OWNER = "inventory"


def claim_state(records: Records, inventory: Path) -> None:
    """Note whose state this is, because two inventories with one state would remove each other's machines.

    An inventory that was renamed keeps its state, as long as the old name is gone.

    Raises:
        SimulatorError: It is the state of another inventory that exists.
    """
    owner: str | None = records.setting(_OWNER)
    if owner == inventory.name:
        return
    if owner is not None:
        other = inventory.with_name(owner)
        if other.exists() and not (inventory.exists() and other.samefile(inventory)):
            raise SimulatorError(
                f"{inventory}: the state that belongs to this name is that of {owner}; "
                "two inventories cannot share a state, so rename one of them"
            )
    records.put_setting(_OWNER, inventory.name)


def synchronize(records: Records, inventory: Inventory, now: datetime) -> None:
    """Synchronize the state with the inventory file: new and removed machines, edits, and the script.

    An edited setting is applied, and what happened to a machine stays. An unchanged file is not compared
    again, which took most of the time of a command with thousands of machines.

    Raises:
        InventoryError: The file is empty, as an editor or a full disk can leave it.
        ScriptError: A line of the file's script is not understood.
        UnknownMachineError: A line of the file's script names a machine that does not exist.
    """
    if inventory.digest is not None and records.setting(_DIGEST) == inventory.digest:
        return
    known = {machine.key: machine for machine in records.machines()}
    if inventory.stamp is not None and inventory.digest is None:
        _refuse_emptied(inventory, known.values())
    wanted = {spec.key: spec for spec in inventory.machines}
    for key, spec in wanted.items():
        if key not in known:
            create_machine(records, spec, now, from_inventory=True)
        else:
            _apply_edits(records, known[key], spec, now)
        records.put_setting(f"file:{key}", spec.to_document())
    for key, machine in known.items():
        if machine.from_inventory and key not in wanted:
            records.forget_machine(key)
            records.delete_disk(machine.os_disk_id)
            records.put_setting(f"file:{key}", None)
    _synchronize_script(records, inventory.script)
    records.put_setting(_DIGEST, inventory.digest)


def _refuse_emptied(inventory: Inventory, known: Iterable[Machine]) -> None:
    count = sum(machine.from_inventory and not machine.removed for machine in known)
    if count:
        raise InventoryError(
            f"{inventory.path}: the inventory is empty, and it had {count} machines; "
            "a file with a comment removes them"
        )


def _apply_edits(records: Records, machine: Machine, spec: MachineSpecification, now: datetime) -> None:
    stored = records.setting(f"file:{machine.key}")
    if stored is None:
        return
    # Read and written again, because a record of an older version lacks newer keys.
    before = MachineSpecification.from_document(stored).to_document()
    edits = {key: value for key, value in spec.to_document().items() if before[key] != value}
    if edits:
        records.put_machine(with_settings(machine, edits, now))


def _synchronize_script(records: Records, lines: tuple[str, ...]) -> None:
    """Add new lines and drop removed ones. A line that stays is not armed again."""
    known: list[str] = records.setting("inventory_script") or []
    if list(lines) == known:
        return
    gone = [line for line in known if line not in lines]
    for armed in records.script():
        if armed.from_inventory and armed.line in gone:
            records.delete_script_line(armed.number)
    add_script(records, tuple(line for line in lines if line not in known), from_inventory=True)
    records.put_setting("inventory_script", list(lines))
