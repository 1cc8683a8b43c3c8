"""The management locks that apply to a resource.

https://learn.microsoft.com/rest/api/resources/management-locks/list-by-scope
"""

from __future__ import annotations

from dataclasses import dataclass

from ..json_reading import get_list, get_str

API_VERSION = "2016-09-01"
_KIND = "/providers/microsoft.authorization/locks/"


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock.

    Attributes:
        name: Its name.
        level: `ReadOnly` or `CanNotDelete`.
        scope: The id of the locked resource, resource group or subscription, in lower case.
    """

    name: str
    level: str
    scope: str

    @property
    def refuses_actions(self) -> bool:
        """Whether it refuses POSTs. `CanNotDelete` does not.

        Source: https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
        """
        return self.level.casefold() == "readonly"


def locks_on(document: object, resource_id: str) -> tuple[Lock, ...]:
    """Read from ARM's answer the locks on a resource, its resource group and its subscription.

    ARM also lists locks below the resource, such as those on its extensions, which do not apply to it.
    """
    locks = [_read_lock(entry) for entry in get_list(document, "value")]
    inside = f"{resource_id.lower()}/"
    return tuple(lock for lock in locks if inside.startswith(f"{lock.scope}/"))


def _read_lock(entry: object) -> Lock:
    scope, _, name = (get_str(entry, "id") or "").lower().partition(_KIND)
    return Lock(get_str(entry, "name") or name, get_str(entry, "properties", "level") or "", scope)
