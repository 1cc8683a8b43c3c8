"""What the roles of an identity allow, as ARM lists them for a resource.

https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource
"""

from __future__ import annotations

import re
from dataclasses import dataclass

API_VERSION = "2022-04-01"
READ = "Microsoft.Compute/virtualMachines/read"
REIMAGE = "Microsoft.Compute/virtualMachines/reimage/action"


@dataclass(frozen=True, slots=True)
class Role:
    """One role: what it gives, and what it takes away from that."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        """Tell whether the role gives an action; another role may, if this one does not."""
        return _any_fits(self.actions, action) and not _any_fits(self.not_actions, action)


def roles(document: object) -> tuple[Role, ...]:
    """Read ARM's answer."""
    found = document.get("value") if isinstance(document, dict) else None
    if not isinstance(found, list):
        return ()
    return tuple(
        Role(_texts(entry.get("actions")), _texts(entry.get("notActions")))
        for entry in found
        if isinstance(entry, dict)
    )


def allowed(found: tuple[Role, ...], action: str) -> bool:
    """Tell whether any role gives an action."""
    return any(role.allows(action) for role in found)


def _any_fits(patterns: tuple[str, ...], action: str) -> bool:
    # `*` stands for any characters, slashes too; letter case does not count:
    # https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE)
        for pattern in patterns
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
