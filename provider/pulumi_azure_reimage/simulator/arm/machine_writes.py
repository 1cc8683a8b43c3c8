"""`PUT` and `PATCH` of a VM, which is created or changed, or gets another OS disk.

Recorded for a PUT of an existing VM: 200, the new model with the state `Updating`, `Azure-AsyncOperation` and
no `Location` (Azure/azure-cli, test_vm_os_disk_swap.yaml, 2022). According to the 2024-07-01 specification, a
creation has the same headers, and 201.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..http.messages import Response, json_response
from ..world.actions import CREATE, UPDATE, Action, begin_action
from ..world.lifecycle import create_machine
from ..world.os_disk import attach, renamed
from . import locks
from .body import member, objects, required_location, text
from .errors import ArmError
from .immutable import check_immutable, wanted_os_disk
from .machine_body import data_disks, os_disk_kind, read_body, read_specification
from .machine_documents import machine_document
from .machine_model import model_of
from .names import check_disk_name, check_vm_name
from .network import invalid_reference
from .os_profile import password_digest
from .preconditions import check_absent, check_etag, check_swap
from .throttling import PUT_VM, UPDATE_VM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..world.disk import Disk
    from ..world.machine import Machine
    from .context import Context
    from .paths import MachinePath
    from .request import ArmRequest

_OS_DISK = "properties.storageProfile.osDisk"


def create(context: Context, request: ArmRequest, path: MachinePath, removed: Machine | None) -> Response:
    """Begin to create a machine. `removed` is the machine that was there before.

    Raises:
        ArmError: ARM or the compute service refuses it.
    """
    check_vm_name(path.name)
    given = read_body(request, "VirtualMachine")
    location = required_location(given)
    check_absent(request)
    limits = context.admit_at(path.subscription_id, location, path.id, PUT_VM)
    disk = _attached_disk(context, given, path.name)
    spec = read_specification(context, path, given, disk)
    _check_interfaces(context, given, spec.id, ())
    name = None if disk is not None else _free_disk_name(context, given, path)
    from_inventory = removed is not None and removed.from_inventory
    machine = create_machine(context.records, spec, context.now, from_inventory=from_inventory)
    if disk is not None:
        context.records.delete_disk(machine.os_disk_id)
        machine = attach(context.records, machine, disk)
    elif name is not None:
        machine = renamed(context.records, machine, name)
    profile = member(given, "properties.osProfile") or {}
    # A new machine has the etag "2" (recorded), because the operation changes it when it starts and when it
    # ends.
    machine = replace(machine, etag=0, password_digest=password_digest(profile))
    return _accepted(context, request, _modelled(machine, given), CREATE, limits, status=201)


def update(context: Context, request: ArmRequest, _: MachinePath, machine: Machine) -> Response:
    """Begin to change a machine.

    Raises:
        ArmError: ARM or the compute service refuses it.
    """
    is_patch = request.http.method == "PATCH"
    locks.check_lock(machine)
    given = read_body(request, "VirtualMachineUpdate" if is_patch else "VirtualMachine")
    if not is_patch:
        required_location(given)
    limits = context.admit(machine, UPDATE_VM if is_patch else PUT_VM)
    check_etag(machine, request)
    check_immutable(machine, given)
    _check_interfaces(context, given, machine.id, _interfaces(machine_document(machine)))
    disk = _swapped_disk(context, machine, given)
    machine = context.preempt(machine, "update")
    if disk is not None:
        machine = attach(context.records, machine, disk)
    if not is_patch:
        # A PUT replaces all tags.
        machine = replace(machine, model={key: old for key, old in machine.model.items() if key != "tags"})
    return _accepted(context, request, _modelled(machine, given), UPDATE, limits, status=200)


def _modelled(machine: Machine, given: Mapping[str, Any]) -> Machine:
    """Return the machine with the changes of a body."""
    spec = machine.spec
    kind = os_disk_kind(given)
    if member(given, "properties.storageProfile.dataDisks") is not None:
        spec = replace(spec, data_disks=len(data_disks(given, spec.name)))
    if kind is not None and not machine.is_ephemeral:
        spec = replace(spec, os_disk=kind)
    spec = replace(spec, size=text(given, "properties.hardwareProfile.vmSize") or spec.size)
    return replace(machine, spec=spec, model=model_of(given, machine.vm_id, machine.name, machine.model))


def _accepted(  # noqa: PLR0913 - the parts of one answer
    context: Context,
    request: ArmRequest,
    machine: Machine,
    action: Action,
    limits: Mapping[str, str],
    *,
    status: int,
) -> Response:
    operation = begin_action(context.records, context.inventory, machine, action, context.now)
    headers = context.operation_headers(request, operation, location=False)
    shown = context.records.machine(machine.key) or machine
    return json_response(
        status, machine_document(shown), {"azure-asyncnotification": "Enabled", **headers, **limits}
    )


def _attached_disk(context: Context, given: Mapping[str, Any], vm_name: str) -> Disk | None:
    if (text(given, f"{_OS_DISK}.createOption") or "").lower() != "attach":
        return None
    wanted = text(given, f"{_OS_DISK}.managedDisk.id")
    if not wanted:
        raise ArmError(
            400,
            "InvalidParameter",
            "Required parameter 'osDisk.managedDisk.id' is missing (null).",
            target="osDisk.managedDisk.id",
        )
    return _free_disk(context, wanted, vm_name)


def _swapped_disk(context: Context, machine: Machine, given: Mapping[str, Any]) -> Disk | None:
    wanted = wanted_os_disk(machine, given)
    if wanted is None:
        return None
    check_swap(machine)
    return _free_disk(context, wanted, machine.name)


def _free_disk(context: Context, disk_id: str, vm_name: str) -> Disk:
    """Find a disk that no machine uses. Code and message of both refusals are inferred."""
    disk = context.records.disk(disk_id)
    if disk is None:
        raise ArmError(404, "NotFound", f"Disk '{disk_id}' is not found.", target="osDisk.managedDisk.id")
    if disk.managed_by is not None:
        raise ArmError(
            409,
            "ConflictingUserInput",
            f"Disk '{disk_id}' cannot be attached to VM '{vm_name}' because the disk is already owned by VM "
            f"'{disk.managed_by}'.",
            target=disk_id,
        )
    return disk


def _free_disk_name(context: Context, given: Mapping[str, Any], path: MachinePath) -> str | None:
    """Return the name that a body gives the new OS disk, if it gives one."""
    name = text(given, f"{_OS_DISK}.name")
    if name is None:
        return None
    check_disk_name(name)
    group = f"/subscriptions/{path.subscription_id}/resourceGroups/{path.resource_group}"
    disk_id = f"{group}/providers/Microsoft.Compute/disks/{name}"
    if context.records.disk(disk_id) is not None:
        raise ArmError(
            409,
            "ConflictingUserInput",
            f"Disk {name} already exists in resource group {path.resource_group.upper()}. "
            "Only CreateOption.Attach is supported.",
            target=disk_id,
        )
    return name


def _interfaces(document: Mapping[str, Any]) -> tuple[str, ...]:
    found = objects(document, "properties.networkProfile.networkInterfaces")
    for interface in found:
        text(interface, "properties.deleteOption")
    return tuple(str(interface.get("id")) for interface in found)


def _check_interfaces(context: Context, given: Mapping[str, Any], vm_id: str, mine: tuple[str, ...]) -> None:
    profile = member(given, "properties.networkProfile")
    if profile is None:
        if not mine:
            raise ArmError(
                400,
                "InvalidParameter",
                "Required parameter 'networkProfile' is missing (null).",
                target="networkProfile",
            )
        return
    own = {interface.lower() for interface in mine}
    for interface in _interfaces(given):
        if interface.lower() not in own and context.records.resource(interface) is None:
            raise invalid_reference(interface, vm_id)
