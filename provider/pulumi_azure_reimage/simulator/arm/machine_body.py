"""The body of a PUT or a PATCH of a VM: the parts with a key in the inventory, and the rest of the model.

Source: the 2024-07-01 specification of virtualMachines; the names that later versions added are also known,
because clients send their own version.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import InventoryError
from ..inventory.specification import MachineDefaults, MachineSpecification
from ..inventory.tables import Table
from .body import (
    Members,
    check_members,
    inner_object,
    member,
    missing,
    objects,
    read_object,
    required_text,
    text,
)
from .errors import ArmError
from .exact_version import version_at_creation
from .os_profile import check_os_profile_at_creation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..world.disk import Disk
    from .context import Context
    from .paths import MachinePath
    from .request import ArmRequest

_OBJECTS = (
    "additionalCapabilities applicationProfile availabilitySet billingProfile capacityReservation "
    "diagnosticsProfile flexProfile hardwareProfile host hostGroup instanceView interconnectBlockProfile "
    "networkProfile osProfile resiliencyProfile "
    "proximityPlacementGroup scheduledEventsPolicy scheduledEventsProfile securityProfile storageProfile "
    "virtualMachineScaleSet"
)
_TEXTS = (
    "evictionPolicy extensionsTimeBudget licenseType priority provisioningState timeCreated userData vmId"
)
_PROPERTIES: Members = MappingProxyType(
    {
        **dict.fromkeys(_OBJECTS.split(), dict),
        **dict.fromkeys(_TEXTS.split(), str),
        "platformFaultDomain": int,
    }
)
_UPDATE: Members = MappingProxyType(
    {"plan": dict, "properties": dict, "identity": dict, "zones": list, "tags": dict}
)
_MACHINE: Members = MappingProxyType(
    {
        **_UPDATE,
        "location": str,
        "extendedLocation": dict,
        "placement": dict,
        # What a client has read and sends back.
        **dict.fromkeys(("id", "name", "type", "etag", "managedBy"), str),
        "resources": list,
        "systemData": dict,
    }
)
_INNER_OBJECTS = (
    "storageProfile.imageReference",
    "storageProfile.osDisk.managedDisk",
    "storageProfile.osDisk.diffDiskSettings",
    "osProfile.linuxConfiguration.ssh",
    "osProfile.windowsConfiguration",
    "networkProfile",
)
_IMAGE_IDS = ("id", "communityGalleryImageId", "sharedGalleryImageId")
_OS_DISK = "properties.storageProfile.osDisk"


def read_body(request: ArmRequest, model: str) -> Mapping[str, Any]:
    """Read the body of a `VirtualMachine` or a `VirtualMachineUpdate`.

    Raises:
        ArmError: It is not valid.
    """
    given = read_object(request.http.body, request.http.header("content-type"))
    check_members(given, model, _MACHINE if model == "VirtualMachine" else _UPDATE)
    check_members(given.get("properties") or {}, f"{model}Properties", _PROPERTIES, "properties.")
    for path in _INNER_OBJECTS:
        inner_object(given, f"properties.{path}")
    return given


def read_specification(
    context: Context, path: MachinePath, given: Mapping[str, Any], disk: Disk | None
) -> MachineSpecification:
    """Read the inventory's settings for a machine that is being created. `disk` is a disk that it attaches.

    Raises:
        ArmError: The compute service refuses it.
    """
    size = required_text(given, "properties.hardwareProfile.vmSize", "hardwareProfile")
    if member(given, _OS_DISK) is None:
        raise missing("storageProfile")
    os_type = disk.os_type if disk is not None else _os_type(given)
    origin, profile = _origin(given, attached=disk is not None), member(given, "properties.osProfile")
    if origin == "Image":
        check_os_profile_at_creation(profile or {}, os_type)
    elif profile:
        raise ArmError(400, "InvalidParameter", "Parameter 'osProfile' is not allowed.", target="osProfile")
    custom_data = text(given, "properties.osProfile.customData")
    settings = {
        "name": path.name,
        "subscription_id": path.subscription_id,
        "resource_group": path.resource_group,
        "location": "".join(str(given["location"]).split()).lower(),
        "os_type": os_type,
        "os_disk": os_disk_kind(given) or "Detach",
        "size": size,
        "created_from": origin,
        "data_disks": len(data_disks(given, path.name)),
        **({"custom_data": custom_data} if custom_data else {}),
        **({} if disk is not None else {"image": _image(given)}),
        **_scale_set(given),
    }
    spec = _specification(settings, context.inventory.defaults)
    return spec if disk is not None else version_at_creation(context.inventory.images, spec, context.now)


def os_disk_kind(given: Mapping[str, Any]) -> str | None:
    """Return the inventory's `os_disk`, or None if the body does not give it.

    Raises:
        ArmError: It is not a delete option.
    """
    if text(given, f"{_OS_DISK}.diffDiskSettings.option"):
        return "Ephemeral"
    option = text(given, f"{_OS_DISK}.deleteOption")
    if option not in {None, "Detach", "Delete"}:
        raise ArmError(
            400,
            "InvalidParameter",
            f"The value '{option}' of parameter 'deleteOption' is not allowed. Allowed values are: "
            "Delete, Detach.",
            target="osDisk.deleteOption",
        )
    return option


def data_disks(given: Mapping[str, Any], vm_name: str) -> list[dict[str, Any]]:
    """Return the data disks of a body as the VM shows them, without those that are to be detached."""
    disks = objects(given, "properties.storageProfile.dataDisks")
    return [_data_disk(disk, vm_name) for disk in disks if not disk.get("toBeDetached")]


def _data_disk(given: Mapping[str, Any], vm_name: str) -> dict[str, Any]:
    return {
        "name": f"{vm_name}_DataDisk_{given.get('lun')}",
        "createOption": "Empty",
        "caching": "None",
        "deleteOption": "Detach",
        "toBeDetached": False,
        **{key: value for key, value in given.items() if value is not None},
    }


def _os_type(given: Mapping[str, Any]) -> str:
    known = text(given, f"{_OS_DISK}.osType")
    publisher = text(given, "properties.storageProfile.imageReference.publisher") or ""
    is_windows = (
        known == "Windows"
        if known
        else bool(member(given, "properties.osProfile.windowsConfiguration"))
        or publisher.lower().startswith("microsoftwindows")
    )
    return "Windows" if is_windows else "Linux"


def _origin(given: Mapping[str, Any], *, attached: bool) -> str:
    """Return the origin of the OS disk. An image without an osProfile is a specialized one."""
    if attached:
        return "Attach"
    required_text(given, f"{_OS_DISK}.createOption", "osDisk.createOption")
    reference = inner_object(given, "properties.storageProfile.imageReference")
    if not reference:
        raise missing("imageReference")
    by_id = any(text(reference, key) for key in _IMAGE_IDS)
    has_profile = bool(member(given, "properties.osProfile"))
    if not has_profile and not by_id:
        raise missing("osProfile")
    return "Image" if has_profile else "Specialized"


def _image(given: Mapping[str, Any]) -> dict[str, str]:
    reference = inner_object(given, "properties.storageProfile.imageReference")
    by_id = next((reference[key] for key in _IMAGE_IDS if reference.get(key)), None)
    if by_id is not None:
        return {"id": by_id}
    return {
        key: required_text(reference, key, f"imageReference.{key}")
        for key in ("publisher", "offer", "sku", "version")
    }


def _scale_set(given: Mapping[str, Any]) -> dict[str, str]:
    owner = text(given, "properties.virtualMachineScaleSet.id")
    return {"scale_set": owner.rpartition("/")[2]} if owner else {}


def _specification(settings: Mapping[str, object], defaults: MachineDefaults) -> MachineSpecification:
    try:
        return MachineSpecification.read(Table("the request", settings), defaults)
    except InventoryError as error:
        raise ArmError(400, "InvalidParameter", f"{error}.") from error
