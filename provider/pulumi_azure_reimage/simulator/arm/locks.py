"""The management locks that a machine feels, as Microsoft.Authorization lists them.

https://learn.microsoft.com/rest/api/resources/management-locks/list-by-scope, whose sample is followed key
by key. That the list of a resource has the locks above it too is what Get-AzResourceLock documents: it
returns those "at, above, or below the scope".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..http.messages import Response, json_response

if TYPE_CHECKING:
    from ..inventory.specification import MachineSpecification

API_VERSIONS = ("2016-09-01", "2020-05-01")
_TYPE = "Microsoft.Authorization/locks"
_NAME = "simulated"


def locked_scope(spec: MachineSpecification) -> str:
    """Return the resource, the resource group or the subscription that the lock of a machine is on."""
    match spec.lock_scope:
        case "subscription":
            return f"/subscriptions/{spec.subscription_id}"
        case "resource_group":
            return f"/subscriptions/{spec.subscription_id}/resourceGroups/{spec.resource_group}"
        case _:
            return spec.id


def locks_response(spec: MachineSpecification | None) -> Response:
    """Return the lock of a machine, if it has one; what does not exist has none."""
    if spec is None or spec.lock is None:
        return json_response(200, {"value": []})
    lock = {
        "properties": {"level": spec.lock},
        "id": f"{locked_scope(spec)}/providers/{_TYPE}/{_NAME}",
        "type": _TYPE,
        "name": _NAME,
    }
    return json_response(200, {"value": [lock]})
