"""What the condition of a machine forbids: a reimage, or an osProfile in its body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ArmError

if TYPE_CHECKING:
    from ..world.machine import Machine


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
