"""The answers of ARM: one request in, one response out, inside one transaction of the state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..http.messages import Response, empty_response, json_response
from ..inventory.resource_ids import resource_id
from ..world.reimage import begin_reimage
from . import errors, locks, permissions
from .api_version import check_form
from .context import Context
from .exact_version import version_after
from .image_responses import gallery_version, marketplace_version
from .instance_view import instance_view
from .machine_documents import disk_document, etag, machine_document
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
    parse_path,
)
from .preconditions import check_condition
from .reimage_body import read_exact_version
from .throttling import GET_OPERATION, LOW_COST_GET, UPDATE_VM

if TYPE_CHECKING:
    from ..world.machine import Machine
    from .request import ArmRequest

MACHINE_API_VERSIONS = ("2024-07-01",)
# Disks are versioned apart from machines (specification/compute, DiskRP).
DISK_API_VERSIONS = ("2023-10-02", "2024-03-02", "2025-01-02")
# And so are galleries (GalleryRP).
GALLERY_API_VERSIONS = ("2023-07-03", "2024-03-03")
_ACTIONS = {
    "": permissions.READ,
    "instanceview": permissions.READ_INSTANCE_VIEW,
    "reimage": permissions.REIMAGE,
}


@dataclass(frozen=True, slots=True)
class Arm(Context):
    """Azure Resource Manager over one state."""

    def answer(self, request: ArmRequest) -> Response:
        """Answer a request.

        Raises:
            ArmError: ARM refuses it.
        """
        if not request.http.header("authorization"):
            raise errors.authorization_missing()
        check_form(request.api_version)
        return self._answer(request, parse_path(request.path))

    def _answer(self, request: ArmRequest, path: Path) -> Response:
        match path:
            case OperationPath():
                answer = self._operation(request, path)
            case DiskPath():
                answer = self._disk(request, path)
            case MachineListPath():
                answer = self._machines(request, path)
            case MachinePath():
                answer = self._machine(request, path)
            case PermissionsPath():
                answer = self._permissions(request, path)
            case LocksPath():
                answer = self._locks(request, path)
            case MarketplaceVersionPath():
                answer = self._marketplace_version(request, path)
            case GalleryVersionPath():
                answer = self._gallery_version(request, path)
        return answer

    def _permissions(self, request: ArmRequest, path: PermissionsPath) -> Response:
        self.check_request(request, permissions.API_VERSIONS, "permissions")
        return permissions.permissions_response(self.allowed(self.records.machine(path.scope.lower())))

    def _locks(self, request: ArmRequest, path: LocksPath) -> Response:
        self.check_request(request, locks.API_VERSIONS, "locks")
        machine = self.records.machine(path.scope.lower())
        permissions.check_action(permissions.READ_LOCKS, self.allowed(machine), path.scope)
        # As with permissions: a scope where nothing is can be asked about.
        return locks.locks_response(None if machine is None or machine.removed else machine.spec)

    def _marketplace_version(self, request: ArmRequest, path: MarketplaceVersionPath) -> Response:
        self.check_request(request, MACHINE_API_VERSIONS, "locations/publishers")
        self.check_action(permissions.READ_MARKETPLACE_VERSION, request)
        self.check_group(path.subscription_id, None)
        return marketplace_version(path, self.inventory, self.existing_machines(), self.now)

    def _gallery_version(self, request: ArmRequest, path: GalleryVersionPath) -> Response:
        self.check_request(request, GALLERY_API_VERSIONS, "galleries/images/versions")
        # Subscription and group are not checked: a gallery is often in one where no machine is.
        self.check_action(permissions.READ_GALLERY_VERSION, request)
        wanted = request.query.get("$expand", "").lower() == "replicationstatus"
        return gallery_version(path, self.inventory, self.existing_machines(), replication=wanted)

    def _machine(self, request: ArmRequest, path: MachinePath) -> Response:
        self.check_request(
            request, MACHINE_API_VERSIONS, "virtualMachines", "POST" if path.action == "reimage" else "GET"
        )
        if path.action not in _ACTIONS:
            raise errors.path_not_found(request.path)
        known = self.records.machine(path.id)
        # ARM checks the assignment before it looks whether there is anything at the scope.
        scope = resource_id(path.subscription_id, path.resource_group, "virtualMachines", path.name)
        permissions.check_action(_ACTIONS[path.action], self.allowed(known), scope)
        machine = self._existing(path, known)
        if path.action == "reimage":
            return self._reimage(request, machine)
        headers = self.admit(machine, LOW_COST_GET)
        if path.action == "instanceview":
            return json_response(200, instance_view(machine, self.now), headers)
        if request.query.get("$expand", "").lower() == "instanceview":
            view = instance_view(machine, self.now)
            return json_response(200, machine_document(machine, view), headers)
        # Recorded: the etag is a header too, though not beside an instance view.
        return json_response(200, machine_document(machine), {"etag": etag(machine), **headers})

    def _reimage(self, request: ArmRequest, machine: Machine) -> Response:
        locks.check_lock(machine)
        limits = self.admit(machine, UPDATE_VM)
        check_condition(machine)
        exact_version = read_exact_version(request.http.body, request.http.header("content-type"), machine)
        machine = self.preempt(machine, "reimage")
        version = version_after(self.inventory.images, machine, exact_version, self.now)
        operation = begin_reimage(self.records, self.inventory, machine, version, self.now)
        # Recorded: 202 without a body, and both URLs (Azure/azure-cli, test_vm_reimage.yaml, 2024-08-26).
        headers = {
            "azure-asyncnotification": "Enabled",
            **self.operation_headers(request, operation, location=True),
            **limits,
        }
        return empty_response(202, headers)

    def _operation(self, request: ArmRequest, path: OperationPath) -> Response:
        self.check_request(request, MACHINE_API_VERSIONS, "locations/operations")
        if not self.signer.trusts(request.url.path, request.url.query):
            raise errors.link_not_trusted()
        # No role is asked for: the signature is what makes ARM trust its own link. That is inferred.
        operation = self.records.operation(path.operation_id)
        if operation is None or operation.is_forgotten(self.now, self.inventory.operation_record_seconds):
            raise errors.operation_not_found(path.operation_id)
        limits = self.admit_at(
            operation.subscription_id, operation.location, operation.machine_key, GET_OPERATION
        )
        running = operation.is_running(self.now)
        headers = {**(self.retry_after() if running else {}), **limits}
        if not request.is_monitor:
            return json_response(200, operation.status_document(self.now), headers)
        if running:
            # Azure/azure-resource-manager-rpc, v1.0/async-api-reference.md: 202 with Location again.
            return empty_response(202, {"location": request.http.url, **headers})
        if operation.status == "Succeeded":
            return empty_response(200, headers)
        # The same page: what a synchronous call would have answered. The status code is ours.
        raise errors.ArmError(409, operation.code, operation.message)

    def _disk(self, request: ArmRequest, path: DiskPath) -> Response:
        self.check_request(request, DISK_API_VERSIONS, "disks")
        self.check_action(permissions.READ_DISK, request)
        disk = self.records.disk(path.id)
        if disk is None:
            self.check_group(path.subscription_id, path.resource_group)
            raise errors.resource_not_found("disks", path.name, path.resource_group)
        return json_response(200, disk_document(disk))

    def _machines(self, request: ArmRequest, path: MachineListPath) -> Response:
        self.check_request(request, MACHINE_API_VERSIONS, "virtualMachines")
        self.check_action(permissions.READ, request)
        self.check_group(path.subscription_id, path.resource_group)
        prefix = f"/subscriptions/{path.subscription_id}/".lower()
        if path.resource_group is not None:
            prefix = resource_id(path.subscription_id, path.resource_group, "virtualMachines", "").lower()
        machines = [machine for machine in self.existing_machines() if machine.key.startswith(prefix)]
        return json_response(200, {"value": [machine_document(machine) for machine in machines]})

    def _existing(self, path: MachinePath, known: Machine | None) -> Machine:
        if known is not None and not known.removed:
            return known
        self.check_group(path.subscription_id, path.resource_group)
        raise errors.resource_not_found("virtualMachines", path.name, path.resource_group)
