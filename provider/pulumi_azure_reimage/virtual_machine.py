"""The facts of a virtual machine that a reimage depends on, read from ARM's GET.

Field names: https://learn.microsoft.com/rest/api/compute/virtual-machines/get (api-version 2024-07-01).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# ARM RPC v1.0, "provisioningState": these end; any other word means that ARM is still at work on the VM.
_SETTLED_STATES = frozenset({"succeeded", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class DiskFacts:
    """What is kept in state of a VM before its reimage, to tell later what became of its disk.

    Attributes:
        vm_unique_id: `properties.vmId`: a VM that is created anew under the same resource id has another.
        os_disk_id: ARM id of the OS disk; a reimage gives a managed disk another one.
        image_version: `imageReference.exactVersion`.
        delete_option: What Azure does with the old OS disk: `Detach` or `Delete`.
        ephemeral: Whether the OS disk is local to the host; a reimage leaves its id as it is.
        os_disk_since: When ARM provisioned the OS disk (ISO 8601), by the instance view.
    """

    vm_unique_id: str
    os_disk_id: str | None
    image_version: str | None
    delete_option: str
    ephemeral: bool
    os_disk_since: str | None = None

    def same_os_disk(self, other: DiskFacts) -> bool:
        """Tell whether it is one and the same OS disk; ARM does not keep the case of the names in an id."""
        return (self.os_disk_id or "").lower() == (other.os_disk_id or "").lower()

    def replaces(self, old: DiskFacts) -> bool:
        """Tell whether this is known to be another managed OS disk than `old`."""
        known = self.os_disk_id is not None and old.os_disk_id is not None
        return known and not self.ephemeral and not self.same_os_disk(old)

    def to_state(self) -> dict[str, object]:
        """Return the facts under their state keys, which are frozen."""
        return {
            "vm_unique_id": self.vm_unique_id,
            "os_disk_id": self.os_disk_id,
            "image_version": self.image_version,
            "delete_option": self.delete_option,
            "ephemeral": self.ephemeral,
            "os_disk_since": self.os_disk_since,
        }

    @classmethod
    def from_state(cls, state: object) -> DiskFacts:
        """Read what `to_state` wrote; a missing key is an unknown fact, not an error."""
        return cls(
            vm_unique_id=_text(state, "vm_unique_id") or "",
            os_disk_id=_text(state, "os_disk_id"),
            image_version=_text(state, "image_version"),
            delete_option=_text(state, "delete_option") or "Detach",
            ephemeral=_at(state, "ephemeral") is True,
            os_disk_since=_text(state, "os_disk_since"),
        )


@dataclass(frozen=True, slots=True)
class VirtualMachine:
    """A VM as ARM showed it at one moment."""

    name: str
    provisioning_state: str
    etag: str | None
    disk: DiskFacts

    @property
    def settled(self) -> bool:
        """Tell whether ARM has finished what it was last asked to do with this VM."""
        return self.provisioning_state.casefold() in _SETTLED_STATES

    @property
    def succeeded(self) -> bool:
        """Tell whether what ARM was last asked to do with this VM ended well."""
        return self.provisioning_state.casefold() == "succeeded"

    @classmethod
    def from_body(cls, body: object) -> VirtualMachine:
        """Read the body of a GET.

        Raises:
            ValueError: the body is not a virtual machine.
        """
        properties = _at(body, "properties")
        unique_id = _text(properties, "vmId")
        if unique_id is None:
            raise ValueError("the answer has no properties.vmId")
        os_disk = _at(properties, "storageProfile", "osDisk")
        ephemeral = _at(os_disk, "diffDiskSettings", "option") is not None
        return cls(
            name=_text(body, "name") or "",
            provisioning_state=_text(properties, "provisioningState") or "",
            etag=_text(body, "etag"),
            disk=DiskFacts(
                vm_unique_id=unique_id,
                os_disk_id=_text(os_disk, "managedDisk", "id"),
                image_version=_text(properties, "storageProfile", "imageReference", "exactVersion"),
                # OSDisk.deleteOption, 2024-07-01 Swagger: Detach by default, always Delete if ephemeral.
                delete_option=_text(os_disk, "deleteOption") or ("Delete" if ephemeral else "Detach"),
                ephemeral=ephemeral,
                os_disk_since=_provisioned(properties, _text(os_disk, "name")),
            ),
        )


def _provisioned(properties: object, disk_name: str | None) -> str | None:
    """Return when ARM says that the disk was provisioned, from the instance view."""
    for disk in _list(_at(properties, "instanceView", "disks")):
        if disk_name is not None and _text(disk, "name") == disk_name:
            for status in _list(_at(disk, "statuses")):
                if (_text(status, "code") or "").casefold() == "provisioningstate/succeeded":
                    return _text(status, "time")
    return None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _at(value: object, *path: str) -> object:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _text(value: object, *path: str) -> str | None:
    found = _at(value, *path)
    return found if isinstance(found, str) and found else None
