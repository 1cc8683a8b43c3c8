"""The paths of ARM that the simulator answers. Resource ids are compared ignoring case."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from ..inventory.resource_ids import resource_id
from .errors import path_not_found
from .network_documents import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

_SUBSCRIPTION = r"/subscriptions/(?P<subscription_id>[^/]+)"
_GROUP = rf"{_SUBSCRIPTION}/resourceGroups/(?P<resource_group>[^/]+)"
_COMPUTE = r"/providers/Microsoft\.Compute"


@dataclass(frozen=True, slots=True)
class MachinePath:
    """A VM, or something that is done to it (`action`, in lower case)."""

    subscription_id: str
    resource_group: str
    name: str
    action: str

    @property
    def id(self) -> str:
        """The resource id in lower case, which is how the state finds a machine."""
        return resource_id(self.subscription_id, self.resource_group, "virtualMachines", self.name).lower()


@dataclass(frozen=True, slots=True)
class MachineListPath:
    """The VMs of a resource group, or of a subscription if `resource_group` is None."""

    subscription_id: str
    resource_group: str | None = None


@dataclass(frozen=True, slots=True)
class DiskPath:
    """A managed disk."""

    subscription_id: str
    resource_group: str
    name: str

    @property
    def id(self) -> str:
        """The resource id in lower case."""
        return resource_id(self.subscription_id, self.resource_group, "disks", self.name).lower()


@dataclass(frozen=True, slots=True)
class DiskListPath:
    """The disks of a resource group, or of a subscription if `resource_group` is None."""

    subscription_id: str
    resource_group: str | None = None


@dataclass(frozen=True, slots=True)
class ExtensionPath:
    """An extension of a VM, or the list of them if `extension` is empty."""

    subscription_id: str
    resource_group: str
    name: str
    extension: str

    @property
    def machine_id(self) -> str:
        """The resource id of the VM in lower case."""
        return resource_id(self.subscription_id, self.resource_group, "virtualMachines", self.name).lower()


@dataclass(frozen=True, slots=True)
class OperationPath:
    """The status of a long-running operation."""

    subscription_id: str
    location: str
    operation_id: str


@dataclass(frozen=True, slots=True)
class PermissionsPath:
    """What the caller may do with the resource `scope`."""

    scope: str


@dataclass(frozen=True, slots=True)
class ActivityLogPath:
    """The activity log of a subscription."""

    subscription_id: str


@dataclass(frozen=True, slots=True)
class LocksPath:
    """The management locks on the resource `scope`."""

    scope: str


@dataclass(frozen=True, slots=True)
class MarketplaceVersionPath:
    """A version of an image of the marketplace, in a region."""

    subscription_id: str
    location: str
    publisher: str
    offer: str
    sku: str
    version: str


@dataclass(frozen=True, slots=True)
class MarketplaceVersionListPath:
    """The versions of an image of the marketplace, in a region."""

    subscription_id: str
    location: str
    publisher: str
    offer: str
    sku: str


@dataclass(frozen=True, slots=True)
class GalleryVersionPath:
    """A version of an image of a compute gallery."""

    subscription_id: str
    resource_group: str
    gallery: str
    image: str
    version: str

    @property
    def image_id(self) -> str:
        """The resource id of the image."""
        gallery = resource_id(self.subscription_id, self.resource_group, "galleries", self.gallery)
        return f"{gallery}/images/{self.image}"


@dataclass(frozen=True, slots=True)
class GroupPath:
    """A resource group."""

    subscription_id: str
    resource_group: str


@dataclass(frozen=True, slots=True)
class GroupListPath:
    """The resource groups of a subscription."""

    subscription_id: str


@dataclass(frozen=True, slots=True)
class DeploymentPath:
    """A template deployment, or a part of it (`action`, in lower case)."""

    subscription_id: str
    resource_group: str
    name: str
    action: str
    operation_id: str

    @property
    def canonical_id(self) -> str:
        """The resource id as ARM spells it. Clients also write `resourcegroups`."""
        group = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/Microsoft.Resources/deployments/{self.name}"

    @property
    def id(self) -> str:
        """The resource id in lower case."""
        return self.canonical_id.lower()


@dataclass(frozen=True, slots=True)
class SubscriptionPath:
    """A subscription, or the list of them if `subscription_id` is empty."""

    subscription_id: str


@dataclass(frozen=True, slots=True)
class NetworkPath:
    """A resource of Microsoft.Network, or a list of them if `name` is empty.

    Attributes:
        kind: The path of its type in lower case, such as `virtualnetworks/subnets`.
        parent: The lower-case resource id of its parent; None without one.
        resource_id: The resource id as the client wrote it.
    """

    subscription_id: str
    resource_group: str | None
    kind: str
    name: str
    parent: str | None
    resource_id: str

    @property
    def id(self) -> str:
        """The resource id in lower case."""
        return self.resource_id.lower()

    @property
    def prefix(self) -> str:
        """The prefix of the lower-case resource ids of its list."""
        if self.parent is not None:
            return f"{self.parent}/"
        group = f"resourcegroups/{self.resource_group.lower()}/" if self.resource_group else ""
        return f"/subscriptions/{self.subscription_id.lower()}/{group}"

    @classmethod
    def read(cls, subscription_id: str, resource_group: str, rest: str, path: str) -> Self:
        """Parse what follows the namespace: types and names in turn.

        Raises:
            ArmError: There is no such type.
        """
        parts = rest.split("/")
        kind = "/".join(parts[::2]).lower()
        name = parts[-1] if len(parts) % 2 == 0 else ""
        if kind not in KINDS or not all(parts) or (not resource_group and len(parts) > 1):
            raise path_not_found(path)
        within = len(parts) - (2 if name else 1)
        parent = path[: len(path) - len("/".join(parts[within:])) - 1].lower() if within else None
        return cls(subscription_id, resource_group or None, kind, name, parent, path)


Path = (
    MachinePath
    | MachineListPath
    | DiskPath
    | OperationPath
    | PermissionsPath
    | LocksPath
    | ActivityLogPath
    | MarketplaceVersionPath
    | GalleryVersionPath
    | DiskListPath
    | ExtensionPath
    | GroupPath
    | GroupListPath
    | NetworkPath
    | DeploymentPath
    | MarketplaceVersionListPath
    | SubscriptionPath
)
_IN_MARKETPLACE = (
    r"/locations/(?P<location>[^/]+)/publishers/(?P<publisher>[^/]+)/artifacttypes/vmimage"
    r"/offers/(?P<offer>[^/]+)/skus/(?P<sku>[^/]+)/versions"
)
_IN_GALLERY = r"/galleries/(?P<gallery>[^/]+)/images/(?P<image>[^/]+)/versions/(?P<version>[^/]+)"
_AUTHORIZATION = r"(?P<scope>/.+)/providers/Microsoft\.Authorization"
_OPERATION = r"/locations/(?P<location>[^/]+)/operations/(?P<operation_id>[^/]+)"
_DEPLOYMENT = (
    r"/providers/Microsoft\.Resources/deployments/(?P<name>[^/]+)"
    r"(?:/(?P<action>[A-Za-z]+)(?:/(?P<operation_id>[^/]+))?)?"
)
_DEPLOYMENT_OPERATIONS = r"/deployments/(?P<name>[^/]+)/(?P<action>operations)(?P<operation_id>)"
# The names of the groups are those of the fields.
_FORMS: tuple[tuple[str, Callable[..., Path]], ...] = (
    (
        rf"{_GROUP}{_COMPUTE}/virtualMachines/(?P<name>[^/]+)/extensions(?:/(?P<extension>[^/]+))?",
        ExtensionPath,
    ),
    (rf"{_GROUP}{_COMPUTE}/virtualMachines/(?P<name>[^/]+)(?:/(?P<action>[A-Za-z]+))?", MachinePath),
    (rf"{_SUBSCRIPTION}{_COMPUTE}{_OPERATION}", OperationPath),
    (rf"{_GROUP}{_COMPUTE}/disks", DiskListPath),
    (rf"{_SUBSCRIPTION}{_COMPUTE}/disks", DiskListPath),
    (rf"{_GROUP}{_COMPUTE}/disks/(?P<name>[^/]+)", DiskPath),
    (rf"{_GROUP}{_COMPUTE}/virtualMachines", MachineListPath),
    (rf"{_SUBSCRIPTION}{_COMPUTE}/virtualMachines", MachineListPath),
    (rf"{_AUTHORIZATION}/permissions", PermissionsPath),
    (rf"{_AUTHORIZATION}/locks", LocksPath),
    (rf"{_SUBSCRIPTION}/providers/Microsoft\.Insights/eventtypes/management/values", ActivityLogPath),
    (rf"{_SUBSCRIPTION}{_COMPUTE}{_IN_MARKETPLACE}/(?P<version>[^/]+)", MarketplaceVersionPath),
    (rf"{_SUBSCRIPTION}{_COMPUTE}{_IN_MARKETPLACE}", MarketplaceVersionListPath),
    (rf"{_GROUP}{_DEPLOYMENT}", DeploymentPath),
    # The list of operations is the only address without its provider (specification/resources, 2021-04-01).
    (rf"{_GROUP}{_DEPLOYMENT_OPERATIONS}", DeploymentPath),
    (r"/subscriptions(?:/(?P<subscription_id>[^/]+))?", SubscriptionPath),
    (rf"{_GROUP}{_COMPUTE}{_IN_GALLERY}", GalleryVersionPath),
    (_GROUP, GroupPath),
    (rf"{_SUBSCRIPTION}/resourceGroups", GroupListPath),
)
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), build) for pattern, build in _FORMS)
_NETWORK = re.compile(
    rf"{_SUBSCRIPTION}(?:/resourceGroups/(?P<resource_group>[^/]+))?/providers/Microsoft\.Network/(?P<rest>.+)",
    re.IGNORECASE,
)
_LOWER_CASE = ("action", "operation_id")


def operation_path(subscription_id: str, location: str, operation_id: str) -> str:
    """Return the path of an operation's status."""
    return (
        f"/subscriptions/{subscription_id}/providers/Microsoft.Compute"
        f"/locations/{location}/operations/{operation_id}"
    )


@lru_cache(maxsize=1024)  # Each path is parsed twice: for its subject, and for its answer.
def parse_path(path: str) -> Path:
    """Read the path of a request.

    Raises:
        ArmError: The simulator has nothing at this path.
    """
    for pattern, build in _PATTERNS:
        if found := pattern.fullmatch(path):
            parts = {name: part or "" for name, part in found.groupdict().items()}
            return build(
                **{name: part.lower() if name in _LOWER_CASE else part for name, part in parts.items()}
            )
    if found := _NETWORK.fullmatch(path):
        return NetworkPath.read(found["subscription_id"], found["resource_group"] or "", found["rest"], path)
    raise path_not_found(path)
