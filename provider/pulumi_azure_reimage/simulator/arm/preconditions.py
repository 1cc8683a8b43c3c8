"""What the condition of a machine forbids: a reimage, another operation, or an osProfile in a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ArmError

if TYPE_CHECKING:
    from ..world.machine import Machine
    from .request import ArmRequest


def check_condition(machine: Machine) -> None:
    """Check that the machine can be reimaged.

    The messages are from MicrosoftDocs/SupportArticles-docs, windows/error-messages.md. None of them was seen
    for a reimage, so it is inferred that they apply, and so is the wording of the last one.

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


# "{0}" is the action. The first two messages are also from windows/error-messages.md. The last one is quoted
# by hashicorp/terraform-provider-azurerm, which stops before it. Which of them applies to an action is
# inferred.
_GENERALIZED = "Operation '{0}' is not allowed on VM '{1}' since the VM is generalized."
_DEALLOCATED = (
    "Operation '{0}' is not allowed on VM '{1}' since the VM is either deallocated or marked to be "
    "deallocated."
)
_RUNNING = "Operation '{0}' is not allowed on VM '{1}' since the VM is running."
_NOT_RUNNING = "The operation requires the VM to be running (or set to run)."
_EPHEMERAL = "Operation '{0}' is not supported for VMs or VM Scale Set instances using an ephemeral OS disk."


def check_action(machine: Machine, action: str) -> None:
    """Check that a machine is in the condition that a POST other than the reimage requires.

    Raises:
        ArmError: It is not.
    """
    spec = machine.spec
    sentence = None
    if spec.generalized and action in {"start", "restart", "redeploy"}:
        sentence = _GENERALIZED
    elif spec.power != "running" and action in {"restart", "redeploy"}:
        sentence = _NOT_RUNNING
    elif spec.power == "deallocated" and action == "powerOff":
        sentence = _DEALLOCATED
    elif machine.is_ephemeral and action == "deallocate":
        sentence = _EPHEMERAL
    elif spec.power == "running" and action == "generalize":
        sentence = _RUNNING
    if sentence is not None:
        raise ArmError(409, "OperationNotAllowed", sentence.format(action, machine.name))


def check_etag(machine: Machine, request: ArmRequest) -> None:
    """Check `If-Match` and `If-None-Match`, which the 2024-07-01 specification gives to PUT and PATCH.

    Status and code are those of HTTP's 412. The message is ours.

    Raises:
        ArmError: The machine is not in the state that the client expects.
    """
    wanted, unwanted = (request.http.header(name) for name in ("if-match", "if-none-match"))
    mine = {"*", f'"{machine.etag}"'}
    if (wanted and wanted not in mine) or (unwanted and unwanted in mine):
        raise ArmError(412, "PreconditionFailed", f"The etag of '{machine.id}' is '\"{machine.etag}\"'.")


def check_absent(request: ArmRequest) -> None:
    """Check that a client does not expect a machine where there is none.

    Raises:
        ArmError: `If-Match` says that it does.
    """
    if request.http.header("if-match"):
        raise ArmError(412, "PreconditionFailed", f"There is nothing at '{request.path}'.")


def check_swap(machine: Machine) -> None:
    """Check that the OS disk of a machine can be swapped for another.

    Microsoft Learn, "Change the OS disk used by an Azure VM": the VM must be stopped or deallocated. The
    message is inferred.

    Raises:
        ArmError: The VM is running.
    """
    if machine.spec.power == "running":
        raise ArmError(409, "OperationNotAllowed", _RUNNING.format("update", machine.name))


def check_os_profile(machine: Machine, *, given: bool) -> None:
    """Check that an osProfile was given only if the machine has one.

    Raises:
        ArmError: A machine from a specialized image has none (the compute service's message at creation).
    """
    if given and machine.spec.created_from == "Specialized":
        raise ArmError(400, "InvalidParameter", "Parameter 'osProfile' is not allowed.", target="osProfile")
