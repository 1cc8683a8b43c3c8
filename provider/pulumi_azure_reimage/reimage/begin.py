"""The beginning of one reimage: look, decide, send.

`begin_reimage` returns as soon as ARM has accepted, so that its record can be saved. The record is
Pulumi's to keep: nothing here survives a process.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, assert_never

from ..arm.lro import Inconclusive, StillRunning
from ..errors import OperationStillRunningError
from .decide import KeepCurrent, RecordBaseline, SendReimage, decide
from .polling import FOR_AN_EARLIER_ONE, GivenUp, poll_until_done
from .preflight import enforce, observe
from .preflight_rules import apply_preflight
from .reconcile import known_disk, report_replaced_disk, wait_for_other_operation, wait_until_settled
from .record import Record
from .send import send_request
from .wait import poll_once

if TYPE_CHECKING:
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import DesiredReimage
    from .context import VmContext


def record_baseline(context: VmContext) -> Record:
    """Look at the VM and record it as it is; send nothing.

    Raises:
        RequestRejectedError: ARM refused the read.
        ConfigurationError: signing in failed, or Azure could not be reached.
    """
    return Record(before=context.look().disk)


def begin_reimage(context: VmContext, desired: DesiredReimage, last: Record | None) -> Record:
    """Request the reimage, once, and return as soon as ARM has accepted it.

    Args:
        context: The VM.
        desired: What is asked for.
        last: The record of the last request or baseline, if there is one.

    Returns:
        The record to save. Nothing was sent if it is a baseline, because the VM was created again since
        `last`, or `last` itself, because the VM already is what is asked for.

    Raises:
        RefusedError: a rule or a guard forbids it; nothing was sent.
        RequestRejectedError: ARM refused; the reimage did not start.
        OutcomeUnknownError: it was sent, and whether it started could not be determined.
        ConfigurationError: signing in failed, or Azure could not be reached; nothing was sent.
        OperationStillRunningError: the last operation did not end before the deadline; nothing was sent.
    """
    vm = _first_look(context, last)
    known = known_disk(last, vm)
    if isinstance(decide(vm, desired, last), SendReimage) and not vm.settled:
        vm = wait_for_other_operation(context, vm)
    report_replaced_disk(context, known, vm)
    clear = partial(_decide_and_enforce, context, desired, last)
    match clear(vm):
        case Record() as record:
            return record
        case SendReimage(vm):
            return send_request(context, desired.parameters, vm, clear)
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def _decide_and_enforce(
    context: VmContext, desired: DesiredReimage, last: Record | None, vm: VirtualMachine
) -> Record | SendReimage:
    """Return what is recorded if nothing is to be sent, or that the reimage may be sent.

    Raises:
        RefusedError: a rule or a guard forbids it.
    """
    match decide(vm, desired, last):
        case RecordBaseline(disk):
            context.warn(
                f"VM {context.name} was created again since its last baseline. A new VM is already fresh, so "
                f"it is recorded as a new baseline and not reimaged."
            )
            return Record(before=disk)
        case KeepCurrent(disk, version):
            context.warn(f"VM {context.name} already runs image version {version}, so it is not reimaged.")
            return last or Record(before=disk)
        case SendReimage() as decision:
            enforce(context, desired, apply_preflight(observe(context, vm, desired)))
            return decision
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def _first_look(context: VmContext, last: Record | None) -> VirtualMachine:
    """Return the VM when the last reimage of this stack has ended."""
    if last is None or last.is_baseline:
        return context.look()
    end_is_known = _wait_for_last_reimage(context, last)
    vm = context.look()
    # A last reimage whose end is not known still runs if the VM is busy and its new disk is not there yet.
    runs = not end_is_known and not vm.settled and vm.disk.is_still(last.before)
    return wait_until_settled(context, vm) if runs else vm


def _wait_for_last_reimage(context: VmContext, last: Record) -> bool:
    """Let the last operation end, however it ends, and return whether ARM still knows how it did."""
    step = poll_once(context, last)
    if step is None or last.link is None:
        return False

    def report(_: StillRunning | Inconclusive) -> None:
        context.progress(f"{context.name}: waiting for the last reimage to end")

    end = poll_until_done(context, last.link, step, FOR_AN_EARLIER_ONE, on_update=report)
    if isinstance(end, StillRunning | Inconclusive):
        how = "is still running" if isinstance(end, StillRunning) else "may still be running"
        raise OperationStillRunningError(
            f"The last reimage of {context.name} {how}, so the new one was not sent. "
            f"Run `pulumi up` again when it has ended.",
            correlation_id=last.correlation_id,
        )
    return not isinstance(end, GivenUp)
