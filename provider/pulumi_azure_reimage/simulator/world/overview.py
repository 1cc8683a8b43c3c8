"""The whole world at one moment, for the lists of the command line, the admin API and the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..faults.effects import MAX_SECONDS

if TYPE_CHECKING:
    from datetime import datetime

    from ..http.request_log import LoggedRequest
    from .disk import Disk
    from .machine import Machine
    from .operation import Operation
    from .records import Records


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a running operation.

    Attributes:
        fraction: Between 0 and 1; None for an operation that hangs until it is ended.
        seconds_left: The seconds until its end; None as above.
    """

    operation: Operation
    fraction: float | None
    seconds_left: float | None

    @classmethod
    def of(cls, operation: Operation, now: datetime) -> Progress:
        """Measure an operation."""
        lasts = operation.ends_at - operation.started_at
        if lasts >= timedelta(seconds=MAX_SECONDS):
            return cls(operation, None, None)
        passed = (now - operation.started_at) / lasts if lasts else 1.0
        left = (operation.ends_at - now).total_seconds()
        return cls(operation, min(max(passed, 0.0), 1.0), max(left, 0.0))

    def sentence(self) -> str:
        """Describe it in a few words."""
        if self.fraction is None or self.seconds_left is None:
            return "hangs until it is ended"
        return f"{self.fraction:.0%}, {self.seconds_left:.0f} s left"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON for programs."""
        return {
            "id": self.operation.id,
            "kind": self.operation.kind,
            "startTime": self.operation.started_at.isoformat(),
            "progress": self.fraction,
            "secondsLeft": self.seconds_left,
        }


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """A machine with its OS disk and its running operation."""

    machine: Machine
    running: Progress | None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON for programs. The settings have the names of the inventory's keys."""
        machine, spec = self.machine, self.machine.spec
        return {
            "id": machine.id,
            "name": machine.name,
            "vmId": machine.vm_id,
            "timeCreated": machine.time_created,
            "provisioningState": machine.provisioning_state,
            "failure": _failure(machine),
            "power": spec.power,
            "imageVersion": machine.image_version,
            "osDisk": {"name": machine.os_disk_name, "id": machine.os_disk_id},
            "lock": spec.lock,
            "operation": None if self.running is None else self.running.to_json(),
            "settings": {key: value for key, value in spec.to_document().items() if key != "custom_data"},
        }


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that exists at one moment.

    Attributes:
        requests: The newest of the request log, oldest first.
    """

    now: datetime
    machines: tuple[MachineStatus, ...]
    disks: tuple[Disk, ...]
    script: tuple[str, ...]
    requests: tuple[LoggedRequest, ...]

    def status(self, machine: Machine) -> MachineStatus:
        """Return the status of a machine. Another process may have removed it since it was found."""
        found = (status for status in self.machines if status.machine.key == machine.key)
        return next(found, MachineStatus(machine, None))

    def kept_disks(self) -> list[Disk]:
        """Return the OS disks that a reimage or a deletion left behind."""
        return [disk for disk in self.disks if disk.managed_by is None]


def look(records: Records, now: datetime, *, requests: int) -> Overview:
    """Return everything, and this many of the newest requests."""
    running = {operation.machine_key: operation for operation in records.unsettled_operations()}
    return Overview(
        now=now,
        machines=tuple(
            MachineStatus(machine, Progress.of(operation, now) if operation is not None else None)
            for machine in records.machines()
            if not machine.removed
            for operation in [running.get(machine.key)]
        ),
        disks=tuple(records.disks()),
        script=tuple(line.line for line in records.script()),
        requests=tuple(records.newest_requests(requests)),
    )


def _failure(machine: Machine) -> dict[str, str] | None:
    if machine.failure is None:
        return None
    code, message = machine.failure
    return {"code": code, "message": message}
