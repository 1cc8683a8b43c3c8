"""What the VM itself says when ARM's answer was lost, when ARM is busy, or when others changed the VM.

An operation URL is signed and cannot be rebuilt, so the VM is the only witness of a lost answer: a reimage
gives a managed OS disk a new id, and keeps ARM busy with the VM while it runs. It is a witness of nothing
else. The disk that another operation left is reported, and never counts as ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arm.client import ReadError
from ..errors import ConfigurationError, OutcomeUnknownError, RequestRejectedError
from .record import as_recovered

if TYPE_CHECKING:
    from ..arm.virtual_machine import DiskFacts, VirtualMachine
    from .context import VmContext
    from .record import Record

LOOK_INTERVAL = 10.0
# How long a reimage that was accepted may take to show on the VM. Inferred, not documented: ARM marks the
# VM as Updating when the resource provider has accepted the request.
RECONCILE_WINDOW = 150.0


def recover_lost_answer(context: VmContext, before: VirtualMachine, record: Record, reason: str) -> Record:
    """Find out on the VM whether a POST without an answer started a reimage; it is never sent again.

    Args:
        context: The VM.
        before: The VM just before the POST.
        record: The record of the request.
        reason: What happened to the answer.

    Returns:
        The record, marked as recovered, when the VM shows that the reimage runs or ran.

    Raises:
        OutcomeUnknownError: the VM showed no sign of it, or could not be read.
    """
    context.warn(f"The answer to the reimage request of {context.name} was lost ({reason}); checking the VM.")
    seen = ""

    def shows_that_it_started() -> bool:
        nonlocal seen
        try:
            now = context.read()
        except ReadError as error:
            seen = f"the VM could not be read: {error.reason}"
        except ConfigurationError as error:
            # A sign-in that fails now must not sound as if nothing had been sent.
            seen = f"the VM could not be read: {error.message}"
        else:
            seen = "the VM shows no sign that it started."
            return _shows_that_it_started(context, before, now, record)
        return False

    window = context.clock.monotonic() + RECONCILE_WINDOW
    if context.wait_until(shows_that_it_started, bool, every=LOOK_INTERVAL, deadline=window):
        return as_recovered(record)
    raise OutcomeUnknownError(
        f"The reimage of {context.name} may have started: the request was sent, {reason}, and {seen} "
        f"It was not sent again. Check the VM in Azure. If it was not reimaged, run `pulumi up` "
        f"again to send it.",
        correlation_id=record.correlation_id,
    )


def known_disk(last: Record | None, vm: VirtualMachine) -> DiskFacts:
    """Return the OS disk that the VM should have, if only this stack replaces it.

    That is known of a baseline only. After a request, state holds the disk before it, which is gone, so that
    the VM can only be compared with itself.

    Args:
        last: The record in state, if there is one.
        vm: The VM as it was first read.
    """
    return last.before if last is not None and last.is_baseline else vm.disk


def report_replaced_disk(context: VmContext, known: DiskFacts, vm: VirtualMachine) -> None:
    """Report it if the VM has a different OS disk from the one that was known."""
    if known.vm_unique_id == vm.disk.vm_unique_id and vm.disk.replaces(known):
        context.warn(
            f"The OS disk of VM {context.name} was replaced by someone else, or by a run that was killed "
            f"before its request was saved. The disk was {_name(known)}, and is now {_name(vm.disk)}. That "
            f"does not count as the requested reimage."
        )


def wait_for_other_operation(
    context: VmContext, before: VirtualMachine, delay: float = LOOK_INTERVAL
) -> VirtualMachine:
    """Wait until ARM has finished what it is doing with the VM before a reimage may be sent.

    Whatever ran there was not requested by this update, so that ours is still to be decided and sent.

    Args:
        context: The VM.
        before: The VM before ours was to be sent.
        delay: Seconds until the first look.

    Returns:
        The VM as it is then.

    Raises:
        RequestRejectedError: the VM was busy until the deadline, or was replaced meanwhile.
    """
    now = wait_until_settled(context, before, delay)
    if now.disk.vm_unique_id != before.disk.vm_unique_id:
        raise RequestRejectedError(
            f"VM {context.name} was deleted and created again while its reimage waited. The reimage was not "
            f"sent. Run `pulumi up` again, which records the new VM as a new baseline."
        )
    return now


def wait_until_settled(
    context: VmContext, vm: VirtualMachine, delay: float = LOOK_INTERVAL
) -> VirtualMachine:
    """Wait until ARM is no longer working on the VM, and return it as it is then.

    Raises:
        RequestRejectedError: the VM was busy until the deadline, or ARM refused to show it.
        ConfigurationError: signing in failed, or Azure could not be reached.
    """

    def is_settled(vm: VirtualMachine) -> bool:
        if not vm.settled:
            context.progress(f"{context.name}: waiting for another operation ({vm.provisioning_state})")
        return vm.settled

    is_settled(vm)
    context.pause(delay)
    vm = context.wait_until(context.look, is_settled, every=LOOK_INTERVAL)
    if not vm.settled:
        raise RequestRejectedError(
            f"VM {context.name} is still busy with another operation ({vm.provisioning_state}). The "
            f"reimage was not sent; the disk is as that operation leaves it. Run `pulumi up` again when "
            f"it has ended."
        )
    return vm


def _shows_that_it_started(
    context: VmContext, first: VirtualMachine, now: VirtualMachine, record: Record
) -> bool:
    """Report whether a POST of ours between the two reads was accepted.

    Raises:
        OutcomeUnknownError: it is no longer the same VM.
    """
    if now.disk.vm_unique_id != first.disk.vm_unique_id:
        raise OutcomeUnknownError(
            f"The reimage of {context.name} was requested and the answer was lost. Since then, the VM was "
            f"deleted and created again. Nothing more was sent. Check the VM, then run `pulumi up` again.",
            correlation_id=record.correlation_id,
        )
    if not now.settled or now.disk.replaces(first.disk):
        return True
    # An ephemeral disk keeps its id; only the etag moves, as with any change of the VM.
    if first.disk.ephemeral and first.etag != now.etag:
        context.warn(
            f"VM {context.name} has changed since its reimage was requested. Its ephemeral OS disk does not "
            f"show what changed it. It was probably reimaged, and that is what is recorded."
        )
        return True
    return False


def _name(disk: DiskFacts) -> str:
    return (disk.os_disk_id or "").rpartition("/")[2]
