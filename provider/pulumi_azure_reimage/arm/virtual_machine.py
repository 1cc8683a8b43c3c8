"""The properties of a virtual machine that a reimage depends on, read from ARM's GET.

Field names: https://learn.microsoft.com/rest/api/compute/virtual-machines/get (api-version 2024-07-01).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..json_reading import drop_none, get, get_list, get_str, parse_time
from .image import Image

if TYPE_CHECKING:
    from datetime import datetime

DEFAULT_API_VERSION = "2024-07-01"

# ARM RPC v1.0, "provisioningState": these are final. In any other state, ARM is still working on the VM.
_SETTLED_STATES = frozenset({"succeeded", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class DiskFacts:
    """What state keeps about a VM before its reimage, to find out later what happened to its disk.

    Attributes:
        vm_unique_id: `properties.vmId`, which changes if the VM is recreated under the same resource id.
        os_disk_id: ARM id of the OS disk. A reimage changes the id of a managed disk.
        image_version: `imageReference.exactVersion`.
        delete_option: What Azure does with the old OS disk: `Detach` or `Delete`.
        ephemeral: Whether the OS disk is local to the host. A reimage does not change its id.
    """

    vm_unique_id: str
    os_disk_id: str | None
    image_version: str | None
    delete_option: str
    ephemeral: bool

    def same_os_disk(self, other: DiskFacts) -> bool:
        """Report whether both are the same OS disk. ARM may change the case of an id."""
        return (self.os_disk_id or "").lower() == (other.os_disk_id or "").lower()

    def replaces(self, old: DiskFacts) -> bool:
        """Report whether this is known to be a managed OS disk that differs from `old`."""
        known = self.os_disk_id is not None and old.os_disk_id is not None
        return known and not self.ephemeral and not self.same_os_disk(old)

    @property
    def retained(self) -> bool:
        """Whether Azure keeps this OS disk when a reimage replaces it."""
        return not self.ephemeral and self.delete_option.casefold() == "detach"

    def to_state(self) -> dict[str, object]:
        """Return the facts under their state keys, which are frozen."""
        return drop_none(
            {
                "vm_unique_id": self.vm_unique_id,
                "os_disk_id": self.os_disk_id,
                "image_version": self.image_version,
                "delete_option": self.delete_option,
                "ephemeral": self.ephemeral,
            }
        )

    @classmethod
    def from_state(cls, state: object) -> DiskFacts:
        """Read what `to_state` wrote. A missing key is an unknown value, not an error."""
        return cls(
            vm_unique_id=get_str(state, "vm_unique_id") or "",
            os_disk_id=get_str(state, "os_disk_id"),
            image_version=get_str(state, "image_version"),
            delete_option=get_str(state, "delete_option") or "Detach",
            ephemeral=get(state, "ephemeral") is True,
        )


@dataclass(frozen=True, slots=True)
class VirtualMachine:
    """A VM as ARM described it at one moment.

    Attributes:
        disk: What state keeps about it.
        location: Its region.
        os_type: `Linux` or `Windows`.
        image: The image of its OS disk; None if an existing disk was attached.
        provisioned: Whether an OS was provisioned for it, as opposed to a specialized disk or image.
        power: `running`, `stopped`, `deallocated`, or a transition between them.
        generalized: Whether it was generalized.
        scale_set_id: The flexible scale set that it belongs to.
        created_at: When it was created, by Azure's clock.
        status_times: The times of the statuses of the VM and of its disks, from the instance view. They are
            only compared for equality, because many operations other than a reimage change them.
        read_at: When ARM answered, by ARM's clock (`Date`).
    """

    name: str
    provisioning_state: str
    etag: str | None
    disk: DiskFacts
    location: str | None = None
    os_type: str | None = None
    image: Image | None = None
    provisioned: bool = True
    power: str | None = None
    generalized: bool = False
    scale_set_id: str | None = None
    created_at: datetime | None = None
    status_times: tuple[str, ...] = ()
    read_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """Whether ARM has finished its last operation on this VM."""
        return self.provisioning_state.casefold() in _SETTLED_STATES

    @property
    def succeeded(self) -> bool:
        """Whether ARM's last operation on this VM succeeded."""
        return self.provisioning_state.casefold() == "succeeded"

    @property
    def deleting(self) -> bool:
        """Whether ARM is deleting this VM (ARM RPC v1.0, "provisioningState")."""
        return self.provisioning_state.casefold() == "deleting"

    @property
    def may_run(self) -> bool:
        """Whether it is running or starting, as far as ARM shows its power state."""
        return self.power in (None, "running", "starting")

    @classmethod
    def from_body(cls, body: object, read_at: datetime | None = None) -> VirtualMachine:
        """Read the body of a GET.

        Args:
            body: The body.
            read_at: When ARM answered, by ARM's clock.

        Raises:
            ValueError: the body is not a virtual machine.
        """
        properties = get(body, "properties")
        unique_id = get_str(properties, "vmId")
        if unique_id is None:
            raise ValueError("the answer has no properties.vmId")
        os_disk = get(properties, "storageProfile", "osDisk")
        ephemeral = get(os_disk, "diffDiskSettings", "option") is not None
        # https://learn.microsoft.com/azure/virtual-machines/states-billing
        statuses = get_list(properties, "instanceView", "statuses")
        codes = [(get_str(status, "code") or "").casefold() for status in statuses]
        return cls(
            name=get_str(body, "name") or "",
            provisioning_state=(get_str(properties, "provisioningState") or "").strip(),
            etag=get_str(body, "etag"),
            disk=DiskFacts(
                vm_unique_id=unique_id,
                os_disk_id=get_str(os_disk, "managedDisk", "id"),
                image_version=get_str(properties, "storageProfile", "imageReference", "exactVersion"),
                # OSDisk.deleteOption, 2024-07-01 Swagger: Detach by default, always Delete if ephemeral.
                delete_option=get_str(os_disk, "deleteOption") or ("Delete" if ephemeral else "Detach"),
                ephemeral=ephemeral,
            ),
            location=get_str(body, "location"),
            os_type=get_str(os_disk, "osType"),
            image=Image.from_body(get(properties, "storageProfile", "imageReference")),
            # A VM without osProfile, from a specialized image or an attached disk, was not provisioned.
            provisioned=get(properties, "osProfile") is not None,
            power=next((code.partition("/")[2] for code in codes if code.startswith("powerstate/")), None),
            generalized="osstate/generalized" in codes,
            scale_set_id=get_str(properties, "virtualMachineScaleSet", "id"),
            created_at=parse_time(get(properties, "timeCreated")),
            status_times=_status_times(get(properties, "instanceView")),
            read_at=read_at,
        )


def _status_times(view: object) -> tuple[str, ...]:
    # The VM agent's own times change with every heartbeat.
    disks = [get_list(disk, "statuses") for disk in get_list(view, "disks")]
    statuses = [*get_list(view, "statuses"), *(status for listed in disks for status in listed)]
    return tuple(time for status in statuses if (time := get_str(status, "time")))
