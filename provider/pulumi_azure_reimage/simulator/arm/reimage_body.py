"""The body of `POST …/reimage`. Only what the service is known to refuse is refused.

The 2024-07-01 schema requires nothing and has no patterns. The recorded service accepted the password
"password" and the version "0.1" (Azure/azure-cli, test_vm_reimage.yaml), and so does this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .body import check_members, read_object
from .errors import bad_request, invalid_parameter
from .os_profile import check_custom_data
from .preconditions import check_os_profile

if TYPE_CHECKING:
    from ..world.machine import Machine

_REIMAGE, _PROFILE = "VirtualMachineReimageParameters", "OSProfileProvisioningData"
_MODELS: dict[str, dict[str, type]] = {
    _REIMAGE: {"tempDisk": bool, "exactVersion": str, "osProfile": dict},
    _PROFILE: {"adminPassword": str, "customData": str},
}


def read_exact_version(body: bytes, content_type: str | None, machine: Machine) -> str | None:
    """Check the body for `machine` and return its `exactVersion`. An empty body is allowed.

    Raises:
        ArmError: The service refuses it.
    """
    if not body:
        return None
    parameters = read_object(body, content_type)
    check_members(parameters, _REIMAGE, _MODELS[_REIMAGE])
    profile = parameters.get("osProfile") or {}
    check_os_profile(machine, given=bool(profile))
    check_members(profile, _PROFILE, _MODELS[_PROFILE], "osProfile.")
    # Accepted when false: recorded on a managed disk in 2023 and 2024; true is refused there
    # (Azure/azure-powershell#11354).
    if parameters.get("tempDisk") and not machine.is_ephemeral:
        raise invalid_parameter("tempDisk")
    _check_same_custom_data(profile.get("customData"), machine)
    exact_version: str | None = parameters.get("exactVersion")
    return exact_version


def _check_same_custom_data(custom_data: str | None, machine: Machine) -> None:
    if custom_data is None:
        return
    check_custom_data(custom_data)
    # A machine that was created without custom data accepted some (recorded). One that was created with
    # different custom data refuses it (Azure/azure-cli#26303).
    if machine.spec.custom_data is not None and custom_data != machine.spec.custom_data:
        raise bad_request(
            "Reimage requires the custom data provided should be same as the custom data provided "
            "while creating the Virtual Machine."
        )
