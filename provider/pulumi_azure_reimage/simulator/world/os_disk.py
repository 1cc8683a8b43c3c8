"""The OS disk that a client gives a machine: a new one with a given name, or an existing one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .disk import Disk

if TYPE_CHECKING:
    from .machine import Machine
    from .records import Records


def renamed(records: Records, machine: Machine, name: str) -> Machine:
    """Rename the OS disk of a machine that was just created."""
    disk = records.disk(machine.os_disk_id)
    records.delete_disk(machine.os_disk_id)
    changed = replace(machine, os_disk_name=name)
    records.put_disk(Disk.of(changed, disk.time_created if disk else machine.time_created))
    return changed


def attach(records: Records, machine: Machine, disk: Disk) -> Machine:
    """Make a machine use another disk as its OS disk. The previous one stays despite its delete option."""
    before = records.disk(machine.os_disk_id)
    if before is not None:
        records.put_disk(before.detached())
    records.put_disk(replace(disk, managed_by=machine.id))
    own = machine.disk_id(disk.name)
    elsewhere = None if own.lower() == disk.id.lower() else disk.id
    return replace(machine, os_disk_name=disk.name, os_disk_elsewhere=elsewhere)
