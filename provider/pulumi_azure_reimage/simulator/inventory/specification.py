"""What a user says about one machine, before the simulator adds ids, disks and times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypedDict

from .arm_rules import (
    custom_data,
    data_disks,
    exact_version,
    region,
    resource_group_name,
    scale_set_name,
    subscription,
    vm_name,
    vm_size,
)
from .image_reference import Image, MarketplaceImage, image_from_document, read_image
from .resource_ids import resource_id
from .tables import key, keys_of
from .values import Choice, boolean, seconds, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .tables import Table


class MachineSettings(TypedDict, total=False):
    """The keys of a `[[machine]]` other than its name. Each has a default."""

    resource_group: str
    subscription_id: str
    location: str
    os_type: str
    os_disk: str
    size: str
    image: Mapping[str, str]
    image_version: str
    custom_data: str
    operation_seconds: float
    power: str
    agent: str
    agent_seconds: float
    generalized: bool
    created_from: str
    scale_set: str
    lock: str
    lock_scope: str
    failed: bool
    data_disks: int
    actions: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineDefaults:
    """The settings of a machine that can also be at the top of the inventory, for all machines."""

    subscription_id: str = field(
        default="00000000-0000-0000-0000-000000000000", metadata=key("the subscription", subscription)
    )
    resource_group: str = field(default="simulated", metadata=key("the resource group", resource_group_name))
    location: str = field(default="westeurope", metadata=key("the region", region))
    actions: tuple[str, ...] = field(
        default=("*",),
        metadata=key("what the caller's role allows, with * as in role definitions", texts),
    )

    def to_values(self) -> dict[str, Any]:
        """Return them by their names."""
        return {name: getattr(self, name) for name in keys_of(MachineDefaults)}


_IMAGES = {
    "Linux": (MarketplaceImage("Canonical", "ubuntu-24_04-lts", "server", "latest"), "24.04.202610010"),
    "Windows": (
        MarketplaceImage(
            "MicrosoftWindowsServer", "WindowsServer", "2022-datacenter-azure-edition", "latest"
        ),
        "20348.4294.261002",
    ),
}
_OS_TYPE = Choice(*_IMAGES)
_DEFAULT_OS = "Linux"


def newest_version(os_type: str) -> str:
    """Return the version that `latest` means for an image that is not in the catalogue."""
    return _IMAGES[os_type][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSpecification(MachineDefaults):
    """One machine as its user describes it. Each key of a `[[machine]]` is a field here."""

    name: str = field(metadata=key("the only key that is required", vm_name, example='"web"'))
    os_type: str = field(default=_DEFAULT_OS, metadata=key("the operating system", _OS_TYPE))
    os_disk: str = field(
        default="Detach",
        metadata=key("managed with that delete option, or local", Choice("Detach", "Delete", "Ephemeral")),
    )
    size: str = field(default="Standard_D2ds_v5", metadata=key("the VM size", vm_size))
    image: Image = field(metadata=key("publisher, offer, sku and version, or the id of a gallery's image"))
    image_version: str = field(
        metadata=key("the exactVersion that the machine was created from", exact_version)
    )
    custom_data: str | None = field(
        default=None, metadata=key("the base64 text that the machine was created with", custom_data)
    )
    operation_seconds: float | None = field(
        default=None, metadata=key("how long its reimages take, if not operation_seconds", seconds)
    )
    power: str = field(
        default="running", metadata=key("the power state", Choice("running", "stopped", "deallocated"))
    )
    agent: str = field(
        default="Ready",
        metadata=key("what the instance view says about the VM agent", Choice("Ready", "NotReady", "Absent")),
    )
    # Recorded: 4 s after the machine in 2024, 1 s in 2023 (Azure/azure-cli, test_vm_reimage.yaml).
    agent_seconds: float = field(
        default=4.0, metadata=key("how long after a reimage or a start the VM agent becomes ready", seconds)
    )
    generalized: bool = field(
        default=False, metadata=key("whether it was generalized, after which it cannot run again", boolean)
    )
    created_from: str = field(
        default="Image", metadata=key("where its OS disk is from", Choice("Image", "Specialized", "Attach"))
    )
    scale_set: str | None = field(
        default=None, metadata=key("the flexible scale set of the machine", scale_set_name)
    )
    lock: str | None = field(
        default=None, metadata=key("the management lock on it", Choice("CanNotDelete", "ReadOnly"))
    )
    # A lock applies only to this machine, wherever it is set. Each other machine that inherits it must
    # declare it too.
    lock_scope: str = field(
        default="machine",
        metadata=key("where its lock is inherited from", Choice("machine", "resource_group", "subscription")),
    )
    failed: bool = field(
        default=False, metadata=key("whether it is Failed, until a reimage succeeds", boolean)
    )
    data_disks: int = field(default=0, metadata=key("how many data disks are attached", data_disks))

    @classmethod
    def read(cls, table: Table, defaults: MachineDefaults) -> Self:
        """Read a `[[machine]]` table.

        Raises:
            InventoryError: A key is unknown, missing or of the wrong type.
        """
        table.refuse_unknown_keys(MACHINE_KEYS)
        os_type = table.read("os_type", _OS_TYPE) if "os_type" in table.values else _DEFAULT_OS
        default_image, default_version = _IMAGES[os_type]
        image = read_image(table.table("image"), default_image)
        version = image.default_version or default_version
        return cls(**table.read_keys(cls, {**defaults.to_values(), "image": image, "image_version": version}))

    @property
    def id(self) -> str:
        """The resource id."""
        return resource_id(self.subscription_id, self.resource_group, "virtualMachines", self.name)

    @property
    def key(self) -> str:
        """The resource id in lower case, which is how the state finds a machine."""
        return self.id.lower()

    def to_document(self) -> dict[str, Any]:
        """Write the specification as JSON data."""
        # `asdict` would copy each value, at every write of a machine.
        return {**{name: getattr(self, name) for name in MACHINE_KEYS}, "image": self.image.to_document()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_document` wrote."""
        actions = tuple(document.get("actions", ("*",)))
        return cls(**{**document, "image": image_from_document(document["image"]), "actions": actions})


# The name comes first, as in the file.
MACHINE_KEYS = tuple(sorted(keys_of(MachineSpecification), key="name".__ne__))
