"""What the compute service requires of an `osProfile` when a VM is created.

Sources: the 2024-07-01 specification of OSProfile for lengths and disallowed values;
MicrosoftDocs/SupportArticles-docs, windows/error-messages.md, and the compute service's errors, as issues of
hashicorp/terraform-provider-azurerm quote them, for the messages.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from ..inventory.arm_rules import CUSTOM_DATA_CHARACTERS, is_custom_data
from .body import member, required_text, text
from .errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PASSWORD_LENGTHS = {"Linux": (6, 72), "Windows": (8, 123)}
_KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[\W_]")
_KINDS_REQUIRED = 3
_COMPUTER_NAME_CHARACTERS = {"Linux": 64, "Windows": 15}
_DISALLOWED_PASSWORDS = (
    "abc@123 P@$$w0rd P@ssw0rd P@ssword123 Pa$$word pass@word1 Password! Password1 Password22 iloveyou!"
)
_DISALLOWED_USERS = (
    "administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup "
    "console david guest john owner root server sql support support_388945a0 sys test2 test3 user4 "
    "user5"
)


def check_os_profile_at_creation(profile: Mapping[str, Any], os_type: str) -> None:
    """Check an `osProfile` from which a machine is provisioned.

    Raises:
        ArmError: The compute service refuses it.
    """
    user = required_text(profile, "adminUsername")
    if user.lower() in _DISALLOWED_USERS.split():
        raise _invalid("The Admin Username specified is not allowed.", "adminUsername")
    _check_computer_name(required_text(profile, "computerName"), os_type)
    custom_data = text(profile, "customData")
    if custom_data is not None:
        check_custom_data(custom_data)
    password = text(profile, "adminPassword")
    if password is not None:
        _check_password(password, os_type)
    elif os_type == "Windows":
        required_text(profile, "adminPassword")
    elif not member(profile, "linuxConfiguration.ssh.publicKeys"):
        raise _invalid(
            "Authentication using either SSH or by user name and password must be enabled in Linux profile.",
            "linuxConfiguration",
        )


def check_custom_data(custom_data: str) -> None:
    """Check the form of custom data.

    Raises:
        ArmError: It is not base64, or too long.
    """
    if is_custom_data(custom_data):
        return
    raise _invalid(
        "Custom data in OSProfile must be in Base64 encoding and with a maximum length of "
        f"{CUSTOM_DATA_CHARACTERS} characters.",
        "customData",
    )


def password_digest(profile: Mapping[str, Any]) -> str:
    """Return a digest by which a password is recognized; empty without one."""
    password = text(profile, "adminPassword")
    return "" if password is None else hashlib.sha256(password.encode(errors="replace")).hexdigest()


def _check_computer_name(name: str, os_type: str) -> None:
    if len(name) > _COMPUTER_NAME_CHARACTERS[os_type] or name.isdecimal():
        raise _invalid(
            f"{os_type} computer name cannot be more than {_COMPUTER_NAME_CHARACTERS[os_type]} characters "
            "long, be entirely numeric, or contain the following characters: "
            "` ~ ! @ # $ % ^ & * ( ) = + _ [ ] { } \\ | ; : . ' \" , < > / ?.",
            "computerName",
        )


def _check_password(password: str, os_type: str) -> None:
    if password in _DISALLOWED_PASSWORDS.split():
        raise _invalid("The Admin password specified is not allowed.", "adminPassword")
    low, high = _PASSWORD_LENGTHS[os_type]
    kinds = sum(re.search(kind, password) is not None for kind in _KINDS)
    if not low <= len(password) <= high or kinds < _KINDS_REQUIRED:
        raise _invalid(
            f"The supplied password must be between {low}-{high} characters long and must satisfy at least "
            f"{_KINDS_REQUIRED} of password complexity requirements from the following:\r\n"
            "1) Contains an uppercase character\r\n2) Contains a lowercase character\r\n"
            "3) Contains a numeric digit\r\n4) Contains a special character\r\n"
            "5) Control characters are not allowed",
            "adminPassword",
        )


def _invalid(message: str, target: str) -> ArmError:
    return ArmError(400, "InvalidParameter", message, target=target)
