"""What ARM's GETs answer about machines: the recorded documents, key by key.

Sources: Azure/azure-cli, test_vm_reimage.yaml (2024-08-26); the 2024-07-01 specification of
virtualMachines; Azure/azure-powershell, TestVirtualMachineReimage.json, for the ephemeral disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..inventory.resource_ids import resource_id
from ..world.disk import os_disk_size_gb
from .extension_documents import extension_document
from .merging import merged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..world.machine import Machine


def machine_document(
    machine: Machine, view: Mapping[str, Any] | None = None, *, user_data: bool = False
) -> dict[str, Any]:
    """Return the body of `GET …/virtualMachines/{name}`, with an instance view if one was requested.

    `user_data` adds the user data, which according to the specification no other answer has.
    """
    spec = machine.spec
    # A machine that was not provisioned from an image has no osProfile (Microsoft Learn, shared image
    # versions).
    profile = {} if spec.created_from != "Image" else {"osProfile": _os_profile(machine)}
    properties: dict[str, Any] = {
        "hardwareProfile": {"vmSize": spec.size},
        "provisioningState": machine.provisioning_state,
        "vmId": machine.vm_id,
        **_scale_set(machine),
        "storageProfile": {**_image(machine), "osDisk": _os_disk(machine)},
        **profile,
        "networkProfile": {"networkInterfaces": [{"id": _network_interface(machine)}]},
    }
    if machine.model:
        properties = merged(properties, machine.model["properties"])
    properties["storageProfile"]["dataDisks"] = _data_disks(machine)
    if not user_data:
        properties.pop("userData", None)
    if view is not None:
        properties["instanceView"] = view
    properties["timeCreated"] = machine.time_created
    extensions = [extension_document(machine, name) for name in machine.extensions]
    written = {key: value for key, value in machine.model.items() if key != "properties"}
    return {
        "name": spec.name,
        "id": machine.id,
        "type": "Microsoft.Compute/virtualMachines",
        "location": spec.location,
        "tags": {},
        **written,
        "properties": properties,
        **({"resources": extensions} if extensions else {}),
        "etag": etag(machine),
    }


def etag(machine: Machine) -> str:
    """Return the etag, including its quotes."""
    return f'"{machine.etag}"'


def _image(machine: Machine) -> dict[str, Any]:
    if machine.spec.created_from == "Attach":
        return {}
    return {"imageReference": {**machine.spec.image.reference(), "exactVersion": machine.image_version}}


def _scale_set(machine: Machine) -> dict[str, Any]:
    spec = machine.spec
    if spec.scale_set is None:
        return {}
    owner = resource_id(spec.subscription_id, spec.resource_group, "virtualMachineScaleSets", spec.scale_set)
    return {"virtualMachineScaleSet": {"id": owner}}


def _os_disk(machine: Machine) -> dict[str, Any]:
    storage = "Standard_LRS" if machine.is_ephemeral else "Premium_LRS"
    local = (
        {"diffDiskSettings": {"option": "Local", "placement": "CacheDisk"}} if machine.is_ephemeral else {}
    )
    return {
        "osType": machine.spec.os_type,
        **local,
        "name": machine.os_disk_name,
        "createOption": "Attach" if machine.spec.created_from == "Attach" else "FromImage",
        "caching": "ReadOnly" if machine.is_ephemeral else "ReadWrite",
        "managedDisk": {"storageAccountType": storage, "id": machine.os_disk_id},
        # An ephemeral OS disk is always deleted with its VM (computeRPCommon.json, OSDisk.deleteOption).
        "deleteOption": "Delete" if machine.is_ephemeral else machine.spec.os_disk,
        "diskSizeGB": os_disk_size_gb(machine),
    }


def _data_disks(machine: Machine) -> list[dict[str, Any]]:
    if machine.written_data_disks:
        return [
            merged({"managedDisk": {"id": machine.disk_id(str(disk["name"]))}}, disk)
            for disk in machine.written_data_disks
        ]
    return [
        {
            "lun": lun,
            "name": name,
            "createOption": "Empty",
            "caching": "None",
            "managedDisk": {"storageAccountType": "Premium_LRS", "id": machine.disk_id(name)},
            "deleteOption": "Detach",
            "diskSizeGB": 32,
            "toBeDetached": False,
        }
        for lun, name in enumerate(machine.data_disk_names)
    ]


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
