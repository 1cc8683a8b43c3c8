"""Extensions of a VM. What is put is read back, and putting or deleting one is an operation on the VM.

No extension runs. Sources: Azure/azure-cli, test_vm_create_state_modifications.yaml (2022) for where a VM
shows its extensions; the 2024-07-01 specification for the rest. The message about a VM that is not running is
the compute service's, as issues of Azure/azure-cli quote it.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..http.messages import Response, empty_response, json_response
from ..inventory.resource_ids import resource_id
from ..world.actions import EXTENSION, begin_action
from . import api_version, errors, locks, permissions
from .body import Members, check_members, read_object, required_location, required_text
from .extension_documents import extension_document
from .merging import merged
from .throttling import LOW_COST_GET, UPDATE_VM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..world.machine import Machine
    from .context import Context
    from .paths import ExtensionPath
    from .request import ArmRequest

_RIGHTS = {"GET": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_PROPERTIES: Members = MappingProxyType(
    {
        **dict.fromkeys(("publisher", "type", "typeHandlerVersion", "provisioningState"), str),
        **dict.fromkeys(("autoUpgradeMinorVersion", "enableAutomaticUpgrade", "suppressFailures"), bool),
        **dict.fromkeys(("settings", "protectedSettings", "protectedSettingsFromKeyVault"), dict),
        "forceUpdateTag": str,
        "instanceView": dict,
        "provisionAfterExtensions": list,
    }
)


def answer_extension(context: Context, request: ArmRequest, path: ExtensionPath) -> Response:
    """Answer a request for an extension, or for the list of them.

    Raises:
        ArmError: ARM or the compute service refuses it.
    """
    methods = _RIGHTS if path.extension else ("GET",)
    context.check_request(request, api_version.MACHINE, "virtualMachines/extensions", *methods)
    known = context.records.machine(path.machine_id)
    scope = resource_id(path.subscription_id, path.resource_group, "virtualMachines", path.name)
    right = f"Microsoft.Compute/virtualMachines/extensions/{_RIGHTS[request.http.method]}"
    permissions.check_action(right, context.allowed(known), scope)
    if known is None or known.removed:
        context.check_group(path.subscription_id, path.resource_group)
        raise _parent_not_found(path)
    if request.http.method == "GET":
        return _read(context, path, known)
    name = next((name for name in known.extensions if name.lower() == path.extension.lower()), path.extension)
    if request.http.method == "DELETE":
        return _delete(context, request, known, name)
    return _put(context, request, known, name)


def _parent_not_found(path: ExtensionPath) -> errors.ArmError:
    return errors.ArmError(
        404,
        "ParentResourceNotFound",
        "Failed to perform 'write' on resource(s) of type 'virtualMachines/extensions', because the parent "
        f"resource '/subscriptions/{path.subscription_id}/resourceGroups/{path.resource_group}/providers/"
        f"Microsoft.Compute/virtualMachines/{path.name}' could not be found.",
    )


def _read(context: Context, path: ExtensionPath, machine: Machine) -> Response:
    headers = context.admit(machine, LOW_COST_GET)
    if not path.extension:
        found = [extension_document(machine, name) for name in machine.extensions]
        return json_response(200, {"value": found}, headers)
    for name in machine.extensions:
        if name.lower() == path.extension.lower():
            return json_response(200, extension_document(machine, name), headers)
    raise errors.resource_not_found(
        "virtualMachines", f"{path.name}/extensions/{path.extension}", path.resource_group
    )


def _put(context: Context, request: ArmRequest, machine: Machine, name: str) -> Response:
    given = read_object(request.http.body, request.http.header("content-type"))
    known: Mapping[str, Any] | None = machine.extensions.get(name)
    properties = given.get("properties") or {}
    check_members(properties, "VirtualMachineExtensionProperties", _PROPERTIES, "properties.")
    if request.http.method == "PATCH":
        if known is None:
            raise errors.resource_not_found(
                "virtualMachines", f"{machine.name}/extensions/{name}", machine.spec.resource_group
            )
        given = merged(known, given)
    else:
        required_location(given)
        for key in ("publisher", "type", "typeHandlerVersion"):
            required_text(given, f"properties.{key}", key)
    limits = _admit(context, machine)
    machine = context.preempt(machine, "extension")
    kept = {key: value for key, value in given.items() if key in {"location", "tags"} and value is not None}
    state = "Creating" if known is None else "Updating"
    shown = {key: value for key, value in given["properties"].items() if key not in _HIDDEN}
    extension = {**kept, "properties": {**shown, "provisioningState": state}}
    machine = replace(machine, extensions={**machine.extensions, name: extension})
    operation = begin_action(context.records, context.inventory, machine, EXTENSION, context.now)
    headers = context.operation_headers(request, operation, location=False)
    return json_response(
        201 if known is None else 200,
        extension_document(machine, name),
        {"azure-asyncnotification": "Enabled", **headers, **limits},
    )


_HIDDEN = frozenset({"protectedSettings", "protectedSettingsFromKeyVault", "instanceView"})


def _delete(context: Context, request: ArmRequest, machine: Machine, name: str) -> Response:
    if name not in machine.extensions:
        return empty_response(204)
    locks.check_deletion(machine)
    limits = _admit(context, machine)
    machine = context.preempt(machine, "extension")
    leaving = merged(machine.extensions[name], {"properties": {"provisioningState": "Deleting"}})
    machine = replace(machine, extensions={**machine.extensions, name: leaving})
    operation = begin_action(context.records, context.inventory, machine, EXTENSION, context.now)
    headers = context.operation_headers(request, operation, location=True)
    return empty_response(202, {"azure-asyncnotification": "Enabled", **headers, **limits})


def _admit(context: Context, machine: Machine) -> dict[str, str]:
    locks.check_lock(machine)
    limits = context.admit(machine, UPDATE_VM)
    if machine.spec.power != "running":
        raise errors.ArmError(
            409, "OperationNotAllowed", "Cannot modify extensions in the VM when the VM is not running."
        )
    return limits
