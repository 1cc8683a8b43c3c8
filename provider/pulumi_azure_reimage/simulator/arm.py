"""The answers of ARM: one request in, one response out, inside one transaction of the state."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from uuid import uuid4

from . import arm_errors
from .lifecycle import Plan, begin_reimage
from .messages import Request, Response, empty_response, json_response
from .paths import (
    DiskPath,
    MachineListPath,
    MachinePath,
    OperationPath,
    operation_path,
    parse_path,
    resource_id,
)
from .reimage_body import read_reimage_body
from .views import disk_document, etag, instance_view, machine_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .behaviour import Behaviour
    from .links import LinkSigner
    from .machine import Machine
    from .operation import Operation
    from .state import Records

MACHINE_API_VERSIONS = ("2024-07-01",)
# Disks are versioned apart from machines (specification/compute, DiskRP).
DISK_API_VERSIONS = ("2023-10-02", "2024-03-02", "2025-01-02")
_A_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its URL taken apart; the names of query parameters are in lower case."""

    request: Request
    url: SplitResult
    query: Mapping[str, str]

    @classmethod
    def of(cls, request: Request) -> Call:
        """Take the URL of a request apart."""
        url = urlsplit(request.url)
        query = {key.lower(): value for key, value in parse_qsl(url.query, keep_blank_values=True)}
        return cls(request, url, query)

    @property
    def path(self) -> str:
        """The path without percent-encoding and without a slash at its end."""
        return unquote(self.url.path).rstrip("/")

    @property
    def base(self) -> str:
        """Scheme, host and port as the client wrote them: ARM's links lead back there."""
        return f"{self.url.scheme}://{self.url.netloc}"

    @property
    def api_version(self) -> str | None:
        """The `api-version`, if there is one."""
        return self.query.get("api-version") or None


