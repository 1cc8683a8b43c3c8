"""The answers of ARM: one request in, one response out, inside one transaction of the state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..http.messages import Response, empty_response, json_response
from ..inventory.resource_ids import resource_id
from . import api_version, errors, locks, permissions
from .activity_log import list_events
from .context import Context
from .deployments import answer_deployment
from .disks import answer_disk, list_disks
from .extensions import answer_extension
from .groups import answer_group, list_groups
from .image_responses import gallery_version, marketplace_version, marketplace_versions
from .instance_view import instance_view
from .links import load_signer
from .machine_documents import machine_document
from .machines import answer_machine
from .network import answer_network
from .pages import page
from .paths import (
    ActivityLogPath,
    DeploymentPath,
    DiskListPath,
    DiskPath,
    ExtensionPath,
    GalleryVersionPath,
    GroupListPath,
    GroupPath,
    LocksPath,
    MachineListPath,
    MachinePath,
    MarketplaceVersionListPath,
    MarketplaceVersionPath,
    NetworkPath,
    OperationPath,
    Path,
    PermissionsPath,
    SubscriptionPath,
    parse_path,
)
from .subscriptions import answer_subscription
from .throttling import GET_OPERATION

if TYPE_CHECKING:
    from .request import ArmRequest

_Beside = (
    ActivityLogPath
    | DeploymentPath
    | DiskPath
    | DiskListPath
    | ExtensionPath
    | GroupPath
    | GroupListPath
    | NetworkPath
    | SubscriptionPath
)


@dataclass(frozen=True, slots=True)
class Arm(Context):
    """Azure Resource Manager over one state."""

    def answer(self, request: ArmRequest) -> Response:
        """Answer a request.

        Raises:
            ArmError: ARM refuses it.
        """
        if not request.has_path:
            raise errors.path_invalid()
        if not request.http.header("authorization"):
            raise errors.authorization_missing()
        api_version.check_form(request.api_version)
        return self._answer(request, parse_path(request.path))

    def _answer(self, request: ArmRequest, path: Path) -> Response:
        match path:
            case OperationPath():
                answer = self._operation(request, path)
            case MachineListPath():
                answer = self._machines(request, path)
            case MachinePath():
                answer = answer_machine(self, request, path)
            case PermissionsPath():
                answer = self._permissions(request, path)
            case LocksPath():
                answer = self._locks(request, path)
            case MarketplaceVersionPath():
                answer = self._marketplace_version(request, path)
            case MarketplaceVersionListPath():
                answer = self._marketplace_versions(request, path)
            case GalleryVersionPath():
                answer = self._gallery_version(request, path)
            case _:
                answer = self._beside(request, path)
        return answer

    def _beside(self, request: ArmRequest, path: _Beside) -> Response:
        match path:
            case ActivityLogPath():
                answer = list_events(self, request, path)
            case DeploymentPath():
                answer = answer_deployment(self, request, path)
            case DiskPath():
                answer = answer_disk(self, request, path)
            case DiskListPath():
                answer = list_disks(self, request, path)
            case ExtensionPath():
                answer = answer_extension(self, request, path)
            case GroupPath():
                answer = answer_group(self, request, path)
            case GroupListPath():
                answer = list_groups(self, request, path)
            case NetworkPath():
                answer = answer_network(self, request, path)
            case SubscriptionPath():
                answer = answer_subscription(self, request, path)
        return answer

    def _permissions(self, request: ArmRequest, path: PermissionsPath) -> Response:
        self.check_request(request, permissions.API_VERSIONS, "permissions")
        return permissions.permissions_response(self.allowed(self.records.machine(path.scope.lower())))

    def _locks(self, request: ArmRequest, path: LocksPath) -> Response:
        self.check_request(request, locks.API_VERSIONS, "locks")
        machine = self.records.machine(path.scope.lower())
        permissions.check_action(permissions.READ_LOCKS, self.allowed(machine), path.scope)
        # As with permissions, a scope that does not exist can be queried.
        return locks.locks_response(None if machine is None or machine.removed else machine.spec)

    def _marketplace_version(self, request: ArmRequest, path: MarketplaceVersionPath) -> Response:
        self.check_request(request, api_version.MACHINE, "locations/publishers")
        self.check_action(permissions.READ_MARKETPLACE_VERSION, request)
        self.check_group(path.subscription_id, None)
        return marketplace_version(path, self.inventory, self.existing_machines(), self.now)

    def _marketplace_versions(self, request: ArmRequest, path: MarketplaceVersionListPath) -> Response:
        self.check_request(request, api_version.MACHINE, "locations/publishers")
        self.check_action(permissions.READ_MARKETPLACE_VERSION, request)
        self.check_group(path.subscription_id, None)
        return marketplace_versions(path, request.query, self.inventory, self.existing_machines(), self.now)

    def _gallery_version(self, request: ArmRequest, path: GalleryVersionPath) -> Response:
        self.check_request(request, api_version.GALLERY, "galleries/images/versions")
        # Subscription and group are not checked, because a gallery is often in one without machines.
        self.check_action(permissions.READ_GALLERY_VERSION, request)
        wanted = request.query.get("$expand", "").lower() == "replicationstatus"
        return gallery_version(path, self.inventory, self.existing_machines(), replication=wanted)

    def _operation(self, request: ArmRequest, path: OperationPath) -> Response:
        self.check_request(request, api_version.MACHINE, "locations/operations")
        if not load_signer(self.records).trusts(request.url.path, request.url.query):
            raise errors.link_not_trusted()
        # Inferred: no role is required, because ARM trusts its own link by its signature.
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
        # The same page: the answer of a synchronous call. The status code is ours.
        raise errors.ArmError(409, operation.code, operation.message)

    def _machines(self, request: ArmRequest, path: MachineListPath) -> Response:
        self.check_request(request, api_version.MACHINE, "virtualMachines")
        self.check_action(permissions.READ, request)
        self.check_group(path.subscription_id, path.resource_group)
        prefix = f"/subscriptions/{path.subscription_id}/".lower()
        if path.resource_group is not None:
            prefix = resource_id(path.subscription_id, path.resource_group, "virtualMachines", "").lower()
        expanded = request.query.get("$expand", "").lower() == "instanceview"
        found = [machine for machine in self.records.machines_under(prefix) if not machine.removed]
        return page(
            request,
            [
                machine_document(machine, instance_view(machine, self.now) if expanded else None)
                for machine in found
            ],
        )
