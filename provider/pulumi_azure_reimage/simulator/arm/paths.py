"""The paths of ARM that the simulator answers; resource ids compare without letter case."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import path_not_found

if TYPE_CHECKING:
    from collections.abc import Callable

_SUBSCRIPTION = r"/subscriptions/(?P<subscription>[^/]+)"
_GROUP = rf"{_SUBSCRIPTION}/resourceGroups/(?P<group>[^/]+)"
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
    resource_group: str | None


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
    r"/locations/([^/]+)/publishers/([^/]+)/artifacttypes/vmimage"
    r"/offers/([^/]+)/skus/([^/]+)/versions/([^/]+)"
)
_AUTHORIZATION = r"(?P<scope>/.+)/providers/Microsoft\.Authorization"
_FORMS: tuple[tuple[str, Callable[[re.Match[str]], Path]], ...] = (
    (
        rf"{_GROUP}{_COMPUTE}/virtualMachines/(?P<name>[^/]+)(?:/(?P<action>[A-Za-z]+))?",
        lambda found: MachinePath(
            found["subscription"], found["group"], found["name"], (found["action"] or "").lower()
        ),
    ),
    (
        rf"{_SUBSCRIPTION}{_COMPUTE}/locations/(?P<location>[^/]+)/operations/(?P<operation>[^/]+)",
        lambda found: OperationPath(found["subscription"], found["location"], found["operation"].lower()),
    ),
    (
        rf"{_GROUP}{_COMPUTE}/disks/(?P<name>[^/]+)",
        lambda found: DiskPath(found["subscription"], found["group"], found["name"]),
    ),
    (
        rf"{_GROUP}{_COMPUTE}/virtualMachines",
        lambda found: MachineListPath(found["subscription"], found["group"]),
    ),
    (
        rf"{_SUBSCRIPTION}{_COMPUTE}/virtualMachines",
        lambda found: MachineListPath(found["subscription"], None),
    ),
    (rf"{_AUTHORIZATION}/permissions", lambda found: PermissionsPath(found["scope"])),
    (rf"{_AUTHORIZATION}/locks", lambda found: LocksPath(found["scope"])),
    (
        rf"{_SUBSCRIPTION}{_COMPUTE}{_IN_MARKETPLACE}",
        lambda found: MarketplaceVersionPath(*found.groups()),
    ),
    (
        rf"{_GROUP}{_COMPUTE}/galleries/([^/]+)/images/([^/]+)/versions/([^/]+)",
        lambda found: GalleryVersionPath(*found.groups()),
    ),
)
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), build) for pattern, build in _FORMS)


def resource_id(subscription_id: str, resource_group: str, resource_type: str, name: str) -> str:
    """Write a Microsoft.Compute resource id."""
    return (
        f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}"
        f"/providers/Microsoft.Compute/{resource_type}/{name}"
    )


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
            return build(found)
    raise path_not_found(path)
