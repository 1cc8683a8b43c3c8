"""The resource id of a virtual machine, which is parsed once and compared as ARM compares it.

Rule 1: a text that is accepted here can be used in a request path unchanged, and leads nowhere else.
Rule 2: every name that Azure accepts is accepted here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ..errors import InvalidInputError
from ..redact import redact

_SHAPE = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}"
)
_KEYWORDS = {0: "", 1: "subscriptions", 3: "resourcegroups", 5: "providers"}
_SEGMENTS = 9
_SHOWN = 200

# Subscription ids are GUIDs. For a safe path, it is enough that they have only letters, digits and hyphens.
_SUBSCRIPTION_ID = re.compile(r"[0-9A-Za-z-]{1,64}")

# learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules: 1 to 90 letters, digits,
# underscores, parentheses, hyphens and periods, Unicode included, and no period at the end.
_LONGEST_GROUP = 90

# ARM's own answer to a bad name quotes ^[^_\W][\w-._]{0,79}(?<![-.])$. The portal is stricter than the API:
# github.com/Azure/azure-rest-api-specs/issues/13271.
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class VirtualMachineId:
    """A `Microsoft.Compute/virtualMachines` resource id, with the names as the caller wrote them."""

    subscription_id: str
    resource_group: str
    name: str

    @classmethod
    def parse(cls, text: object) -> VirtualMachineId:
        """Read a resource id, such as `vm.id`.

        As in ARM, the case of keywords and one slash at the end are ignored.

        Raises:
            InvalidInputError: it is not the resource id of a virtual machine. The message says what is wrong.
        """
        if not isinstance(text, str):
            raise InvalidInputError("vm_id", f"vm_id must be the resource id of a VM as text, {_SHAPE}.")
        segments = text.removesuffix("/").split("/")
        if any(i < len(segments) and segments[i].lower() != word for i, word in _KEYWORDS.items()):
            raise _invalid(text, f"is not a resource id of the form {_SHAPE}")
        kind = "/".join(segments[6:8]).lower()
        if kind == "microsoft.compute/virtualmachinescalesets" and len(segments) > _SEGMENTS:
            raise _invalid(
                text,
                "is an instance of a scale set; only a VM that is its own Microsoft.Compute/virtualMachines "
                "resource (a standalone one, or one of a scale set in Flexible mode) can be reimaged here",
            )
        if kind != "microsoft.compute/virtualmachines" or len(segments) != _SEGMENTS:
            raise _invalid(
                text, f"does not name a Microsoft.Compute/virtualMachines resource; it must be {_SHAPE}"
            )
        subscription_id, resource_group, name = segments[2], segments[4], segments[8]
        if not _SUBSCRIPTION_ID.fullmatch(subscription_id):
            raise _invalid(text, "has a subscription id that is not a GUID")
        if not _is_group(resource_group):
            raise _invalid(text, "has a resource group name that Azure does not allow")
        if not _is_name(name):
            raise _invalid(text, "has a VM name that Azure does not allow")
        return cls(subscription_id, resource_group, name)

    def __str__(self) -> str:
        """Return the path, with the keywords as ARM spells them and without percent-encoding."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.Compute/virtualMachines/{self.name}"
        )

    @property
    def key(self) -> str:
        """A text that is the same for every spelling of the id of one machine.

        `lower` instead of `casefold`, because ARM distinguishes the groups `straße` and `strasse`.
        """
        return str(self).lower()


def _is_group(text: str) -> bool:
    return (
        1 <= len(text) <= _LONGEST_GROUP
        and all(_is_word(char) or char in "-.()" for char in text)
        and not text.endswith(".")
    )


def _is_name(text: str) -> bool:
    return (
        1 <= len(text) <= _LONGEST_NAME
        and all(_is_word(char) or char in "-." for char in text)
        and text[0] not in "_-."
        and text[-1] not in "-."
    )


def _is_word(char: str) -> bool:
    r"""Report whether .NET's `\w`, which ARM's rules use, matches; Python's excludes combining marks."""
    category = unicodedata.category(char)
    return category[0] == "L" or category in {"Mn", "Nd", "Pc"}


def _invalid(text: str, reason: str) -> InvalidInputError:
    return InvalidInputError("vm_id", f"vm_id {redact(repr(text), limit=_SHOWN)} {reason}.")
