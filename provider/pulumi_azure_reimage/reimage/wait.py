"""The story of one reimage: look, guard, begin; then wait, verify.

`begin` returns as soon as ARM has accepted, so that its record can be saved; `wait` follows a record to its
end and can be run again for the same one. The record is Pulumi's to keep: nothing here survives a process.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, assert_never

from ..arm.client import ReadError
from ..arm.lro import Doubt, Failed, Inconclusive, StillRunning, Succeeded
from ..errors import (
    ConfigurationError,
    OperationFailedError,
    OperationStillRunningError,
)
from .decide import Fate, fate
from .polling import OUTWAITING, WAITING, GivenUp, poll_until_done
from .postconditions import Outcome, deviations
from .preflight import enforce, observe
from .preflight_rules import findings
from .reconcile import (
    LOOK_INTERVAL,
    known_disk,
    report_replaced,
    wait_for_other_operation,
    wait_until_settled,
)
from .record import Record, Result
from .send import send_request
from .troubleshooting import advice, disk_after

if TYPE_CHECKING:
    from ..arm.lro import Link, PollStep
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import Order
    from .context import VmContext

# True of a request that was about to be made, and misleading where one was made before.
_NOTHING_SENT = " Nothing was sent."
# So long after the end of the operation a server of ARM may still show the VM as it was. A guess.
_SHOWN_WITHIN = 60.0


def record_baseline(context: VmContext) -> Record:
    """Look at the VM and record it as it is; send nothing.

    Raises:
        RequestRejectedError: ARM refused the read.
        ConfigurationError: signing in failed, or Azure could not be reached.
    """
    return Record(before=context.look().disk)


def begin_reimage(context: VmContext, order: Order, last: Record | None) -> Record:
    """Request the reimage, once, and return as soon as ARM has accepted it.

    Args:
        context: The VM.
        order: What is asked for.
        last: The record of the last request or baseline, if there is one.

    Returns:
        The record to save. Nothing was sent if it is a baseline, because the VM was created anew since
        `last`, or `last` itself, because the VM already is what is asked for.

    Raises:
        RefusedError: a rule or a guard forbids it; nothing was sent.
        RequestRejectedError: ARM refused; the reimage did not start.
        OutcomeUnknownError: it was sent, and nobody can tell whether it started.
        ConfigurationError: signing in failed, or Azure could not be reached; nothing was sent.
        OperationStillRunningError: the last operation did not end before the deadline; nothing was sent.
    """
    vm = _first_look(context, last)
    known = known_disk(last, vm)
    if fate(vm, order, last) is Fate.DUE and not vm.settled:
        vm = wait_for_other_operation(context, vm)
    report_replaced(context, known, vm)
    decide = partial(_decided, context, order, last)
    decided = decide(vm)
    if decided is not None:
        return decided
    record = Record(
        before=vm.disk,
        requested_at=context.clock.now(),
        client_request_id=context.ids.client_request_id,
        correlation_id=context.ids.correlation_id,
        asked_version=order.exact_version,
    )
    return send_request(context, order.body, vm, record, decide)


def poll_once(context: VmContext, record: Record) -> PollStep | None:
    """Ask once how the operation of `record` stands; None if there is no operation to ask after.

    Raises:
        ConfigurationError: signing in failed.
    """
    return context.arm.poll(record.link, context.ids) if record.link else None


def wait_for_reimage(context: VmContext, record: Record) -> Result:
    """Follow the operation of `record` to its end and look at the VM it left.

    Raises:
        OperationFailedError: ARM ended it with Failed or Canceled.
        OperationStillRunningError: it was still running at the deadline, or its end could not be read;
            calling `wait` again with the same record goes on.
    """
    try:
        if record.link is None:
            return _verified(context, record, None)
        return _waited(context, record, record.link)
    except ConfigurationError as error:
        raise not_followed(context.name, record, error) from error


def not_followed(name: str, record: Record, error: ConfigurationError) -> OperationStillRunningError:
    """Return the error for a request whose operation cannot be asked after, since signing in failed."""
    return OperationStillRunningError(
        f"The reimage of {name} was requested and may still be running, but its progress cannot be read: "
        f"{error.message.removesuffix(_NOTHING_SENT)} The next `pulumi up` resumes the wait and sends "
        f"nothing.",
        correlation_id=record.correlation_id,
    )


def _first_look(context: VmContext, last: Record | None) -> VirtualMachine:
    """Return the VM when the last reimage of this stack has ended."""
    if last is None or last.is_baseline:
        return context.look()
    end = _outwaited(context, last)
    vm = context.look()
    return wait_until_settled(context, vm) if end is None and _still_at_work(vm, last) else vm


def _decided(context: VmContext, order: Order, last: Record | None, vm: VirtualMachine) -> Record | None:
    """Return what is recorded if nothing is to be sent; None if the request is due, and nothing forbids it.

    Raises:
        RefusedError: a rule or a guard forbids it.
    """
    match fate(vm, order, last):
        case Fate.NEW_VM:
            context.warn(
                f"VM {context.name} was created anew since its last baseline: a new VM is already fresh, so "
                f"it is recorded as a new baseline and not reimaged."
            )
            return Record(before=vm.disk)
        case Fate.CURRENT:
            context.warn(
                f"VM {context.name} already runs image version {order.exact_version}: it is not reimaged."
            )
            return last or Record(before=vm.disk)
        case Fate.DUE:
            enforce(context, order, findings(observe(context, vm, order)))
            return None
        case other:
            assert_never(other)


def _outwaited(context: VmContext, last: Record) -> Succeeded | Failed | None:
    """Let the last operation end, however it ends; None if nobody knows any more how it did."""
    step = poll_once(context, last)
    if step is None or last.link is None:
        return None

    def say(_: StillRunning | Inconclusive) -> None:
        context.progress(f"{context.name}: waiting for the last reimage to end")

    end = poll_until_done(context, last.link, step, OUTWAITING, say)
    if isinstance(end, StillRunning | Inconclusive):
        how = "is still running" if isinstance(end, StillRunning) else "may still be running"
        raise OperationStillRunningError(
            f"The last reimage of {context.name} {how}, so the new one was not sent. "
            f"Run `pulumi up` again when it has ended.",
            correlation_id=last.correlation_id,
        )
    return None if isinstance(end, GivenUp) else end


def _still_at_work(vm: VirtualMachine, last: Record) -> bool:
    """Tell whether a last reimage that nobody saw ending still runs: its new disk is not there yet."""
    return not vm.settled and vm.disk.is_still(last.before)


def _waited(context: VmContext, record: Record, link: Link) -> Result:
    begun = record.requested_at or context.clock.now()

    def elapsed() -> float:
        # A clock that was set back, or state of another machine, must not make the wait longer.
        return max(0.0, (context.clock.now() - begun).total_seconds())

    def say(step: StillRunning | Inconclusive) -> None:
        if isinstance(step, StillRunning):
            context.progress(f"{context.name}: reimage InProgress, {elapsed():.0f} s")
        else:
            context.progress(f"{context.name}: {step.doubt.value} ({step.reason}), asking again")

    step = StillRunning(link, max(0.0, record.retry_after - elapsed()))
    end = poll_until_done(context, link, step, WAITING, say)
    match end:
        case Succeeded():
            return _verified(context, record, end)
        case Failed():
            raise _failed(context, record, end)
        case GivenUp(Doubt.FORBIDDEN, reason):
            raise _unread(context, record, f"{Doubt.FORBIDDEN.value} ({reason}).")
        case GivenUp(doubt, reason):
            # The operation's own record is lost; the VM still tells how it ended.
            context.warn(
                f"How the reimage of {context.name} ended is seen from the VM itself: {doubt.value} "
                f"({reason})."
            )
            return _verified(context, replace(record, recovered=True), None)
        case Inconclusive(doubt, reason):
            raise _unread(context, record, f"{doubt.value} ({reason}) before the timeout ended.")
        case StillRunning():
            raise OperationStillRunningError(
                f"The reimage of {context.name} is still running after its timeout. Nothing is lost: the next "
                f"`pulumi up` resumes the wait and sends nothing. A larger `timeout` waits longer.",
                correlation_id=record.correlation_id,
            )
        case _:
            assert_never(end)


def _verified(context: VmContext, record: Record, end: Succeeded | None) -> Result:
    """Look at the VM after the operation; without an `end`, the VM is the only witness of how it ended."""
    context.progress(f"{context.name}: reimaged, looking at the VM")
    late = context.clock.monotonic() + _SHOWN_WITHIN
    while True:
        vm = _left(context, record)
        found = deviations(Outcome(record, vm, end))
        errors = [deviation.text for deviation in found if deviation.is_error]
        if not errors:
            break
        if end is None or min(late - context.clock.monotonic(), context.remaining) <= 0:
            raise _not_shown(context, record, " and ".join(errors))
        context.pause(LOOK_INTERVAL)
    for deviation in found:
        context.warn(f"VM {context.name} was reimaged, but {deviation.text}.")
    return Result(
        status="Succeeded",
        before=record.before,
        after=vm.disk,
        operation_id=end.operation_id if end else None,
        started_at=end.started_at if end else None,
        completed_at=end.completed_at if end else None,
        correlation_id=record.correlation_id,
        recovered=record.recovered,
    )


def _left(context: VmContext, record: Record) -> VirtualMachine:
    """Return the VM as the operation left it, when ARM has settled it."""
    while True:
        try:
            vm = context.read()
        except ReadError as error:
            raise _unread(context, record, error.reason) from error
        if vm.settled:
            return vm
        if context.remaining <= 0:
            raise _unread(context, record, f"Azure is still at work on the VM ({vm.provisioning_state}).")
        context.pause(LOOK_INTERVAL)


def _failed(context: VmContext, record: Record, step: Failed) -> OperationFailedError:
    reason = step.error.text or "no reason given."
    parts = (
        f"Azure ended the reimage of {context.name} with {step.status}: {reason}",
        f"{disk_after(step.error)} Data disks were not touched.",
        advice(step.error),
        "The next `pulumi up` requests the reimage again.",
    )
    return OperationFailedError(
        " ".join(filter(None, parts)),
        status=step.status,
        code=step.error.code,
        correlation_id=record.correlation_id,
    )


def _not_shown(context: VmContext, record: Record, evidence: str) -> OperationFailedError:
    return OperationFailedError(
        f"The reimage of {context.name} was requested, and nothing shows that it was done: {evidence}. "
        f"Look at the VM in Azure; change a trigger to request the reimage again.",
        status="Failed",
        correlation_id=record.correlation_id,
    )


def _unread(context: VmContext, record: Record, reason: str) -> OperationStillRunningError:
    return OperationStillRunningError(
        f"The reimage of {context.name} was requested, but its end cannot be read yet: {reason} "
        f"The next `pulumi up` goes on from here and sends nothing.",
        correlation_id=record.correlation_id,
    )
