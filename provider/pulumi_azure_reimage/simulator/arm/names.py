"""The names that ARM and its resource providers accept.

Source: Microsoft Learn, "Naming rules and restrictions for Azure resources".
"""

from __future__ import annotations

import re

from .errors import ArmError

# The rule as in the compute service's own message, which many public issues quote.
_VM_RULE = r"^[^_\W][\w-._]{0,79}(?<![-.])$"
_VM_NAME = re.compile(r"[^_\W][\w\-.]{0,79}(?<![-.])")
_GROUP_NAME = re.compile(r"[\w\-.()]{1,90}(?<!\.)")


def check_vm_name(name: str) -> None:
    """Check the name of a VM that is created.

    Raises:
        ArmError: The compute service does not accept it.
    """
    _check(name, _VM_NAME, "vmName")


def check_disk_name(name: str) -> None:
    """Check the name of a disk that is created.

    Raises:
        ArmError: The compute service does not accept it.
    """
    _check(name, _VM_NAME, "disk.name")


def check_group_name(name: str) -> None:
    """Check the name of a resource group that is created.

    Raises:
        ArmError: ARM does not accept it.
    """
    if not _GROUP_NAME.fullmatch(name):
        raise ArmError(
            400,
            "InvalidResourceGroup",
            "The provided resource group name has these invalid characters, is too long or ends with a "
            f"period: '{name}'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'.",
        )


def _check(name: str, rule: re.Pattern[str], target: str) -> None:
    if not rule.fullmatch(name):
        raise ArmError(
            400,
            "InvalidParameter",
            f"The entity name '{target}' is invalid according to its validation rule: {_VM_RULE}.",
            target=target,
        )
