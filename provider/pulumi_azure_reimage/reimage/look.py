"""A look at a VM, which is saved before a request is sent, so that the next run can compare.

The look is the write-ahead record of a send. It is only compared for equality, so no time in it decides
anything.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..arm.virtual_machine import DiskFacts
from ..errors import UnreadableStateError
from ..json_reading import drop_none, get, get_str
from .state_fields import read_time

if TYPE_CHECKING:
    from datetime import datetime

    from ..arm.virtual_machine import VirtualMachine


@dataclass(frozen=True, slots=True)
class Look:
    """A VM at one moment.

    Attributes:
        disk: The VM and its OS disk.
        fingerprint: A digest of the etag and of the times of all statuses. Every recorded operation changed
            at least one of them (assumed for a reimage of an ephemeral disk).
        read_at: When ARM showed it, by ARM's clock. The activity log is searched from that time on.
    """

    disk: DiskFacts
    fingerprint: str
    read_at: datetime | None = field(default=None, compare=False)

    @classmethod
    def at(cls, vm: VirtualMachine) -> Look:
        """Return a look at a VM as ARM has just described it."""
        text = "\n".join([vm.etag or "", *vm.status_times])
        fingerprint = hashlib.sha256(text.encode()).hexdigest()[:32] if text else ""
        return cls(vm.disk, fingerprint, vm.read_at)

    def is_unchanged(self, now: Look) -> bool:
        """Return whether no reimage was accepted since. Anything that cannot be compared may be one."""
        if self.disk.vm_unique_id != now.disk.vm_unique_id or self.disk.ephemeral != now.disk.ephemeral:
            return False
        if self.disk.ephemeral:
            return bool(self.fingerprint) and self.fingerprint == now.fingerprint
        return self.disk.os_disk_id is not None and self.disk.same_os_disk(now.disk)

    def to_state(self) -> dict[str, object]:
        """Return the look under its state keys."""
        read_at = self.read_at.isoformat() if self.read_at else None
        return drop_none({"disk": self.disk.to_state(), "fingerprint": self.fingerprint, "read_at": read_at})

    @classmethod
    def from_state(cls, state: object) -> Look:
        """Read what `to_state` wrote.

        Raises:
            UnreadableStateError: it does not name the VM, or its time is not a time.
        """
        disk = DiskFacts.from_state(get(state, "disk"))
        if not disk.vm_unique_id:
            raise UnreadableStateError("it does not say which VM was looked at")
        return cls(disk, get_str(state, "fingerprint") or "", read_time(state, "read_at"))
