"""What stands between a caller and a machine: role assignments, locks, and the machine's own condition."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from .errors import ArmError
from .locks import locked_scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..world.machine import Machine

READ = "Microsoft.Compute/virtualMachines/read"
READ_INSTANCE_VIEW = "Microsoft.Compute/virtualMachines/instanceView/read"
REIMAGE = "Microsoft.Compute/virtualMachines/reimage/action"
READ_DISK = "Microsoft.Compute/disks/read"
READ_LOCKS = "Microsoft.Authorization/locks/read"
READ_MARKETPLACE_VERSION = "Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read"
READ_GALLERY_VERSION = "Microsoft.Compute/galleries/images/versions/read"

# A made-up principal: the simulator does not read tokens.
_CLIENT = "00000000-0000-0000-0000-00000000c11e"


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
        f"The client '{_CLIENT}' with object id '{_CLIENT}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please "
        "refresh your credentials.",
    )


def check_lock(machine: Machine) -> None:
    """Check that no lock stops a POST; `CanNotDelete` does not.

    Raises:
        ArmError: A `ReadOnly` lock does (Microsoft Learn, "Lock your resources": POST actions such as a
            restart are blocked).
    """
    if machine.spec.lock != "ReadOnly":
        return
    raise ArmError(
        409,
        "ScopeLocked",
        f"The scope '{machine.id}' cannot perform write operation because following scope(s) are locked: "
        f"'{locked_scope(machine.spec)}'. Please remove the lock and try again.",
    )


def check_condition(machine: Machine) -> None:
    """Check that the machine is one that can be reimaged.

    The sentences are those of MicrosoftDocs/SupportArticles-docs, windows/error-messages.md. None of
    them was seen on a reimage; that they apply is inferred, and so is the last one's wording.

    Raises:
        ArmError: It is not.
    """
    spec = machine.spec
    reason = None
    if spec.generalized:
        reason = "the VM is generalized."
    elif spec.power == "deallocated":
        reason = "the VM is either deallocated or marked to be deallocated."
    elif spec.created_from == "Attach":
        reason = "the VM was not created from an image."
    if reason is not None:
        message = f"Operation 'reimage' is not allowed on VM '{machine.name}' since {reason}"
        raise ArmError(409, "OperationNotAllowed", message)


def check_os_profile(machine: Machine, *, given: bool) -> None:
    """Check that an osProfile was given only where the machine has one.

    Raises:
        ArmError: A machine of a specialized image has none (the compute service's words at creation).
    """
    if given and machine.spec.created_from == "Specialized":
        raise ArmError(400, "InvalidParameter", "Parameter 'osProfile' is not allowed.", target="osProfile")
