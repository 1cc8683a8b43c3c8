"""A simulated machine: its state, and how a reimage changes it. Everything here is pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from ..faults.default_messages import operation_message
from ..inventory.resource_ids import resource_id
from ..inventory.specification import MachineSpecification
from .times import arm_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from .operation import Operation


_FAILURE = "OSProvisioningInternalError"
# The operations after which the operating system, and with it the VM agent, has started.
BOOTING = frozenset({"create", "start", "restart", "redeploy"})
# The longest time that a running machine takes to stop. The recorded reimages took 68 to 89 seconds.
_STOPPING = timedelta(seconds=40)
_NEVER = datetime.max.replace(tzinfo=UTC).isoformat()


@dataclass(frozen=True, slots=True)
class Machine:
    """One VM.

    Attributes:
        spec: Its specification by the user.
        vm_id: `properties.vmId`, which changes if the VM is recreated under the same resource id.
        time_created: `properties.timeCreated`.
        os_disk_name: The name of the OS disk it has now.
        os_disk_since: The time of that disk's status in the instance view; None means the time of the
            machine.
        changed_at: The time of the machine's own status there, which is the end of the last operation; None
            as above.
        image_version: `imageReference.exactVersion`.
        etag: The number in the `etag`, which changes when an operation starts and when it ends.
        provisioning_state: `Succeeded` or `Failed`; `Creating`, `Updating` or `Deleting` during an operation.
        failure: Code and message of the operation that left it `Failed`.
        agent_ready_at: When the VM agent is ready after the last reimage, as an ISO time.
        from_inventory: Whether the inventory has it; false for a machine that a command added.
        removed: Whether it was deleted, by a command or a request.
        model: The parts of its model that clients wrote and for which the inventory has no key, such as its
            tags.
        extensions: Its extensions, as clients put them, by name.
        transition: The power state that it shows while an operation starts, stops or restarts it.
        reimaging: When the reimage that runs on it began and will end, as ISO times.
        os_disk_elsewhere: The resource id of an OS disk in a resource group other than its own.
        password_digest: What its administrator's password is compared with, if a client set one.
    """

    spec: MachineSpecification
    vm_id: str
    time_created: str
    os_disk_name: str
    image_version: str
    etag: int = 2  # As recorded for a VM that was only created.
    provisioning_state: str = "Succeeded"
    failure: tuple[str, str] | None = None
    agent_ready_at: str = ""
    from_inventory: bool = True
    removed: bool = False
    os_disk_since: str | None = None
    model: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    transition: str = ""
    os_disk_elsewhere: str | None = None
    password_digest: str = ""
    changed_at: str | None = None
    reimaging: tuple[str, str] | None = None

    @classmethod
    def create(
        cls,
        spec: MachineSpecification,
        now: datetime,
        *,
        vm_id: UUID,
        disk: UUID,
        from_inventory: bool = True,
    ) -> Self:
        """Create a machine with a new identity and a new OS disk."""
        created = cls(
            spec=spec,
            vm_id=str(vm_id),
            time_created=arm_time(now),
            os_disk_name=new_os_disk_name(spec.name, disk),
            image_version=spec.image_version,
            from_inventory=from_inventory,
        )
        return created.provisioned(failed=spec.failed)

    @property
    def name(self) -> str:
        """The VM name."""
        return self.spec.name

    @property
    def id(self) -> str:
        """The resource id, as the user spelled it."""
        return self.spec.id

    @property
    def key(self) -> str:
        """The resource id in lower case."""
        return self.spec.key

    @property
    def os_disk_id(self) -> str:
        """The resource id of the OS disk."""
        return self.os_disk_elsewhere or self.disk_id(self.os_disk_name)

    @property
    def data_disk_names(self) -> tuple[str, ...]:
        """The names of its data disks, in the order of their LUNs."""
        if self.written_data_disks:
            return tuple(str(disk["name"]) for disk in self.written_data_disks)
        return tuple(f"{self.name}_DataDisk_{lun}" for lun in range(self.spec.data_disks))

    @property
    def written_data_disks(self) -> list[Mapping[str, Any]]:
        """Its data disks as a client wrote them; empty if the inventory gives their number."""
        storage = (self.model.get("properties") or {}).get("storageProfile") or {}
        disks: list[Mapping[str, Any]] = storage.get("dataDisks") or []
        return disks if len(disks) == self.spec.data_disks else []

    @property
    def is_ephemeral(self) -> bool:
        """Whether the OS disk is local to the host."""
        return self.spec.os_disk == "Ephemeral"

    def disk_id(self, disk_name: str) -> str:
        """Return the resource id of a disk in this machine's resource group."""
        return resource_id(self.spec.subscription_id, self.spec.resource_group, "disks", disk_name)

    def provisioned(self, *, failed: bool) -> Self:
        """Return the machine in provisioning state `Succeeded`, or `Failed`."""
        if not failed:
            return replace(self, provisioning_state="Succeeded", failure=None)
        failure = (_FAILURE, operation_message(_FAILURE, self.name))
        return replace(self, provisioning_state="Failed", failure=failure)

    def touched(self, now: datetime) -> Machine:
        """Return the machine after a change that moves the time of its OS disk's status, but not the disk.

        Recorded for the same disk: deallocate, start, power off, restart, redeploy, a change of the VM, and
        an extension that is put or deleted (Azure/azure-cli: test_vm_create_state_modifications.yaml,
        test_diagnostics_extension_install.yaml, test_vm_create_no_wait.yaml).
        """
        return replace(self, os_disk_since=arm_time(now), changed_at=arm_time(now))

    def untouched_by(self, operation: Operation) -> Operation:
        """Return `operation`, changed so that the machine keeps its OS disk, version and power state."""
        return replace(
            operation,
            os_disk_name=self.os_disk_name,
            image_version=self.image_version,
            power=self.spec.power,
        )

    def started(
        self, state: str = "Updating", transition: str = "", reimaging: tuple[str, str] | None = None
    ) -> Machine:
        """Return the machine while an operation runs on it."""
        return replace(
            self,
            provisioning_state=state,
            etag=self.etag + 1,
            transition=transition,
            reimaging=reimaging,
        )

    def ended(self, operation: Operation) -> Machine:
        """Return the machine after `operation`, for every kind and ending."""
        succeeded = operation.status == "Succeeded"
        spec = self.spec
        if succeeded or operation.kind == "reimage":
            spec = replace(spec, power=operation.power, failed=spec.failed and not succeeded)
        settled = replace(
            self,
            spec=spec,
            etag=self.etag + 1,
            transition="",
            reimaging=None,
            changed_at=arm_time(operation.ends_at),
            extensions=_settled_extensions(self.extensions, operation),
        )
        if operation.kind == "reimage":
            settled = settled.reimaged(operation)
        if not succeeded:
            return replace(settled, provisioning_state="Failed", failure=(operation.code, operation.message))
        if operation.kind in BOOTING:
            ready_at = operation.ends_at + timedelta(seconds=spec.agent_seconds)
            settled = replace(settled, agent_ready_at=ready_at.isoformat())
        return settled.provisioned(failed=operation.leaves_failed)

    def reimaged(self, operation: Operation) -> Machine:
        """Return the machine with what a reimage leaves: its OS disk, its version, its agent."""
        # Recorded: a managed OS disk gets a new name and id, an ephemeral one keeps both, and the
        # etag goes from "2" to "4" over one reimage (Azure/azure-cli, test_vm_reimage.yaml, 2024-08-26).
        ready_at = operation.ends_at + timedelta(seconds=self.spec.agent_seconds)
        same_disk = operation.os_disk_name == self.os_disk_name
        return replace(
            self,
            agent_ready_at=_NEVER if operation.silences_agent else ready_at.isoformat(),
            os_disk_name=operation.os_disk_name,
            # Inferred: a reimage creates its new disk in the machine's own resource group.
            os_disk_elsewhere=self.os_disk_elsewhere if same_disk else None,
            # Inferred: the recorded disk of a new VM was provisioned seconds after the creation began. What
            # an ephemeral disk shows after a reimage was not recorded, so it shows nothing new here.
            os_disk_since=self.os_disk_since if same_disk else arm_time(operation.started_at),
            image_version=operation.image_version,
        )

    def power_at(self, now: datetime) -> str:
        """Return the power state that the machine shows, including transitions.

        Inferred: a VM whose disk is replaced stops before and starts again afterwards. The states are those
            of
        Microsoft Learn, "States and billing status of Azure Virtual Machines".
        """
        if self.reimaging is None:
            return self.transition or self.spec.power
        begun, end = map(datetime.fromisoformat, self.reimaging)
        if now < begun + min((end - begun) / 2, _STOPPING):
            return "stopping" if self.spec.power == "running" else self.spec.power
        return "starting"

    def to_document(self) -> dict[str, Any]:
        """Write the machine as JSON data."""
        document = {name: getattr(self, name) for name in self.__slots__}
        return {**document, "spec": self.spec.to_document()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_document` wrote."""
        failure, reimaging = document.get("failure"), document.get("reimaging")
        spec = MachineSpecification.from_document(document["spec"])
        pairs = {"failure": failure and tuple(failure), "reimaging": reimaging and tuple(reimaging)}
        return cls(**{**document, "spec": spec, **pairs})


def new_os_disk_name(vm_name: str, disk: UUID) -> str:
    """Write an OS disk name as Azure does."""
    return f"{vm_name}_OsDisk_1_{disk.hex}"


def _settled_extensions(extensions: Mapping[str, Any], operation: Operation) -> dict[str, Any]:
    """Return the extensions after an operation, which also ends the one that was put or deleted."""
    left: dict[str, Any] = {}
    for name, extension in extensions.items():
        properties = extension["properties"]
        state = properties["provisioningState"]
        if operation.kind != "extension" or state in {"Succeeded", "Failed"}:
            left[name] = extension
        elif state != "Deleting" or operation.status != "Succeeded":
            ended = "Succeeded" if operation.status == "Succeeded" else "Failed"
            left[name] = {**extension, "properties": {**properties, "provisioningState": ended}}
    return left
