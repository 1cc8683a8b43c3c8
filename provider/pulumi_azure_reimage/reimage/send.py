"""The second step of a reimage, that of ReimageOperation: send the request, unless it may have been accepted.

Every outcome of the request is kept, so that the next run knows how far this run got. An error would stop
machines that are decided and not yet sent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from ..arm.lro import Inconclusive, StillRunning, Succeeded
from ..errors import (
    ConfigurationError,
    InvalidInputError,
    OperationStillRunningError,
    OutcomeUnknownError,
    RefusedError,
    RequestRejectedError,
)
from ..sentences import join_sentences
from .decide import Nothing, RecordOnly, Resolve, SendFresh, Today, Withdraw, decide_send
from .doubt import NotTaken, Taken, Undecided, describe_change, record_finding, resolve_doubt, wait_for_fence
from .look import Look
from .operation import Operation
from .polling import FOR_AN_EARLIER_ONE, poll_until_done
from .reconcile import read_settled
from .record import Record
from .request import beginning_of_ids
from .sending import Sending
from .wait import poll_once

if TYPE_CHECKING:
    from ..inputs.parameters import DesiredReimage
    from .context import VmContext
    from .doubt import Finding
    from .request import Request

_HOLDS = (
    ConfigurationError,
    InvalidInputError,
    OperationStillRunningError,
    OutcomeUnknownError,
    RefusedError,
    RequestRejectedError,
)


def send_request(
    context: VmContext,
    request: Request,
    desired: DesiredReimage,
    last: Operation | None,
    today: Today = Today(),  # noqa: B008 - it cannot change.
) -> Operation:
    """Proceed with a request, and return what is to be kept.

    Args:
        context: The VM.
        request: What ReimageRequest decided.
        desired: The parameters and today's guards.
        last: What ReimageOperation knows; None when it is created.
        today: What today's inputs say about it.

    Raises:
        RequestRejectedError: the first request was refused, so there is nothing to keep.
    """
    try:
        return _go_on(context, request, desired, last, today)
    except _HOLDS as error:
        context.record("refused", request=request, reason=str(error))
        if last is not None:
            return replace(last, held=str(error))
        if request.refusal is not None:
            raise
        return Operation(request.id, "NotSent", Record(request.look.disk), request.look, str(error))


def _go_on(
    context: VmContext,
    request: Request,
    desired: DesiredReimage,
    last: Operation | None,
    today: Today,
) -> Operation:
    is_fresh = request.host_id == context.run.id and context.run.send_once(request.id)
    sending = Sending(context, request, desired, last)
    match decide_send(request, last, today, is_fresh=is_fresh):
        case Nothing():
            if last is None:
                raise RequestRejectedError(f"{request.refusal} Nothing was sent.")
            return last
        case RecordOnly(leaves, after_doubt):
            return _record_only(context, request, last, leaves=leaves, after_doubt=after_doubt)
        case SendFresh(after_fence, unsure):
            ended_well = _wait_for_last_reimage(context, last)
            if after_fence or not ended_well:
                wait_for_fence(context)
            return sending.send(unsure=unsure or not ended_well, is_cleared=last is not None)
        case Withdraw(look, request_id):
            finding = _resolve_one(context, look, beginning_of_ids(request_id))
            if isinstance(finding, Taken) and not is_fresh:
                # An earlier run may have found that too, and sent this request because of it.
                finding = _resolve_one(context, request.look, beginning_of_ids(request.id))
                return _resolve(context, sending, request.look, finding, unsure=False)
            return _withdraw(context, request, sending, last, finding)
        case Resolve(look, unsure):
            finding = _resolve_one(context, look, beginning_of_ids(request.id))
            return _resolve(context, sending, look, finding, unsure=unsure)
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def _record_only(
    context: VmContext, request: Request, last: Operation | None, *, leaves: bool, after_doubt: bool
) -> Operation:
    """Record that nothing is to be sent, once no POST for an earlier request can still arrive."""
    disk = request.look.disk
    if after_doubt or not _wait_for_last_reimage(context, last):
        wait_for_fence(context)
        vm = read_settled(context)
        if not request.look.is_unchanged(Look.at(vm)):
            if not leaves:
                raise _undecided_error(context, Undecided(describe_change(request.look, vm), vm))
            context.warn(
                f"VM {context.name} changed while its baseline was recorded. The baseline is the VM as it is "
                f"now."
            )
            disk = vm.disk
    # A VM that is current keeps the record of its last reimage, and the result of that.
    keeps = last is not None and request.kind == "Current"
    record = last.record if last and keeps else Record(disk, request.id)
    if leaves:
        context.record("left as it is", request=request, before=disk)
    return Operation(request.id, "Taken", record)


def _resolve_one(context: VmContext, look: Look | None, beginning: str) -> Finding:
    if look is None:
        return Undecided("More than one request may have been accepted.")
    return record_finding(context, look, resolve_doubt(context, look, beginning))


def _withdraw(
    context: VmContext, request: Request, sending: Sending, last: Operation | None, finding: Finding
) -> Operation:
    """Send nothing for a change that was taken back, unless a request in between was accepted."""
    match finding:
        case NotTaken() if last is not None:
            context.warn(
                f"The change of VM {context.name} was taken back before it was sent. Nothing is sent."
            )
            context.record("withdrawn", request=request)
            return Operation(request.id, "Withdrawn", last.record)
        case Taken():
            wait_for_fence(context)
            return sending.send(unsure=False)
        case _:
            raise _undecided_error(context, finding)


def _resolve(
    context: VmContext, sending: Sending, look: Look, finding: Finding, *, unsure: bool
) -> Operation:
    """Send what was not accepted, and keep the doubt about what may have been."""
    match finding:
        case NotTaken(vm):
            return sending.send(vm, unsure=unsure)
        case Taken(ended_well, correlation_id):
            context.warn(
                f"An earlier run requested the reimage of {context.name}. Azure's activity log shows that it "
                f"was accepted, so it is not requested again."
            )
            return sending.taken_before(look, correlation_id, ended_well=ended_well)
        case Undecided():
            return sending.keep("Unknown", look, str(_undecided_error(context, finding)), unsure=unsure)
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def _wait_for_last_reimage(context: VmContext, last: Operation | None) -> bool:
    """Wait until the last operation has ended, and return whether it is known to have ended well.

    Raises:
        OperationStillRunningError: it did not end before the deadline.
    """
    if last is None or last.record.link is None:
        return last is None or last.record.is_baseline or last.record.ended_well
    step = poll_once(context, last.record)

    def report(_: StillRunning | Inconclusive) -> None:
        context.progress("waiting for the last reimage to end")

    end = step and poll_until_done(context, last.record.link, step, FOR_AN_EARLIER_ONE, on_update=report)
    if isinstance(end, StillRunning | Inconclusive):
        how = "is still running" if isinstance(end, StillRunning) else "may still be running"
        raise OperationStillRunningError(
            f"The last reimage of {context.name} {how}, so the new one was not sent. "
            f"Run `pulumi up` again when it has ended.",
            correlation_id=last.record.correlation_id,
        )
    return isinstance(end, Succeeded)


def _undecided_error(context: VmContext, finding: Finding) -> OutcomeUnknownError:
    seen = finding.seen if isinstance(finding, Undecided) else "The VM is as it was."
    return OutcomeUnknownError(
        join_sentences(
            f"A reimage of {context.name} may have been requested by a run that was interrupted, and nothing "
            f"shows whether Azure accepted it.",
            seen,
            "Nothing was sent.",
            context.ways_out,
        )
    )
