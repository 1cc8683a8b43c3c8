"""The properties of a VM that cannot be changed after its creation: `PropertyChangeNotAllowed`.

The messages are quoted in public issues: hashicorp/terraform#8796 (imageReference),
pulumi/pulumi-azure-native#1117 (imageReference.id), Azure/azure-powershell#7621 (osDisk.createOption), and
comments of hashicorp/terraform-provider-azurerm (linuxConfiguration.ssh.publicKeys,
windowsConfiguration.additionalUnattendContent). The other members are those that, according to the
specification, "cannot be updated after the VM is created".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .body import inner_object, member, text
from .errors import ArmError
from .machine_documents import machine_document
from .os_profile import password_digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..world.machine import Machine

# Where each is in `properties`, and its name in the refusal.
_PATHS = {
    "osProfile.adminUsername": "osProfile.adminUsername",
    "osProfile.computerName": "osProfile.computerName",
    "osProfile.linuxConfiguration.ssh.publicKeys": "linuxConfiguration.ssh.publicKeys",
    "osProfile.windowsConfiguration.additionalUnattendContent": (
        "windowsConfiguration.additionalUnattendContent"
    ),
    "storageProfile.osDisk.createOption": "osDisk.createOption",
    "storageProfile.osDisk.osType": "osDisk.osType",
    "storageProfile.osDisk.diffDiskSettings.option": "osDisk.diffDiskSettings",
    "availabilitySet.id": "availabilitySet.id",
}
_IMAGE = ("publisher", "offer", "sku", "version", "id", "communityGalleryImageId", "sharedGalleryImageId")


def check_immutable(machine: Machine, given: Mapping[str, Any]) -> None:
    """Check that a body does not change an immutable property.

    Raises:
        ArmError: It does.
    """
    _check_location(machine, given)
    shown = machine_document(machine)["properties"]
    properties = given.get("properties") or {}
    _check_image(shown, properties)
    for path, target in _PATHS.items():
        wanted, mine = member(properties, path), member(shown, path)
        if wanted is not None and wanted != mine and (mine is not None or machine.model):
            raise change_not_allowed(target)
    _check_secrets(machine, properties.get("osProfile") or {})


def wanted_os_disk(machine: Machine, given: Mapping[str, Any]) -> str | None:
    """Return the id of the OS disk with which a body replaces the machine's own, if it does.

    Raises:
        ArmError: It names another disk without its id.
    """
    disk = "properties.storageProfile.osDisk"
    wanted = text(given, f"{disk}.managedDisk.id")
    if wanted is not None and wanted.lower() != machine.os_disk_id.lower():
        if machine.is_ephemeral:
            raise change_not_allowed("osDisk.managedDisk.id")
        return wanted
    name = text(given, f"{disk}.name")
    if name is not None and name.lower() != machine.os_disk_name.lower():
        raise change_not_allowed("osDisk.name")
    return None


def change_not_allowed(target: str) -> ArmError:
    """Refuse the change of one property."""
    return ArmError(
        409, "PropertyChangeNotAllowed", f"Changing property '{target}' is not allowed.", target=target
    )


def _check_location(machine: Machine, given: Mapping[str, Any]) -> None:
    location = text(given, "location")
    if location is None or "".join(location.split()).lower() == machine.spec.location.lower():
        return
    raise ArmError(
        409,
        "InvalidResourceLocation",
        f"The resource '{machine.name}' already exists in location '{machine.spec.location}' in resource "
        f"group '{machine.spec.resource_group}'. A resource with the same name cannot be created in location "
        f"'{location}'. Please select a new resource name.",
    )


def _check_image(shown: Mapping[str, Any], properties: Mapping[str, Any]) -> None:
    # Recorded: a PUT without an imageReference keeps it (Azure/azure-cli, test_vm_os_disk_swap.yaml).
    given = inner_object(properties, "storageProfile.imageReference")
    if not given:
        return
    mine = member(shown, "storageProfile.imageReference") or {}
    wrong = [key for key in _IMAGE if str(given.get(key) or "").lower() != str(mine.get(key) or "").lower()]
    if wrong:
        raise change_not_allowed(f"imageReference.{wrong[0]}" if len(wrong) == 1 else "imageReference")


def _check_secrets(machine: Machine, profile: Mapping[str, Any]) -> None:
    custom_data = text(profile, "customData")
    if custom_data is not None and custom_data != machine.spec.custom_data:
        raise change_not_allowed("osProfile.customData")
    # The password of a machine from the inventory is not known, so any password counts as unchanged.
    digest = password_digest(profile)
    if digest and machine.password_digest and digest != machine.password_digest:
        raise change_not_allowed("osProfile.adminPassword")
