"""What ARM accepts as a name, a subscription, a size, a version and custom data.

Sources: Microsoft Learn, "Naming rules and restrictions for Azure resources" (Microsoft.Compute and
Microsoft.Resources), with https://azure.github.io/PSRule.Rules.Azure/en/rules/Azure.VM.Name for the first and
the last character; MicrosoftDocs/SupportArticles-docs, windows/error-messages.md, for custom data. ARM has no
list of sizes and regions that could be used here, so only their form is checked.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from .values import text

CUSTOM_DATA_CHARACTERS = 87_380  # 65,535 bytes in base64.
_MAX_DATA_DISKS = 64  # That of the largest sizes (Microsoft.Compute documents maxDataDiskCount for each).
_INT32 = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Rule:
    """Accepts a string that matches the whole `pattern`. `sentence` describes it."""

    pattern: re.Pattern[str]
    sentence: str

    def __call__(self, value: object) -> str:
        """Return the text if it matches."""
        accepted = text(value)
        if self.pattern.fullmatch(accepted):
            return accepted
        raise ValueError(self.sentence)


_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_])?")
_NAMED = (
    "must be 1 to 64 letters, digits, periods, hyphens and underscores, which begin with a letter or a digit "
    "and do not end with a period or a hyphen"
)
vm_name = Rule(_NAME, _NAMED)
scale_set_name = Rule(_NAME, _NAMED)
resource_group_name = Rule(
    re.compile(r"[\w.()-]{0,89}[\w()-]"),
    "must be 1 to 90 letters, digits, underscores, hyphens, periods and parentheses, not a period at the end",
)
subscription = Rule(
    re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "must be a GUID, such as 00000000-0000-0000-0000-000000000000",
)
region = Rule(
    re.compile(r"[A-Za-z][A-Za-z0-9]*( [A-Za-z0-9]+)*"), "must be the name of a region, such as westeurope"
)
vm_size = Rule(
    re.compile(r"(Basic|Standard)_[A-Za-z0-9]+([_-][A-Za-z0-9]+)*"),
    "must be the name of a VM size, such as Standard_D2ds_v5",
)
image_part = Rule(
    re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"),
    "must be letters, digits, periods, hyphens and underscores, which begin with a letter or a digit",
)
_VERSION = Rule(
    re.compile(r"[0-9]+(\.[0-9]+)*"), "must be numbers with periods between them, such as 24.04.202610010"
)


def exact_version(value: object) -> str:
    """Accept the version of an image: numbers of 32 bits with periods between them."""
    accepted = _VERSION(value)
    if all(len(part) <= len(str(_INT32)) and int(part) <= _INT32 for part in accepted.split(".")):
        return accepted
    raise ValueError(f"must not have a number above {_INT32}")


def image_version(value: object) -> str:
    """Accept the version of an `imageReference`: an exact one, or `latest`."""
    return "latest" if value == "latest" else exact_version(value)


def custom_data(value: object) -> str:
    """Accept base64 of the length that ARM allows."""
    accepted = text(value)
    if is_custom_data(accepted):
        return accepted
    raise ValueError(f"must be base64 of at most {CUSTOM_DATA_CHARACTERS} characters")


def is_custom_data(value: str) -> bool:
    """Return whether a string is base64 of the length that ARM allows."""
    try:
        base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(value) <= CUSTOM_DATA_CHARACTERS


def data_disks(value: object) -> int:
    """Accept how many data disks a VM can have."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_DATA_DISKS:
        return value
    raise ValueError(f"must be a whole number, {_MAX_DATA_DISKS} at most")
