"""The rights that our requests need, and the purpose of each.

The names are from https://learn.microsoft.com/azure/role-based-access-control/permissions/compute and related
pages. A test compares them with the requests that are sent, so none is missing and none is superfluous.
"""

from __future__ import annotations

from dataclasses import dataclass

from .activity_log import READ as READ_LOG
from .permissions import READ, REIMAGE


@dataclass(frozen=True, slots=True)
class Right:
    """One right.

    Attributes:
        action: Its name in a role.
        purpose: What it is for, as a sentence.
        required: Whether nothing works without it.
    """

    action: str
    purpose: str
    required: bool = False


RIGHTS = (
    Right(READ, "The VM is read before and after its reimage.", required=True),
    Right(REIMAGE, "The VM is reimaged.", required=True),
    Right(
        # The URL of an operation does not name the VM:
        # https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
        "Microsoft.Compute/locations/operations/read",
        "The operation says how it ended. Without it, the VM itself has to show that.",
    ),
    Right(
        "Microsoft.Authorization/permissions/read",
        "The preview says if the identity may not reimage the VM.",
    ),
    Right("Microsoft.Authorization/locks/read", "The preview says if a lock forbids the reimage."),
    Right(
        "Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read",
        "The preview says if exact_version does not exist in the Marketplace.",
    ),
    Right(
        "Microsoft.Compute/galleries/images/versions/read",
        "The preview says if exact_version does not exist in a gallery, or not in the VM's region.",
    ),
    Right(
        READ_LOG,
        "The run after an interrupted one finds out automatically whether its request was accepted, and a "
        "refresh reports who reimaged the VM.",
    ),
)
