"""The actions that the roles of an identity allow on a resource, as ARM lists them.

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
    """One role: the actions that it allows, and those that it excludes from them."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        """Report whether this role allows an action. If it does not, another role may."""
        return _any_matches(self.actions, action) and not _any_matches(self.not_actions, action)


@dataclass(frozen=True, slots=True)
class Permissions:
    """The roles of an identity on a resource.

    Attributes:
        roles: The roles that were listed.
        complete: Whether the list is complete. If not, a role that is missing from it may allow an action.
    """

    roles: tuple[Role, ...]
    complete: bool = True

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read ARM's answer."""
        listed = isinstance(get(body, "value"), list)
        roles = (
            Role(_read_strings(entry, "actions"), _read_strings(entry, "notActions"))
            for entry in get_list(body, "value")
            if isinstance(entry, Mapping)
        )
        return cls(tuple(roles), complete=listed and get_str(body, "nextLink") is None)

    def allow(self, action: str) -> bool:
        """Report whether any of the roles allows an action."""
        return any(role.allows(action) for role in self.roles)


def _any_matches(patterns: tuple[str, ...], action: str) -> bool:
    # `*` matches any characters, including slashes, and case is ignored:
    # https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE)
        for pattern in patterns
    )


def _read_strings(document: object, name: str) -> tuple[str, ...]:
    return tuple(item for item in get_list(document, name) if isinstance(item, str))
