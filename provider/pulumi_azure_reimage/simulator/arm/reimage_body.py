"""The body of `POST …/reimage`: what the service is known to refuse, and nothing more.

The 2024-07-01 schema requires nothing and has no patterns, and the recorded service accepted the
password "password" and the version "0.1" (Azure/azure-cli, test_vm_reimage.yaml): so does this.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .errors import ArmError, bad_request, invalid_parameter
from .preconditions import check_os_profile

if TYPE_CHECKING:
    from ..world.machine import Machine

_CUSTOM_DATA_CHARACTERS = 87_380  # 65,535 bytes in base64.
_MODELS: dict[str, dict[str, type]] = {
    "VirtualMachineReimageParameters": {"tempDisk": bool, "exactVersion": str, "osProfile": dict},
    "OSProfileProvisioningData": {"adminPassword": str, "customData": str},
}


def read_exact_version(body: bytes, content_type: str | None, machine: Machine) -> str | None:
    """Check the body for `machine` and return its `exactVersion`; an empty body is allowed.

    Raises:
        ArmError: The service refuses it.
    """
    if not body:
        return None
    if content_type is not None and content_type.split(";")[0].strip().lower() != "application/json":
        raise ArmError(
            415,
            "UnsupportedMediaType",
            f"The content media type '{content_type}' is not supported. "
            "Only 'application/json' is supported.",
        )
    parameters = _parse(body)
    _check_members(parameters, "VirtualMachineReimageParameters", "")
    profile = parameters.get("osProfile") or {}
    check_os_profile(machine, given=bool(profile))
    _check_members(profile, "OSProfileProvisioningData", "osProfile.")
    # Accepted when false: recorded on a managed disk in 2023 and 2024; true is refused there
    # (Azure/azure-powershell#11354).
    if parameters.get("tempDisk") and not machine.is_ephemeral:
        raise invalid_parameter("tempDisk")
    _check_custom_data(profile.get("customData"), machine)
    exact_version: str | None = parameters.get("exactVersion")
    return exact_version


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        parameters = json.loads(body.decode("utf-8-sig"))
    except RecursionError:
        raise bad_request("The request content is nested too deeply.") from None
    except ValueError as error:  # Bad UTF-8 too.
        raise ArmError(
            400,
            "InvalidRequestContent",
            f"The request content was invalid and could not be deserialized: '{error}'.",
        ) from error
    if not isinstance(parameters, Mapping):
        raise bad_request("The request content must be a JSON object.")
    return parameters


def _check_members(value: Mapping[str, Any], model: str, prefix: str) -> None:
    members = _MODELS[model]
    for key, item in value.items():
        path = f"{prefix}{key}"
        if key not in members:
            # The compute service's words for an unknown member (Azure/azure-cli issues quote them for VMs).
            raise bad_request(
                f"Could not find member '{key}' on object of type '{model}'. Path '{path}'.", path
            )
        if item is not None and not isinstance(item, members[key]):
            expected = members[key].__name__
            raise bad_request(
                f"Error converting the value of '{path}' to type '{expected}'. Path '{path}'.", path
            )


def _check_custom_data(custom_data: str | None, machine: Machine) -> None:
    if custom_data is None:
        return
    if not _is_base64(custom_data) or len(custom_data) > _CUSTOM_DATA_CHARACTERS:
        # MicrosoftDocs/SupportArticles-docs, windows/error-messages.md.
        raise ArmError(
            400,
            "InvalidParameter",
            "Custom data in OSProfile must be in Base64 encoding and with a maximum length of "
            f"{_CUSTOM_DATA_CHARACTERS} characters.",
            target="customData",
        )
    # A machine created without custom data accepted some (recorded); one created with other
    # custom data refuses it (Azure/azure-cli#26303).
    if machine.spec.custom_data is not None and custom_data != machine.spec.custom_data:
        raise bad_request(
            "Reimage requires the custom data provided should be same as the custom data provided "
            "while creating the Virtual Machine."
        )


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
