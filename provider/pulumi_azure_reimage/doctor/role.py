"""A custom role with the rights that our requests need, and no others."""

from __future__ import annotations

import json

from ..arm.rights import RIGHTS

_DESCRIPTION = (
    "Reads and reimages virtual machines with pulumi-azure-reimage. Assign it to a resource group or a "
    "subscription: the status of an operation cannot be read with a role on the VM alone."
)


def custom_role(subscription_id: str) -> str:
    """Return the role as JSON, in the form that `az role definition create --role-definition @file` accepts.

    https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-properties
    """
    role = {
        "Name": "Virtual Machine Reimager",
        "IsCustom": True,
        "Description": _DESCRIPTION,
        "Actions": [right.action for right in RIGHTS],
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": [f"/subscriptions/{subscription_id}"],
    }
    return json.dumps(role, indent=2)
