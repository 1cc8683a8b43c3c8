"""What a user says about one machine, before the simulator adds ids, disks and times."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self, TypedDict

from ..arm.paths import resource_id
from .image_reference import Image, MarketplaceImage, image_from_document, read_image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .tables import Table

DELETE_OPTIONS = ("Detach", "Delete", "Ephemeral")
OS_TYPES = ("Linux", "Windows")
POWER_STATES = ("running", "stopped", "deallocated")
ORIGINS = ("Image", "Specialized", "Attach")
LOCKS = ("CanNotDelete", "ReadOnly")
LOCK_SCOPES = ("machine", "resource_group", "subscription")
AGENTS = ("Ready", "NotReady", "Absent")
ALL_ACTIONS = ("*",)


class MachineSettings(TypedDict, total=False):
    """The keys of a `[[machine]]` beside its name; every one has a default."""

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


MACHINE_KEYS = ("name", *MachineSettings.__annotations__)


@dataclass(frozen=True, slots=True)
class MachineDefaults:
    """What a machine is when its table does not say."""

    subscription_id: str = "00000000-0000-0000-0000-000000000000"
    resource_group: str = "simulated"
    location: str = "westeurope"
    actions: tuple[str, ...] = ALL_ACTIONS


_IMAGES = {
    "Linux": (MarketplaceImage("Canonical", "ubuntu-24_04-lts", "server", "latest"), "24.04.202610010"),
    "Windows": (
        MarketplaceImage(
            "MicrosoftWindowsServer", "WindowsServer", "2022-datacenter-azure-edition", "latest"
        ),
        "20348.4294.261002",
    ),
}


@dataclass(frozen=True, slots=True)
class MachineSpecification:
    """One machine as its user describes it.

    Attributes:
        os_disk: `Detach` and `Delete` are managed disks with that `deleteOption`; `Ephemeral` is local.
        image_version: The `exactVersion` that the machine was created from.
        custom_data: The base64 text that the machine was created with, if any.
        operation_seconds: How long its reimages take, if not as long as everybody's.
        power: `running`, `stopped` or `deallocated`.
        agent: What the instance view says of the VM agent: `Ready`, `NotReady`, or `Absent` for none.
        agent_seconds: How long after a reimage the VM agent becomes ready.
        generalized: Whether it was generalized, after which it cannot run again.
        created_from: `Image`, a `Specialized` image, or an OS disk that was attached (`Attach`).
        scale_set: The flexible scale set that it belongs to, if any.
        lock: The management lock on it: `CanNotDelete`, `ReadOnly` or none.
        lock_scope: Where its lock is: on the `machine`, or on its `resource_group` or `subscription`. Such
            a lock is still this machine's alone: every other that inherits it has to say so.
        failed: Whether it is in provisioning state `Failed`, until a reimage succeeds.
        data_disks: How many data disks are attached to it.
        actions: The RBAC actions that the caller has on it, with `*` as in role definitions.
    """

    name: str
    resource_group: str
    subscription_id: str
    location: str
    os_type: str
    os_disk: str
    size: str
    image: Image
    image_version: str
    custom_data: str | None
    operation_seconds: float | None
    power: str = "running"
    agent: str = "Ready"
    agent_seconds: float = 0.0
    generalized: bool = False
    created_from: str = "Image"
    scale_set: str | None = None
    lock: str | None = None
    lock_scope: str = "machine"
    failed: bool = False
    data_disks: int = 0
    actions: tuple[str, ...] = ALL_ACTIONS

    @classmethod
    def read(cls, table: Table, defaults: MachineDefaults) -> Self:
        """Read a `[[machine]]` table.

        Raises:
            InventoryError: A key is unknown, missing or of the wrong type.
        """
        table.refuse_unknown_keys(MACHINE_KEYS)
        os_type = table.choice("os_type", OS_TYPES, "Linux")
        default_image, default_version = _IMAGES[os_type]
        image = read_image(table.table("image"), default_image)
        return cls(
            name=table.text("name"),
            resource_group=table.text("resource_group", defaults.resource_group),
            subscription_id=table.text("subscription_id", defaults.subscription_id),
            location=table.text("location", defaults.location),
            os_type=os_type,
            os_disk=table.choice("os_disk", DELETE_OPTIONS, "Detach"),
            size=table.text("size", "Standard_D2ds_v5"),
            image=image,
            image_version=table.text("image_version", image.default_version or default_version),
            custom_data=table.optional_text("custom_data"),
            operation_seconds=table.optional_seconds("operation_seconds"),
            power=table.choice("power", POWER_STATES, "running"),
            agent=table.choice("agent", AGENTS, "Ready"),
            agent_seconds=table.seconds("agent_seconds", 0.0),
            generalized=table.boolean("generalized", default=False),
            created_from=table.choice("created_from", ORIGINS, "Image"),
            scale_set=table.optional_text("scale_set"),
            lock=table.optional_choice("lock", LOCKS),
            lock_scope=table.choice("lock_scope", LOCK_SCOPES, "machine"),
            failed=table.boolean("failed", default=False),
            data_disks=table.whole("data_disks", 0),
            actions=table.texts("actions", defaults.actions),
        )

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
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_document` wrote."""
        actions = tuple(document.get("actions", ALL_ACTIONS))
        return cls(**{**document, "image": image_from_document(document["image"]), "actions": actions})
