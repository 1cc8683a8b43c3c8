"""What a user says about one machine, before the simulator adds ids, disks and times."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self, TypedDict

from .paths import resource_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .tables import Table

DELETE_OPTIONS = ("Detach", "Delete", "Ephemeral")
OS_TYPES = ("Linux", "Windows")
POWER_STATES = ("running", "stopped", "deallocated")
ORIGINS = ("Image", "Specialized", "Attach")
LOCKS = ("CanNotDelete", "ReadOnly")
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
    actions: Sequence[str]


MACHINE_KEYS = ("name", *MachineSettings.__annotations__)


@dataclass(frozen=True, slots=True)
class Image:
    """An image reference, in ARM's words."""

    publisher: str
    offer: str
    sku: str
    version: str


@dataclass(frozen=True, slots=True)
class MachineDefaults:
    """What a machine is when its table does not say."""

    subscription_id: str = "00000000-0000-0000-0000-000000000000"
    resource_group: str = "simulated"
    location: str = "westeurope"
    actions: tuple[str, ...] = ALL_ACTIONS


_IMAGES = {
    "Linux": (Image("Canonical", "ubuntu-24_04-lts", "server", "latest"), "24.04.202610010"),
    "Windows": (
        Image("MicrosoftWindowsServer", "WindowsServer", "2022-datacenter-azure-edition", "latest"),
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
        image = table.table("image")
        image.refuse_unknown_keys(Image.__annotations__)
        return cls(
            name=table.text("name"),
            resource_group=table.text("resource_group", defaults.resource_group),
            subscription_id=table.text("subscription_id", defaults.subscription_id),
            location=table.text("location", defaults.location),
            os_type=os_type,
            os_disk=table.choice("os_disk", DELETE_OPTIONS, "Detach"),
            size=table.text("size", "Standard_D2ds_v5"),
            image=Image(
                publisher=image.text("publisher", default_image.publisher),
                offer=image.text("offer", default_image.offer),
                sku=image.text("sku", default_image.sku),
                version=image.text("version", default_image.version),
            ),
            image_version=table.text("image_version", default_version),
            custom_data=table.optional_text("custom_data"),
            operation_seconds=table.optional_seconds("operation_seconds"),
            power=table.choice("power", POWER_STATES, "running"),
            agent=table.choice("agent", AGENTS, "Ready"),
            agent_seconds=table.seconds("agent_seconds", 0.0),
            generalized=table.boolean("generalized", default=False),
            created_from=table.choice("created_from", ORIGINS, "Image"),
            scale_set=table.optional_text("scale_set"),
            lock=table.optional_choice("lock", LOCKS),
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
        return cls(**{**document, "image": Image(**document["image"]), "actions": actions})
