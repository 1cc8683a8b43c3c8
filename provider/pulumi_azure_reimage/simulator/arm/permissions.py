"""What the caller may do: the check of a role assignment, and the list of Microsoft.Authorization.

https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ..http.messages import Response, json_response
from .errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Iterable

READ = "Microsoft.Compute/virtualMachines/read"
READ_INSTANCE_VIEW = "Microsoft.Compute/virtualMachines/instanceView/read"
WRITE = "Microsoft.Compute/virtualMachines/write"
DELETE = "Microsoft.Compute/virtualMachines/delete"
READ_ACTIVITY_LOG = "Microsoft.Insights/eventtypes/values/read"
READ_LOCKS = "Microsoft.Authorization/locks/read"
READ_MARKETPLACE_VERSION = "Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read"
READ_GALLERY_VERSION = "Microsoft.Compute/galleries/images/versions/read"
# A made-up principal, because the simulator does not read tokens.
CLIENT = "00000000-0000-0000-0000-00000000c11e"
API_VERSIONS = ("2022-04-01",)


def action(post: str) -> str:
    """Return the action that allows a POST on a VM, by the end of its path."""
    return f"Microsoft.Compute/virtualMachines/{post}/action"


REIMAGE = action("reimage")


def permissions_response(actions: Iterable[str]) -> Response:
    """Return one role with `actions`."""
    role = {"actions": list(actions), "notActions": [], "dataActions": [], "notDataActions": []}
    return json_response(200, {"value": [role]})


def check_action(action: str, allowed: Iterable[str], scope: str) -> None:
    """Check that a role assignment allows `action`.

    Raises:
        ArmError: None does.
    """
    if any(fnmatchcase(action.lower(), pattern.lower()) for pattern in allowed):
        return
    raise ArmError(
        403,
        "AuthorizationFailed",
        f"The client '{CLIENT}' with object id '{CLIENT}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please "
        "refresh your credentials.",
    )
