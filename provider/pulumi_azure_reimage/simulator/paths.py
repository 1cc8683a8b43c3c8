"""The paths of ARM that the simulator answers; resource ids compare without letter case."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .arm_errors import path_not_found

_GROUP = r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
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


Path = MachinePath | MachineListPath | DiskPath | OperationPath

_MACHINE = re.compile(
    rf"{_GROUP}{_COMPUTE}/virtualMachines/(?P<name>[^/]+)(?:/(?P<action>[A-Za-z]+))?", re.IGNORECASE
)
_GROUP_MACHINES = re.compile(rf"{_GROUP}{_COMPUTE}/virtualMachines", re.IGNORECASE)
_ALL_MACHINES = re.compile(
    rf"/subscriptions/(?P<subscription>[^/]+){_COMPUTE}/virtualMachines", re.IGNORECASE
)
_DISK = re.compile(rf"{_GROUP}{_COMPUTE}/disks/(?P<name>[^/]+)", re.IGNORECASE)
_OPERATION = re.compile(
    rf"/subscriptions/(?P<subscription>[^/]+){_COMPUTE}"
    r"/locations/(?P<location>[^/]+)/operations/(?P<operation>[^/]+)",
    re.IGNORECASE,
)


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
    if found := _MACHINE.fullmatch(path):
        action = (found["action"] or "").lower()
        return MachinePath(found["subscription"], found["group"], found["name"], action)
    if found := _OPERATION.fullmatch(path):
        return OperationPath(found["subscription"], found["location"], found["operation"].lower())
    if found := _DISK.fullmatch(path):
        return DiskPath(found["subscription"], found["group"], found["name"])
    if found := _GROUP_MACHINES.fullmatch(path):
        return MachineListPath(found["subscription"], found["group"])
    if found := _ALL_MACHINES.fullmatch(path):
        return MachineListPath(found["subscription"], None)
    raise path_not_found(path)
