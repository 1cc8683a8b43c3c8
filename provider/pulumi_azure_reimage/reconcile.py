"""What the VM itself says when ARM's answer was lost, late or not for us.

An operation URL is signed and cannot be rebuilt, so the VM is the only witness: a reimage gives a managed
OS disk a new id, and keeps ARM busy with the VM while it runs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .arm import ReadError
from .errors import ConfigurationError, OutcomeUnknownError, RequestRejectedError
from .record import Record, adopted

if TYPE_CHECKING:
    from .target import Target
    from .virtual_machine import VirtualMachine

LOOK_INTERVAL = 10.0
# How long a reimage that was accepted may take to show on the VM. Inferred, not documented: ARM marks the
# VM as Updating when the resource provider has taken the request over.
RECONCILE_WINDOW = 150.0


def after_lost_answer(target: Target, first: VirtualMachine, record: Record, reason: str) -> Record:
    """Find out on the VM whether a POST without an answer started a reimage; it is never sent again.

    Args:
        target: The VM.
        first: The VM just before the POST.
        record: The record of the request.
        reason: What happened to the answer.

    Returns:
        The record, marked as recovered, when the VM shows that the reimage runs or ran.

    Raises:
        OutcomeUnknownError: the VM showed no sign of it, or could not be read.
    """
    target.warn(f"The answer to the reimage request of {target.name} was lost ({reason}); looking at the VM.")
    window = target.clock.monotonic() + RECONCILE_WINDOW
    while True:
        try:
            now = target.read()
        except ReadError as error:
            seen = f"the VM could not be read: {error.reason}"
        except ConfigurationError as error:
            # A sign-in that fails now must not sound as if nothing had been sent.
            seen = f"the VM could not be read: {error.message}"
        else:
            if _shows_that_it_started(target, first, now, record):
                return adopted(record)
            seen = "the VM shows no sign that it started."
        if target.clock.monotonic() + LOOK_INTERVAL > window:
            raise OutcomeUnknownError(
                f"The reimage of {target.name} may have started: the request was sent, {reason}, and {seen} "
                f"It was not sent again. Look at the VM in Azure; if it was not reimaged, run `pulumi up` "
                f"again to send it.",
                correlation_id=record.correlation_id,
            )
        target.clock.sleep(target.clock.jitter(LOOK_INTERVAL))


def once_settled(
    target: Target, first: VirtualMachine, record: Record, delay: float = LOOK_INTERVAL
) -> Record | None:
    """Wait until ARM has finished what it is doing with the VM before a reimage may be sent.

    What runs may be our own reimage: of a run that was killed before its state was saved, or of another
    stack. A managed disk tells it by its new id; an ephemeral one keeps its id, so that nobody can tell.

    Args:
        target: The VM.
        first: The VM before ours was to be sent.
        record: The record of the request that is to be sent.
        delay: Seconds until the first look.

    Returns:
        The record, marked as recovered, if what ran was a reimage; None if it was not and ours may be sent.

    Raises:
        RequestRejectedError: the VM was busy until the deadline, or was replaced meanwhile.
        OutcomeUnknownError: nobody can tell whether what ran was a reimage.
    """
    now = settled(target, first, delay)
    if now.disk.vm_unique_id != first.disk.vm_unique_id:
        raise RequestRejectedError(
            f"VM {target.name} was deleted and created anew while its reimage waited. The reimage was not "
            f"sent. Run `pulumi up` again: a new VM is recorded as a new baseline."
        )
    if now.disk.replaces(first.disk):
        target.warn(
            f"VM {target.name} was reimaged by the operation that was already running; its OS disk is new. "
            f"It is taken as this change's reimage, and none was sent."
        )
        return adopted(replace(record, before=first.disk))
    if first.disk.ephemeral:
        raise OutcomeUnknownError(
            f"VM {target.name} was busy with an operation that may have been its reimage: an ephemeral OS "
            f"disk does not tell. The reimage was not sent. Look at the VM; run `pulumi up` again to send it."
        )
    return None


def unrecorded(target: Target, record: Record, last: Record) -> Record:
    """Take a reimage that state knows nothing of as this one: that of a run that was killed too early.

    Between the moment in which ARM takes a request and the one in which Pulumi has saved it, a killed run
    leaves a new OS disk and no record. Sending again would wipe that disk too.

    Args:
        target: The VM.
        record: The record of the request that was to be sent.
        last: The record in state.

    Returns:
        The record, marked as recovered.
    """
    target.warn(
        f"VM {target.name} has a new OS disk that this stack has no record of: a run that was interrupted "
        f"may have reimaged it. It is taken as this change's reimage, and none was sent. If someone else "
        f"replaced the disk, change a trigger again to reimage."
    )
    old = last.before if last.is_baseline else replace(last.before, os_disk_id=None, image_version=None)
    return adopted(replace(record, before=old))


def settled(target: Target, vm: VirtualMachine, delay: float = LOOK_INTERVAL) -> VirtualMachine:
    """Wait until ARM is no longer at work on the VM, and return it as it is then.

    Raises:
        RequestRejectedError: the VM was busy until the deadline, or ARM refused to show it.
        ConfigurationError: signing in failed, or Azure could not be reached.
    """
    while True:
        target.progress(f"{target.name}: waiting for another operation ({vm.provisioning_state})")
        target.pause(delay)
        vm = target.look()
        if vm.settled:
            return vm
        if target.remaining <= 0:
            raise RequestRejectedError(
                f"VM {target.name} is still busy with another operation ({vm.provisioning_state}). The "
                f"reimage was not sent; the disk is as that operation leaves it. Run `pulumi up` again when "
                f"it has ended."
            )
        delay = LOOK_INTERVAL


def _shows_that_it_started(
    target: Target, first: VirtualMachine, now: VirtualMachine, record: Record
) -> bool:
    """Tell whether a POST of ours between the two looks was taken.

    Raises:
        OutcomeUnknownError: it is not the same VM any more.
    """
    if now.disk.vm_unique_id != first.disk.vm_unique_id:
        raise OutcomeUnknownError(
            f"The reimage of {target.name} was requested and its answer was lost; since then the VM was "
            f"deleted and created anew. Nothing more was sent; look at the VM, then run `pulumi up` again.",
            correlation_id=record.correlation_id,
        )
    if not now.settled or now.disk.replaces(first.disk):
        return True
    # An ephemeral disk keeps its id; only the etag moves, as with any change of the VM.
    if first.disk.ephemeral and first.etag != now.etag:
        target.warn(
            f"VM {target.name} has changed since its reimage was requested. Its ephemeral OS disk does not "
            f"tell by what: it was probably reimaged, and that is what is recorded."
        )
        return True
    return False
