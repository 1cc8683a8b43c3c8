"""The instance view: what runs on a machine, as far as ARM can see it.

Sources: Azure/azure-cli, test_vm_reimage.yaml (2024-08-26); Microsoft Learn, "States and billing status of
Azure Virtual Machines", for the codes; the 2025-04-01 specification examples for an agent that is not ready.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from .extension_documents import extension_handlers, extension_views

if TYPE_CHECKING:
    from ..world.machine import Machine

# The provisioning states while an operation runs.
RUNNING_STATES = frozenset({"Creating", "Updating", "Deleting"})
_GUEST = {
    "Linux": ("ubuntu", "24.04", "2.11.1.4", "Guest Agent is running"),
    "Windows": (
        "Windows Server 2022 Datacenter Azure Edition",
        "10.0.20348.4294",
        "2.7.41491.1176",
        "GuestAgent is running and processing the extensions.",
    ),
}


def instance_view(machine: Machine, now: datetime) -> dict[str, Any]:
    """Return the body of `GET …/instanceView`, which is also `properties.instanceView`."""
    time = machine.os_disk_since or machine.time_created
    agent = {} if machine.spec.agent == "Absent" else {"vmAgent": _agent(machine, now)}
    disk = _status("ProvisioningState/succeeded", "Provisioning succeeded", time=time)
    attached = _status("ProvisioningState/succeeded", "Provisioning succeeded", time=machine.time_created)
    return {
        **_guest(machine, now),
        **agent,
        "disks": [
            {"name": machine.os_disk_name, "statuses": [disk]},
            *({"name": name, "statuses": [attached]} for name in machine.data_disk_names),
        ],
        **extension_views(machine),
        "hyperVGeneration": "V2",
        "statuses": [_provisioning(machine), *_condition(machine, now)],
    }


def agent_is_ready(machine: Machine, now: datetime) -> bool:
    """Return whether the VM agent reports ready."""
    # A change of the model, such as of tags, does not affect the operating system.
    up = machine.spec.power == "running" and not machine.transition and machine.reimaging is None
    settled = not machine.agent_ready_at or datetime.fromisoformat(machine.agent_ready_at) <= now
    return up and settled and machine.spec.agent == "Ready"


def _guest(machine: Machine, now: datetime) -> dict[str, Any]:
    # The agent reports the guest.
    if not agent_is_ready(machine, now):
        return {}
    os_name, os_version, _, _ = _GUEST[machine.spec.os_type]
    return {"computerName": machine.name, "osName": os_name, "osVersion": os_version}


def _agent(machine: Machine, now: datetime) -> dict[str, Any]:
    _, _, version, message = _GUEST[machine.spec.os_type]
    if agent_is_ready(machine, now):
        ready = _status("ProvisioningState/succeeded", "Ready", message=message, time=machine.time_created)
        return {
            "vmAgentVersion": version,
            "statuses": [ready],
            "extensionHandlers": extension_handlers(machine),
        }
    waiting = _status(
        "ProvisioningState/Unavailable",
        "Not Ready",
        level="Warning",
        message="VM status blob is found but not yet populated.",
        time=machine.time_created,
    )
    return {"vmAgentVersion": "Unknown", "statuses": [waiting]}


def _provisioning(machine: Machine) -> dict[str, str]:
    if machine.provisioning_state in RUNNING_STATES:
        # Recorded: no time while an operation runs (Azure/azure-cli, test_vm_create_no_wait.yaml).
        state = machine.provisioning_state
        return _status(f"ProvisioningState/{state.lower()}", state)
    # Recorded: the end of the last operation of any kind (test_vm_create_state_modifications.yaml).
    time = machine.changed_at or machine.time_created
    if machine.failure is not None:
        code, message = machine.failure
        place = f"ProvisioningState/failed/{code}"
        return _status(place, "Provisioning failed", level="Error", message=message, time=time)
    return _status("ProvisioningState/succeeded", "Provisioning succeeded", time=time)


def _condition(machine: Machine, now: datetime) -> list[dict[str, str]]:
    statuses = [_status("OSState/generalized", "VM generalized")] if machine.spec.generalized else []
    power = machine.power_at(now)
    return [*statuses, _status(f"PowerState/{power}", f"VM {power}")]


def _status(
    code: str, display: str, *, level: str = "Info", message: str | None = None, time: str | None = None
) -> dict[str, str]:
    return {
        "code": code,
        "level": level,
        "displayStatus": display,
        **({"message": message} if message is not None else {}),
        **({"time": time} if time is not None else {}),
    }
