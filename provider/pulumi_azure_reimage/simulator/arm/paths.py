"""The paths of ARM that the simulator answers; resource ids compare without letter case."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..inventory.resource_ids import resource_id
from .errors import path_not_found

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
    """The VMs of a resource group, or of a subscription when `resource_group` is None."""

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


Path = (
    MachinePath
    | MachineListPath
    | DiskPath
    | OperationPath
    | PermissionsPath
    | LocksPath
    | MarketplaceVersionPath
    | GalleryVersionPath
)
_IN_MARKETPLACE = (
    r"/locations/(?P<location>[^/]+)/publishers/(?P<publisher>[^/]+)/artifacttypes/vmimage"
    r"/offers/(?P<offer>[^/]+)/skus/(?P<sku>[^/]+)/versions/(?P<version>[^/]+)"
)
_IN_GALLERY = r"/galleries/(?P<gallery>[^/]+)/images/(?P<image>[^/]+)/versions/(?P<version>[^/]+)"
_AUTHORIZATION = r"(?P<scope>/.+)/providers/Microsoft\.Authorization"
_OPERATION = r"/locations/(?P<location>[^/]+)/operations/(?P<operation_id>[^/]+)"
# The names of the groups are those of the fields.
_FORMS: tuple[tuple[str, Callable[..., Path]], ...] = (
    (rf"{_GROUP}{_COMPUTE}/virtualMachines/(?P<name>[^/]+)(?:/(?P<action>[A-Za-z]+))?", MachinePath),
    (rf"{_SUBSCRIPTION}{_COMPUTE}{_OPERATION}", OperationPath),
    (rf"{_GROUP}{_COMPUTE}/disks/(?P<name>[^/]+)", DiskPath),
    (rf"{_GROUP}{_COMPUTE}/virtualMachines", MachineListPath),
    (rf"{_SUBSCRIPTION}{_COMPUTE}/virtualMachines", MachineListPath),
    (rf"{_AUTHORIZATION}/permissions", PermissionsPath),
    (rf"{_AUTHORIZATION}/locks", LocksPath),
    (rf"{_SUBSCRIPTION}{_COMPUTE}{_IN_MARKETPLACE}", MarketplaceVersionPath),
    (rf"{_GROUP}{_COMPUTE}{_IN_GALLERY}", GalleryVersionPath),
)
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), build) for pattern, build in _FORMS)
_LOWER_CASE = ("action", "operation_id")


def operation_path(subscription_id: str, location: str, operation_id: str) -> str:
    """Write the path of an operation's status."""
    return (
        f"/subscriptions/{subscription_id}/providers/Microsoft.Compute"
        f"/locations/{location}/operations/{operation_id}"
    )


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
    raise path_not_found(path)
