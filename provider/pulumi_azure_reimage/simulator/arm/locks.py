"""The management locks on a machine, as Microsoft.Authorization lists them.

https://learn.microsoft.com/rest/api/resources/management-locks/list-by-scope, whose sample is followed key by
key. The list of a resource also has the locks above it, because Get-AzResourceLock documents that it returns
those "at, above, or below the scope".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..http.messages import Response, json_response
from .errors import ArmError

if TYPE_CHECKING:
    from ..inventory.specification import MachineSpecification
    from ..world.machine import Machine

API_VERSIONS = ("2016-09-01", "2020-05-01")
_TYPE = "Microsoft.Authorization/locks"
_NAME = "simulated"


def _locked_scope(spec: MachineSpecification) -> str:
    """Return the resource, the resource group or the subscription that the lock of a machine is on."""
    match spec.lock_scope:
        case "subscription":
            return f"/subscriptions/{spec.subscription_id}"
        case "resource_group":
            return f"/subscriptions/{spec.subscription_id}/resourceGroups/{spec.resource_group}"
        case _:
            return spec.id


def locks_response(spec: MachineSpecification | None) -> Response:
    """Return the lock of a machine, if it has one. A machine that does not exist has none."""
    if spec is None or spec.lock is None:
        return json_response(200, {"value": []})
    lock = {
        "properties": {"level": spec.lock},
        "id": f"{_locked_scope(spec)}/providers/{_TYPE}/{_NAME}",
        "type": _TYPE,
        "name": _NAME,
    }
    return json_response(200, {"value": [lock]})


def check_lock(machine: Machine) -> None:
    """Check that no lock blocks a POST, a PUT or a PATCH. `CanNotDelete` does not.

    Raises:
        ArmError: A `ReadOnly` lock does (Microsoft Learn, "Lock your resources": POST actions such as a
            restart are blocked).
    """
    if machine.spec.lock == "ReadOnly":
        raise _locked(machine, "write")


def check_deletion(machine: Machine) -> None:
    """Check that no lock blocks a DELETE.

    Raises:
        ArmError: A lock of either level does.
    """
    if machine.spec.lock is not None:
        raise _locked(machine, "delete")


def _locked(machine: Machine, kind: str) -> ArmError:
    return ArmError(
        409,
        "ScopeLocked",
        f"The scope '{machine.id}' cannot perform {kind} operation because following scope(s) are locked: "
        f"'{_locked_scope(machine.spec)}'. Please remove the lock and try again.",
    )