@dataclass(frozen=True, slots=True)
class Arm:
    """Azure Resource Manager over one state."""

    records: Records
    behaviour: Behaviour
    signer: LinkSigner
    now: datetime

    def answer(self, call: Call) -> Response:
        """Answer a request.

        Raises:
            ArmError: ARM refuses it.
        """
        if not call.request.header("authorization"):
            raise arm_errors.authorization_missing()
        if call.api_version is None:
            raise arm_errors.api_version_missing()
        path = parse_path(call.path)
        match path:
            case OperationPath():
                return self._operation(call, path)
            case DiskPath():
                return self._disk(call, path)
            case MachineListPath():
                return self._machines(call, path)
            case MachinePath():
                return self._machine(call, path)

    def concerned(self, call: Call) -> str | None:
        """Return the name of the VM that a request concerns, if it can be told."""
        try:
            path = parse_path(call.path)
        except arm_errors.ArmError:
            return None
        match path:
            case MachinePath():
                machine = self.records.machine(path.id)
                return path.name if machine is None else machine.name
            case OperationPath():
                operation = self.records.operation(path.operation_id)
                return None if operation is None else operation.machine_name
            case _:
                return None

    def _machine(self, call: Call, path: MachinePath) -> Response:
        self._check_version(call, MACHINE_API_VERSIONS, "virtualMachines")
        _check_method(call, "POST" if path.action == "reimage" else "GET")
        machine = self._find_machine(path)
        match path.action:
            case "":
                expand = call.query.get("$expand", "").lower() == "instanceview"
                headers = {} if expand else {"etag": etag(machine)}  # As recorded.
                return json_response(200, machine_document(machine, with_instance_view=expand), headers)
            case "instanceview":
                return json_response(200, instance_view(machine))
            case "reimage":
                return self._reimage(call, machine)
            case _:
                raise arm_errors.path_not_found(call.path)

    def _reimage(self, call: Call, machine: Machine) -> Response:
        body = read_reimage_body(call.request.body, call.request.header("content-type"), machine)
        if self.records.unsettled_operation(machine.key) is not None:
            raise arm_errors.operation_in_progress(machine.name)
        plan = Plan(
            started_at=self.now,
            seconds=self.behaviour.seconds_of(self.records, machine),
            ending=self.behaviour.take_ending(self.records, machine),
            image_version=body.exact_version or machine.image_version,
        )
        operation = begin_reimage(self.records, machine, plan)
        # Recorded: 202 without a body, and both URLs (Azure/azure-cli, test_vm_reimage.yaml, 2024-08-26).
        headers = {
            "azure-asyncnotification": "Enabled",
            "azure-asyncoperation": self._link(call, operation, monitor=False),
            "location": self._link(call, operation, monitor=True),
            "x-ms-request-id": operation.id,
            **self.behaviour.retry_after_header(),
        }
        return empty_response(202, headers)

    def _operation(self, call: Call, path: OperationPath) -> Response:
        _check_method(call, "GET")
        if not self.signer.trusts(call.url.path, call.url.query):
            raise arm_errors.link_not_trusted()
        operation = self.records.operation(path.operation_id)
        if operation is None:
            raise arm_errors.operation_not_found(path.operation_id)
        running = operation.is_running(self.now)
        retry_after = self.behaviour.retry_after_header() if running else {}
        if call.query.get("monitor") != "true":
            return json_response(200, operation.status_document(self.now), retry_after)
        if running:
            # Azure/azure-resource-manager-rpc, v1.0/async-api-reference.md: 202 with Location again.
            return empty_response(202, {"location": call.request.url, **retry_after})
        if operation.status == "Succeeded":
            return empty_response(200)
        # The same page: what a synchronous call would have answered. The status code is ours.
        raise arm_errors.ArmError(409, operation.code, operation.message)

    def _disk(self, call: Call, path: DiskPath) -> Response:
        self._check_version(call, DISK_API_VERSIONS, "disks")
        _check_method(call, "GET")
        disk = self.records.disk(path.id)
        if disk is None:
            self._check_group(path.subscription_id, path.resource_group)
            raise arm_errors.resource_not_found("disks", path.name, path.resource_group)
        return json_response(200, disk_document(disk))

    def _machines(self, call: Call, path: MachineListPath) -> Response:
        self._check_version(call, MACHINE_API_VERSIONS, "virtualMachines")
        _check_method(call, "GET")
        self._check_group(path.subscription_id, path.resource_group)
        prefix = f"/subscriptions/{path.subscription_id}/".lower()
        if path.resource_group is not None:
            prefix = resource_id(path.subscription_id, path.resource_group, "virtualMachines", "").lower()
        machines = [machine for machine in self._existing_machines() if machine.key.startswith(prefix)]
        return json_response(200, {"value": [machine_document(machine) for machine in machines]})

    def _find_machine(self, path: MachinePath) -> Machine:
        machine = self.records.machine(path.id)
        if machine is not None and not machine.removed:
            return machine
        self._check_group(path.subscription_id, path.resource_group)
        raise arm_errors.resource_not_found("virtualMachines", path.name, path.resource_group)

    def _check_group(self, subscription_id: str, resource_group: str | None) -> None:
        # A group outlives its machines, so removed machines count too.
        known = [machine.spec for machine in self.records.machines()]
        in_subscription = [spec for spec in known if spec.subscription_id.lower() == subscription_id.lower()]
        if not in_subscription:
            raise arm_errors.subscription_not_found(subscription_id)
        if resource_group is None:
            return
        if not any(spec.resource_group.lower() == resource_group.lower() for spec in in_subscription):
            raise arm_errors.resource_group_not_found(resource_group)

    def _existing_machines(self) -> list[Machine]:
        return [machine for machine in self.records.machines() if not machine.removed]

    def _check_version(self, call: Call, supported: tuple[str, ...], resource_type: str) -> None:
        version = call.api_version or ""
        if version in supported:
            return
        if not _A_VERSION.fullmatch(version):
            raise arm_errors.api_version_invalid(version, ", ".join(supported))
        raise arm_errors.api_version_unsupported(
            version, ", ".join(supported), resource_type, self.behaviour.location
        )

    def _link(self, call: Call, operation: Operation, *, monitor: bool) -> str:
        path = operation_path(operation.subscription_id, operation.location, operation.id)
        signed = self.signer.sign(
            path,
            partition=str(uuid4()),
            api_version=call.api_version or "",
            at=self.now,
            monitor=monitor,
        )
        return f"{call.base}{signed}"


def _check_method(call: Call, allowed: str) -> None:
    if call.request.method != allowed:
        raise arm_errors.method_not_allowed(call.request.method)
