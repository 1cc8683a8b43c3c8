"""Managed OS disks, in use or left behind by a reimage."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .machine import Machine


@dataclass(frozen=True, slots=True)
class Disk:
    """One managed disk.

    Attributes:
        managed_by: The resource id of the VM that uses it; None for a disk that its VM left behind.
        model: What clients wrote to it, such as its tags.
    """

    id: str
    name: str
    location: str
    os_type: str
    size_gb: int
    time_created: str
    managed_by: str | None
    model: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, machine: Machine, time_created: str) -> Self:
        """Describe the OS disk that `machine` has now."""
        return cls(
            id=machine.os_disk_id,
            name=machine.os_disk_name,
            location=machine.spec.location,
            os_type=machine.spec.os_type,
            size_gb=os_disk_size_gb(machine),
            time_created=time_created,
            managed_by=machine.id,
        )

    def detached(self) -> Disk:
        """Return the disk after it was detached from its VM."""
        return replace(self, managed_by=None)

    def to_document(self) -> dict[str, Any]:
        """Write the disk as JSON data."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_document` wrote."""
        return cls(**document)


def os_disk_size_gb(machine: Machine) -> int:
    """Return the size that a client wrote, or that of the image's OS disk (Ubuntu's or Windows Server's)."""
    storage = (machine.model.get("properties") or {}).get("storageProfile") or {}
    written = (storage.get("osDisk") or {}).get("diskSizeGB")
    if isinstance(written, int):
        return written
    return 127 if machine.spec.os_type == "Windows" else 30
