"""The answers of ARM: one request in, one response out, inside one transaction of the state."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..http.messages import Response, empty_response, json_response
from ..world.lifecycle import PREEMPTED, begin_reimage, end_now
from ..world.reimage import plan_reimage
from . import errors, locks, permissions
from .image_responses import gallery_version, marketplace_version
from .instance_view import instance_view
from .paths import (
    DiskPath,
    GalleryVersionPath,
    LocksPath,
    MachineListPath,
    MachinePath,
    MarketplaceVersionPath,
    OperationPath,
    Path,
    PermissionsPath,
    operation_path,
    parse_path,
    resource_id,
)
from .preconditions import (
    READ,
    READ_DISK,
    READ_GALLERY_VERSION,
    READ_INSTANCE_VIEW,
    READ_LOCKS,
    READ_MARKETPLACE_VERSION,
    REIMAGE,
    check_action,
    check_condition,
    check_lock,
)
from .reimage_body import read_reimage_body
from .throttling import GET_OPERATION, LOW_COST_GET, scopes_of, update_vm_policies
from .views import disk_document, etag, machine_document

if TYPE_CHECKING:
    from datetime import datetime

    from ..inventory.inventory import Inventory
    from ..world.machine import Machine
    from ..world.operation import Operation
    from ..world.records import Records
    from .links import LinkSigner
    from .request import Call

MACHINE_API_VERSIONS = ("2024-07-01",)
# Disks are versioned apart from machines (specification/compute, DiskRP).
DISK_API_VERSIONS = ("2023-10-02", "2024-03-02", "2025-01-02")
# And so are galleries (GalleryRP).
GALLERY_API_VERSIONS = ("2023-07-03", "2024-03-03")
_ACTIONS = {"": READ, "instanceview": READ_INSTANCE_VIEW, "reimage": REIMAGE}
_A_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")


@dataclass(frozen=True, slots=True)
class Arm:
    """Azure Resource Manager over one state."""

    records: Records
    inventory: Inventory
    signer: LinkSigner
    now: datetime

    def answer(self, call: Call) -> Response:
        """Answer a request.

        Raises:
            ArmError: ARM refuses it.
        """
        if not call.request.header("authorization"):
            raise errors.authorization_missing()
        if call.api_version is None:
            raise errors.api_version_missing()
        return self._answer(call, parse_path(call.path))

    def _answer(self, call: Call, path: Path) -> Response:
        match path:
            case OperationPath():
                answer = self._operation(call, path)
            case DiskPath():
                answer = self._disk(call, path)
            case MachineListPath():
                answer = self._machines(call, path)
            case MachinePath():
                answer = self._machine(call, path)
            case PermissionsPath():
                answer = self._permissions(call, path)
            case LocksPath():
                answer = self._locks(call, path)
            case MarketplaceVersionPath():
                answer = self._marketplace_version(call, path)
            case GalleryVersionPath():
                answer = self._gallery_version(call, path)
        return answer

    def _permissions(self, call: Call, path: PermissionsPath) -> Response:
        self._check_version(call, permissions.API_VERSIONS, "permissions")
        _check_method(call, "GET")
        return permissions.permissions_response(self._allowed(self.records.machine(path.scope.lower())))

    def _locks(self, call: Call, path: LocksPath) -> Response:
        self._check_version(call, locks.API_VERSIONS, "locks")
        _check_method(call, "GET")
        machine = self.records.machine(path.scope.lower())
        check_action(READ_LOCKS, self._allowed(machine), path.scope)
        # As with permissions: a scope where nothing is can be asked about.
        return locks.locks_response(None if machine is None or machine.removed else machine.spec)

    def _marketplace_version(self, call: Call, path: MarketplaceVersionPath) -> Response:
        self._check_version(call, MACHINE_API_VERSIONS, "locations/publishers")
        _check_method(call, "GET")
        check_action(READ_MARKETPLACE_VERSION, self.inventory.defaults.actions, call.path)
        self._check_group(path.subscription_id, None)
        return marketplace_version(path, self.inventory, self._existing_machines(), self.now)

    def _gallery_version(self, call: Call, path: GalleryVersionPath) -> Response:
        self._check_version(call, GALLERY_API_VERSIONS, "galleries/images/versions")
        _check_method(call, "GET")
        # Subscription and group are not checked: a gallery is often in one where no machine is.
        check_action(READ_GALLERY_VERSION, self.inventory.defaults.actions, call.path)
        wanted = call.query.get("$expand", "").lower() == "replicationstatus"
        return gallery_version(path, self.inventory, self._existing_machines(), replication=wanted)

    def _machine(self, call: Call, path: MachinePath) -> Response:
        self._check_version(call, MACHINE_API_VERSIONS, "virtualMachines")
        _check_method(call, "POST" if path.action == "reimage" else "GET")
        if path.action not in _ACTIONS:
            raise errors.path_not_found(call.path)
        known = self.records.machine(path.id)
        # ARM checks the assignment before it looks whether there is anything at the scope.
        scope = resource_id(path.subscription_id, path.resource_group, "virtualMachines", path.name)
        check_action(_ACTIONS[path.action], self._allowed(known), scope)
        machine = self._existing(path, known)
        if path.action == "reimage":
            return self._reimage(call, machine)
        headers = self._admit(machine, LOW_COST_GET)
        if path.action == "instanceview":
            return json_response(200, instance_view(machine, self.now), headers)
        if call.query.get("$expand", "").lower() == "instanceview":
            view = instance_view(machine, self.now)
            return json_response(200, machine_document(machine, view), headers)
        # Recorded: the etag is a header too, though not beside an instance view.
        return json_response(200, machine_document(machine), {"etag": etag(machine), **headers})

    def _reimage(self, call: Call, machine: Machine) -> Response:
        check_lock(machine)
        limits = self._admit(machine, update_vm_policies())
        check_condition(machine)
        body = read_reimage_body(call.request.body, call.request.header("content-type"), machine)
        if self.records.unsettled_operation(machine.key) is not None:
            machine = self._preempted(machine)
        plan = plan_reimage(self.records, self.inventory, machine, body, self.now)
        operation = begin_reimage(self.records, machine, plan)
        # Recorded: 202 without a body, and both URLs (Azure/azure-cli, test_vm_reimage.yaml, 2024-08-26).
        headers = {
            "azure-asyncnotification": "Enabled",
            "azure-asyncoperation": self._link(call, operation, monitor=False),
            "location": self._link(call, operation, monitor=True),
            "x-ms-request-id": operation.id,
            **self._retry_after(),
            **limits,
        }
        return empty_response(202, headers)

    def _operation(self, call: Call, path: OperationPath) -> Response:
        _check_method(call, "GET")
        if not self.signer.trusts(call.url.path, call.url.query):
            raise errors.link_not_trusted()
        # No role is asked for: the signature is what makes ARM trust its own link. That is inferred.
        operation = self.records.operation(path.operation_id)
        if operation is None or operation.is_forgotten(self.now, self.inventory.operation_record_seconds):
            raise errors.operation_not_found(path.operation_id)
        scopes = scopes_of(operation.subscription_id, operation.location, operation.machine_key)
        limits = self.inventory.throttling.admit(self.records, GET_OPERATION, scopes, self.now)
        running = operation.is_running(self.now)
        headers = {**(self._retry_after() if running else {}), **limits}
        if not call.is_monitor:
            return json_response(200, operation.status_document(self.now), headers)
        if running:
            # Azure/azure-resource-manager-rpc, v1.0/async-api-reference.md: 202 with Location again.
            return empty_response(202, {"location": call.request.url, **headers})
        if operation.status == "Succeeded":
            return empty_response(200, headers)
        # The same page: what a synchronous call would have answered. The status code is ours.
        raise errors.ArmError(409, operation.code, operation.message)

    def _disk(self, call: Call, path: DiskPath) -> Response:
        self._check_version(call, DISK_API_VERSIONS, "disks")
        _check_method(call, "GET")
        check_action(READ_DISK, self.inventory.defaults.actions, call.path)
        disk = self.records.disk(path.id)
        if disk is None:
            self._check_group(path.subscription_id, path.resource_group)
            raise errors.resource_not_found("disks", path.name, path.resource_group)
        return json_response(200, disk_document(disk))

    def _machines(self, call: Call, path: MachineListPath) -> Response:
        self._check_version(call, MACHINE_API_VERSIONS, "virtualMachines")
        _check_method(call, "GET")
        check_action(READ, self.inventory.defaults.actions, call.path)
        self._check_group(path.subscription_id, path.resource_group)
        prefix = f"/subscriptions/{path.subscription_id}/".lower()
        if path.resource_group is not None:
            prefix = resource_id(path.subscription_id, path.resource_group, "virtualMachines", "").lower()
        machines = [machine for machine in self._existing_machines() if machine.key.startswith(prefix)]
        return json_response(200, {"value": [machine_document(machine) for machine in machines]})

    def _allowed(self, machine: Machine | None) -> tuple[str, ...]:
        """Return what the caller may do with a machine, or where there is none."""
        return self.inventory.defaults.actions if machine is None else machine.spec.actions

    def _existing(self, path: MachinePath, known: Machine | None) -> Machine:
        if known is not None and not known.removed:
            return known
        self._check_group(path.subscription_id, path.resource_group)
        raise errors.resource_not_found("virtualMachines", path.name, path.resource_group)

    def _preempted(self, machine: Machine) -> Machine:
        """Let a new operation preempt the running one, where the inventory says so."""
        if self.inventory.while_running != "preempt":
            raise errors.operation_in_progress(machine.name)
        end_now(self.records, machine, self.now, PREEMPTED)
        return self.records.machine(machine.key) or machine

    def _admit(self, machine: Machine, policies: tuple[str, ...]) -> dict[str, str]:
        scopes = scopes_of(machine.spec.subscription_id, machine.spec.location, machine.key)
        return self.inventory.throttling.admit(self.records, policies, scopes, self.now)

    def _retry_after(self) -> dict[str, str]:
        seconds = self.inventory.retry_after
        return {} if seconds is None else {"retry-after": str(seconds)}

    def _check_group(self, subscription_id: str, resource_group: str | None) -> None:
        # A group outlives its machines, so removed machines count too.
        known = [machine.spec for machine in self.records.machines()]
        in_subscription = [spec for spec in known if spec.subscription_id.lower() == subscription_id.lower()]
        if not in_subscription:
            raise errors.subscription_not_found(subscription_id)
        if resource_group is None:
            return
        if not any(spec.resource_group.lower() == resource_group.lower() for spec in in_subscription):
            raise errors.resource_group_not_found(resource_group)

    def _existing_machines(self) -> list[Machine]:
        return [machine for machine in self.records.machines() if not machine.removed]

    def _check_version(self, call: Call, supported: tuple[str, ...], resource_type: str) -> None:
        version = call.api_version or ""
        if version in supported:
            return
        if not _A_VERSION.fullmatch(version):
            raise errors.api_version_invalid(version, ", ".join(supported))
        raise errors.api_version_unsupported(
            version, ", ".join(supported), resource_type, self.inventory.defaults.location
        )

    def _link(self, call: Call, operation: Operation, *, monitor: bool) -> str:
        path = operation_path(operation.subscription_id, operation.location, operation.id)
        signed = self.signer.sign(
            path,
            location=operation.location,
            api_version=call.api_version or "",
            at=self.now,
            monitor=monitor,
        )
        return f"{call.base}{signed}"


def _check_method(call: Call, allowed: str) -> None:
    if call.request.method != allowed:
        raise errors.method_not_allowed(call.request.method)
