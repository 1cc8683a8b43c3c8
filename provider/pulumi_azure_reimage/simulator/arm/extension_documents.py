"""How a VM shows its extensions: as resources, inside the VM, and in its instance view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..world.machine import Machine


def extension_document(machine: Machine, name: str) -> dict[str, Any]:
    """Return the body of `GET …/extensions/{name}`."""
    return {
        "name": name,
        "id": f"{machine.id}/extensions/{name}",
        "type": "Microsoft.Compute/virtualMachines/extensions",
        "location": machine.spec.location,
        **machine.extensions[name],
    }


def extension_views(machine: Machine) -> dict[str, Any]:
    """Return the `extensions` of an instance view; empty if the VM has none."""
    ready = {name: one for name, one in machine.extensions.items() if _state(one) == "Succeeded"}
    if not ready:
        return {}
    status = {
        "code": "ProvisioningState/succeeded",
        "level": "Info",
        "displayStatus": "Provisioning succeeded",
        "message": "Enable succeeded.",
    }
    return {
        "extensions": [{"name": name, **_handler(one), "statuses": [status]} for name, one in ready.items()]
    }


def extension_handlers(machine: Machine) -> list[dict[str, Any]]:
    """Return the `extensionHandlers` that the VM agent reports."""
    status = {
        "code": "ProvisioningState/succeeded",
        "level": "Info",
        "displayStatus": "Ready",
        "message": "Plugin enabled",
    }
    return [
        {**_handler(one), "status": status}
        for one in machine.extensions.values()
        if _state(one) == "Succeeded"
    ]


def _state(extension: Any) -> str:  # noqa: ANN401 - a JSON document has no narrower type.
    return str(extension["properties"]["provisioningState"])


def _handler(extension: Any) -> dict[str, str]:  # noqa: ANN401 - a JSON document has no narrower type.
    properties = extension["properties"]
    return {
        "type": f"{properties['publisher']}.{properties['type']}",
        "typeHandlerVersion": properties["typeHandlerVersion"],
    }
