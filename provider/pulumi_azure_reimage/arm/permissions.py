"""What the roles of an identity allow, as ARM lists them for a resource.

https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..json_reading import get, get_list, get_str

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


@dataclass(frozen=True, slots=True)
class Permissions:
    """The roles of an identity on a resource.

    Attributes:
        roles: Those that were listed.
        complete: Whether these are all; what is not among them may then still be allowed.
    """

    roles: tuple[Role, ...]
    complete: bool = True

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read ARM's answer."""
        listed = isinstance(get(body, "value"), list)
        roles = (
            Role(_texts(entry, "actions"), _texts(entry, "notActions"))
            for entry in get_list(body, "value")
            if isinstance(entry, Mapping)
        )
        return cls(tuple(roles), complete=listed and get_str(body, "nextLink") is None)

    def allow(self, action: str) -> bool:
        """Tell whether any role gives an action."""
        return any(role.allows(action) for role in self.roles)


def _any_fits(patterns: tuple[str, ...], action: str) -> bool:
    # `*` stands for any characters, slashes too; letter case does not count:
    # https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE)
        for pattern in patterns
    )


def _texts(document: object, name: str) -> tuple[str, ...]:
    return tuple(item for item in get_list(document, name) if isinstance(item, str))
