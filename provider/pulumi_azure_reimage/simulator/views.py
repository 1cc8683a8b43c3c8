"""What ARM's GETs answer about machines and disks: the recorded documents, key by key.

Sources: Azure/azure-cli, test_vm_reimage.yaml (2024-08-26); the 2024-07-01 specification of
virtualMachines; Azure/azure-powershell, TestVirtualMachineReimage.json, for the ephemeral disk.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .disk import Disk, os_disk_size_gb
from .paths import resource_id

if TYPE_CHECKING:
    from .machine import Machine

_GUEST = {
    "Linux": ("linux", "6.8.0", "2.11.1.4", "Guest Agent is running"),
    "Windows": (
        "Windows Server 2022 Datacenter Azure Edition",
        "10.0.20348.4294",
        "2.7.41491.1176",
        "GuestAgent is running and processing the extensions.",
    ),
}
_PROVISIONING = {
    "Succeeded": ("ProvisioningState/succeeded", "Info", "Provisioning succeeded"),
    "Updating": ("ProvisioningState/updating", "Info", "Updating"),
    "Failed": ("ProvisioningState/failed", "Error", "Provisioning failed"),
}


def machine_document(machine: Machine, *, with_instance_view: bool = False) -> dict[str, Any]:
    """Return the body of `GET …/virtualMachines/{name}`."""
    spec = machine.spec
    properties: dict[str, Any] = {
        "hardwareProfile": {"vmSize": spec.size},
        "provisioningState": machine.provisioning_state,
        "vmId": machine.vm_id,
        "storageProfile": {
            "imageReference": {**asdict(spec.image), "exactVersion": machine.image_version},
            "osDisk": _os_disk(machine),
            "dataDisks": [],
        },
        "osProfile": _os_profile(machine),
        "networkProfile": {"networkInterfaces": [{"id": _network_interface(machine)}]},
    }
    if with_instance_view:
        properties["instanceView"] = instance_view(machine)
    properties["timeCreated"] = machine.time_created
    return {
        "name": spec.name,
        "id": machine.id,
        "type": "Microsoft.Compute/virtualMachines",
        "location": spec.location,
        "tags": {},
        "properties": properties,
        "etag": etag(machine),
    }


def etag(machine: Machine) -> str:
    """Return the etag, quotes included."""
    return f'"{machine.etag}"'


def instance_view(machine: Machine) -> dict[str, Any]:
    """Return the body of `GET …/instanceView`, which is also `properties.instanceView`."""
    os_name, os_version, agent_version, agent_message = _GUEST[machine.spec.os_type]
    code, level, display = _PROVISIONING[machine.provisioning_state]
    time = machine.time_created
    provisioning = {"code": code, "level": level, "displayStatus": display, "time": time}
    return {
        "computerName": machine.name,
        "osName": os_name,
        "osVersion": os_version,
        "vmAgent": {
            "vmAgentVersion": agent_version,
            "statuses": [
                {
                    "code": "ProvisioningState/succeeded",
                    "level": "Info",
                    "displayStatus": "Ready",
                    "message": agent_message,
                    "time": time,
                }
            ],
            "extensionHandlers": [],
        },
        "disks": [
            {
                "name": machine.os_disk_name,
                "statuses": [
                    {
                        "code": "ProvisioningState/succeeded",
                        "level": "Info",
                        "displayStatus": "Provisioning succeeded",
                        "time": time,
                    }
                ],
            }
        ],
        "hyperVGeneration": "V2",
        "statuses": [
            provisioning,
            {"code": "PowerState/running", "level": "Info", "displayStatus": "VM running"},
        ],
    }


def disk_document(disk: Disk) -> dict[str, Any]:
    """Return the body of `GET …/disks/{name}`."""
    owner = {} if disk.managed_by is None else {"managedBy": disk.managed_by}
    return {
        "name": disk.name,
        "id": disk.id,
        "type": "Microsoft.Compute/disks",
        "location": disk.location,
        **owner,
        "sku": {"name": "Premium_LRS", "tier": "Premium"},
        "properties": {
            "osType": disk.os_type,
            "creationData": {"createOption": "FromImage"},
            "diskSizeGB": disk.size_gb,
            "timeCreated": disk.time_created,
            "provisioningState": "Succeeded",
            "diskState": "Unattached" if disk.managed_by is None else "Attached",
        },
    }


def _os_disk(machine: Machine) -> dict[str, Any]:
    storage = "Standard_LRS" if machine.is_ephemeral else "Premium_LRS"
    local = (
        {"diffDiskSettings": {"option": "Local", "placement": "CacheDisk"}} if machine.is_ephemeral else {}
    )
    return {
        "osType": machine.spec.os_type,
        **local,
        "name": machine.os_disk_name,
        "createOption": "FromImage",
        "caching": "ReadOnly" if machine.is_ephemeral else "ReadWrite",
        "managedDisk": {"storageAccountType": storage, "id": machine.os_disk_id},
        # An ephemeral OS disk is always deleted with its VM (computeRPCommon.json, OSDisk.deleteOption).
        "deleteOption": "Delete" if machine.is_ephemeral else machine.spec.os_disk,
        "diskSizeGB": os_disk_size_gb(machine),
    }


def _os_profile(machine: Machine) -> dict[str, Any]:
    common = {"computerName": machine.name, "adminUsername": "azureuser"}
    end = {"secrets": [], "allowExtensionOperations": True, "requireGuestProvisionSignal": True}
    if machine.spec.os_type == "Windows":
        configuration = {
            "provisionVMAgent": True,
            "enableAutomaticUpdates": True,
            "patchSettings": {"patchMode": "AutomaticByOS", "assessmentMode": "ImageDefault"},
        }
        return {**common, "windowsConfiguration": configuration, **end}
    configuration = {
        "disablePasswordAuthentication": False,
        "provisionVMAgent": True,
        "patchSettings": {"patchMode": "ImageDefault", "assessmentMode": "ImageDefault"},
    }
    return {**common, "linuxConfiguration": configuration, **end}


def _network_interface(machine: Machine) -> str:
    spec = machine.spec
    compute = resource_id(spec.subscription_id, spec.resource_group, "networkInterfaces", f"{spec.name}-nic")
    return compute.replace("/Microsoft.Compute/", "/Microsoft.Network/")
