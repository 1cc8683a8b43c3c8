"""The second step of a reimage, ReimageOperation's: send the request, at most once for all that is known.

Whatever Azure says is an outcome that is kept, so that the next run knows how far this one came. Within one
step, only what certainly was not taken is sent again: no connection came about, ARM said that it is busy or
that we ask too often, or the VM proves it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, assert_never

from ..arm.client import NotSent
from ..arm.error import arm_error
from ..arm.lro import Inconclusive, OutcomeUnknown, Rejected, RetryLater, Started, StillRunning, Succeeded
from ..errors import OperationStillRunningError, OutcomeUnknownError, RequestRejectedError
from .decide import Nothing, RecordOnly, Resolve, SendFresh, Withdraw, decide_send
from .doubt import NotTaken, Taken, Undecided, resolve_doubt, wait_for_fence, watch_after_send
from .look import Look
from .operation import Operation
from .polling import FOR_AN_EARLIER_ONE, poll_until_done
from .preflight import enforce, observe
from .preflight_rules import apply_preflight
from .reconcile import report_replaced_disk, wait_for_other_operation
from .record import Record, as_recovered
from .troubleshooting import advice
from .wait import poll_once

if TYPE_CHECKING:
    from ..arm.lro import PostStep
    from ..arm.response import Response
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import DesiredReimage, ReimageParameters
    from .context import VmContext
    from .operation import Outcome
    from .request import Request

# A connection that fails for this long will not recover while someone waits.
_CONNECT_PATIENCE = 120.0
_CONNECT_PAUSE, _LONGEST_CONNECT_PAUSE = 1.0, 30.0
# Shorter than this, the requests themselves would use up the throttling bucket "Update VM" (4 a minute).
_BUSY_PAUSE = 20.0
# A time further away than this helps no reader.
_LONGEST_FORESIGHT = 86_400.0
# Each of them was proved not to have been taken; more would say that something else is wrong.
_MOST_SENDS = 3


def send_request(
    context: VmContext,
    request: Request,
    desired: DesiredReimage,
    last: Operation | None,
    *,
    is_taken_back: bool = False,
) -> Operation:
    """Carry a request out as far as this run can, and return what is to be kept of it.

    Args:
        context: The VM.
        request: What ReimageRequest decided.
        desired: The parameters, and the guards of today.
        last: What ReimageOperation knows; None when it is created.
        is_taken_back: Whether the request is for exactly what the last taken one was for.

    Raises:
        RefusedError: a guard or a rule forbids what would be sent again; nothing was sent.
        OutcomeUnknownError: a change was taken back, and nothing tells whether it was sent; nothing was sent.
        RequestRejectedError: the VM could not be read, or was busy until the deadline; nothing was sent.
        ConfigurationError: signing in failed, or Azure could not be reached; nothing was sent.
        OperationStillRunningError: the last operation did not end before the deadline; nothing was sent.
    """
    is_fresh = request.host_id == context.run.id and context.run.send_once(request.id)
    match decide_send(request, last, is_fresh=is_fresh, is_taken_back=is_taken_back):
        case Nothing():
            if last is None:
                raise RequestRejectedError(f"{request.refusal} Nothing was sent.")
            return last
        case RecordOnly():
            # A VM that is current keeps what it was last reimaged for, with the result of that.
            keeps = last is not None and request.kind == "Current"
            record = last.record if last and keeps else Record(request.look.disk, request.id)
            return Operation(request.id, "Taken", record)
        case SendFresh(after_fence, unsure):
            ended_well = _wait_for_last_reimage(context, last)
            if after_fence or not ended_well:
                since = context.run.updates_since(context.clock)
                wait_for_fence(context, since, f"{context.name}: an earlier request may still arrive")
            return Sending(context, request, desired, last, unsure=unsure or not ended_well).send(
                guarded=True
            )
        case Withdraw(look, _):
            finding = (
                Undecided("more than one request is in doubt")
                if look is None
                else resolve_doubt(context, look)
            )
            if isinstance(finding, Undecided) or last is None:
                raise _undecided_error(context, finding)
            context.warn(
                f"The change of VM {context.name} was taken back, and it was not sent: nothing is sent."
            )
            return Operation(request.id, "Withdrawn", last.record)
        case Resolve(look, unsure):
            finding = resolve_doubt(context, look)
            sending = Sending(context, request, desired, last, unsure=unsure)
            if isinstance(finding, Undecided):
                return sending.keep("Unknown", look, str(_undecided_error(context, finding)))
            return sending.send(guarded=False)
        case never:
            assert_never(never)


class Sending:
    """One step of ReimageOperation that sends."""

    def __init__(
        self,
        context: VmContext,
        request: Request,
        desired: DesiredReimage,
        last: Operation | None,
        *,
        unsure: bool,
    ) -> None:
        self._context = context
        self._request = request
        self._desired = desired
        self._base = last.record if last else Record(request.look.disk)
        self._unsure = unsure

    def keep(self, outcome: Outcome, look: Look, reason: str) -> Operation:
        """Return what is kept of a request that was not taken, as far as this run knows."""
        return Operation(self._request.id, outcome, self._base, look, reason, self._unsure)

    def send(self, *, guarded: bool) -> Operation:  # noqa: C901, PLR0911 - one complete match.
        """Send until Azure accepts or refuses, and return the outcome.

        Args:
            guarded: Whether guards and preflight have just allowed it.
        """
        context, request = self._context, self._request
        sent = self._desired.parameters.resolved()
        vm, sends = self._look(guarded=guarded), 0
        while True:
            context = self._context.for_send(request.id)
            record = _new_record(context, request, self._desired.parameters, vm)
            step = _post(context, sent)
            match step:
                case Started(link, delay):
                    taken = replace(record, requested_at=context.clock.now(), link=link, retry_after=delay)
                    return Operation(request.id, "Taken", taken)
                case Succeeded():
                    return Operation(request.id, "Taken", replace(record, requested_at=context.clock.now()))
                case Rejected(answer):
                    return self.keep("Rejected", Look.at(vm), str(_rejected_error(context, answer, sent)))
                case NotSent(reason):
                    return self.keep("NotSent", Look.at(vm), _not_sent(context, reason))
                case RetryLater():
                    late = _too_late(context, step, sent)
                    if late is not None:
                        return self.keep("Rejected", Look.at(vm), str(late))
                    vm = self._wait_to_retry(step, vm)
                case OutcomeUnknown(reason):
                    sends += 1
                    finding = self._watch(vm, reason)
                    if isinstance(finding, Taken):
                        return Operation(request.id, "Taken", as_recovered(record))
                    if isinstance(finding, Undecided) or sends == _MOST_SENDS:
                        return self.keep(
                            "Unknown", Look.at(vm), str(_unknown_error(context, reason, finding))
                        )
                    vm = self._look(guarded=False)
                case never:
                    assert_never(never)

    def _look(self, *, guarded: bool) -> VirtualMachine:
        """Return the VM, idle, within seconds before a POST, after guards and preflight."""
        vm = self._context.look()
        if vm.settled:
            return self._clear(vm, guarded=guarded)
        return self._clear(wait_for_other_operation(self._context, vm), guarded=False)

    def _clear(self, vm: VirtualMachine, *, guarded: bool) -> VirtualMachine:
        """Return the VM if the request may be sent to it."""
        context = self._context
        if vm.disk.vm_unique_id != self._request.look.disk.vm_unique_id:
            raise RequestRejectedError(
                f"VM {context.name} was deleted and created again after its reimage was decided. Nothing was "
                f"sent. {context.ways_out}"
            )
        report_replaced_disk(context, self._request.look.disk, vm)
        if not guarded:
            enforce(context, self._desired, apply_preflight(observe(context, vm, self._desired)))
        return vm

    def _wait_to_retry(self, refusal: RetryLater, vm: VirtualMachine) -> VirtualMachine:
        context = self._context
        if not _is_busy(refusal):
            context.progress(f"{context.name}: throttled by Azure, sending in {refusal.delay:.0f} s")
            context.pause(refusal.delay)
            return vm
        return self._clear(wait_for_other_operation(context, vm, _pause(refusal)), guarded=False)

    def _watch(self, vm: VirtualMachine, reason: str) -> NotTaken | Taken | Undecided:
        context = self._context
        context.warn(
            f"The answer to the reimage request of {context.name} was lost ({reason}); looking at the VM."
        )
        finding = watch_after_send(context, vm)
        if isinstance(finding, Taken):
            context.warn(
                f"VM {context.name} was idle just before its reimage was requested, and is at work or has "
                f"another OS disk now, so the request counts as accepted."
            )
        return finding


def _new_record(
    context: VmContext, request: Request, parameters: ReimageParameters, vm: VirtualMachine
) -> Record:
    return Record(
        before=vm.disk,
        request_id=request.id,
        requested_at=context.clock.now(),
        client_request_id=context.ids.client_request_id,
        correlation_id=context.ids.correlation_id,
        requested_version=parameters.exact_version,
    )


def _wait_for_last_reimage(context: VmContext, last: Operation | None) -> bool:
    """Let the last operation end, however it ends, and return whether it is known to have ended well."""
    if last is None or last.record.link is None:
        return last is None or last.record.is_baseline or last.record.recovered is False
    step = poll_once(context, last.record)

    def report(_: StillRunning | Inconclusive) -> None:
        context.progress(f"{context.name}: waiting for the last reimage to end")

    end = step and poll_until_done(context, last.record.link, step, FOR_AN_EARLIER_ONE, on_update=report)
    if isinstance(end, StillRunning | Inconclusive):
        how = "is still running" if isinstance(end, StillRunning) else "may still be running"
        raise OperationStillRunningError(
            f"The last reimage of {context.name} {how}, so the new one was not sent. "
            f"Run `pulumi up` again when it has ended.",
            correlation_id=last.record.correlation_id,
        )
    return isinstance(end, Succeeded)


def _post(context: VmContext, sent: ReimageParameters) -> PostStep | NotSent:
    """POST; again only while no connection comes about."""
    give_up = min(context.clock.monotonic() + _CONNECT_PATIENCE, context.deadline)
    pause = _CONNECT_PAUSE
    while True:
        step = context.post(sent.to_arm())
        if not isinstance(step, NotSent) or step.final or context.clock.monotonic() + pause > give_up:
            return step
        context.pause(pause)
        pause = min(pause * 2, _LONGEST_CONNECT_PAUSE)


def _too_late(
    context: VmContext, refusal: RetryLater, sent: ReimageParameters
) -> RequestRejectedError | None:
    """Return the error if the next attempt would come after the deadline."""
    delay = _pause(refusal)
    if delay <= context.remaining:
        return None
    at = context.clock.now() + timedelta(seconds=min(delay, _LONGEST_FORESIGHT))
    when = (
        f" The next attempt would be in {delay:.0f} s, after the timeout; "
        f"run `pulumi up` again then (at {at:%H:%M:%S} UTC)."
    )
    return _rejected_error(context, refusal.answer, sent, when)


def _is_busy(refusal: RetryLater) -> bool:
    return refusal.answer.status == HTTPStatus.CONFLICT


def _pause(refusal: RetryLater) -> float:
    return max(refusal.delay, _BUSY_PAUSE) if _is_busy(refusal) else refusal.delay


def _rejected_error(
    context: VmContext, answer: Response, sent: ReimageParameters, when: str = ""
) -> RequestRejectedError:
    # Azure has quoted parameters in its errors.
    error = arm_error(answer.body, answer.headers.get("content-type"), secrets=sent.secrets)
    text = error.text or "no reason given."
    if answer.status < HTTPStatus.BAD_REQUEST:
        text = "the answer was an unexpected redirect, which is never followed."
    hint = advice(error, answer.status)
    parts = (f"Azure refused to reimage {context.name}: {text}", hint, "The disk was not touched.")
    return RequestRejectedError(
        " ".join(part for part in parts if part) + when,
        code=error.code,
        http_status=answer.status,
        request_id=answer.request_id,
        correlation_id=answer.correlation_id,
    )


def _not_sent(context: VmContext, reason: str) -> str:
    return (
        f"The reimage of {context.name} was not sent: Azure could not be reached ({reason}). "
        f"The disk was not touched; run `pulumi up` again when the connection works."
    )


def _undecided_error(context: VmContext, finding: Undecided | NotTaken) -> OutcomeUnknownError:
    seen = finding.seen if isinstance(finding, Undecided) else "the VM is as it was"
    return OutcomeUnknownError(
        f"A reimage of {context.name} may have been requested by a run that was interrupted, and nothing shows "
        f"whether Azure accepted it: {seen}. Nothing was sent. {context.ways_out}"
    )


def _unknown_error(context: VmContext, reason: str, finding: NotTaken | Undecided) -> OutcomeUnknownError:
    seen = finding.seen if isinstance(finding, Undecided) else "the VM shows no sign that it started"
    return OutcomeUnknownError(
        f"The reimage of {context.name} may have started: the request was sent, {reason}, and {seen}. "
        f"Nothing more was sent. {context.ways_out}",
        correlation_id=context.ids.correlation_id,
    )
