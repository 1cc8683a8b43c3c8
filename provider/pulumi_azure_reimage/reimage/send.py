"""Sending the request of a reimage: at most one that ARM may have executed.

Only what certainly was not executed is sent again: no connection came about, or ARM said that it is busy or
that we send too many requests. Whatever else has no clear answer is never sent again. The VM is read instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, assert_never

from ..arm.client import NotSent
from ..arm.error import arm_error
from ..arm.lro import OutcomeUnknown, Rejected, RetryLater, Started, Succeeded
from ..arm.virtual_machine import VirtualMachine
from ..errors import ConfigurationError, RequestRejectedError
from .decide import SendReimage
from .reconcile import recover_lost_answer, report_replaced_disk, wait_for_other_operation
from .record import Record
from .troubleshooting import advice

if TYPE_CHECKING:
    from ..arm.lro import PostStep
    from ..arm.response import Response
    from ..inputs.parameters import ReimageParameters
    from .context import VmContext

Clear = Callable[[VirtualMachine], Record | SendReimage]
"""Decides again on a VM, and refuses what guards or preflight forbid."""

# A connection that fails for this long will not recover while someone waits.
_CONNECT_PATIENCE = 120.0
_CONNECT_PAUSE, _LONGEST_CONNECT_PAUSE = 1.0, 30.0
# Shorter than this, the requests themselves would use up the throttling bucket "Update VM" (4 a minute).
_BUSY_PAUSE = 20.0
# A time further away than this helps no reader.
_LONGEST_FORESIGHT = 86_400.0


def send_request(
    context: VmContext, parameters: ReimageParameters, vm: VirtualMachine, clear: Clear
) -> Record:
    """Send until ARM accepts or refuses it.

    Args:
        context: The VM.
        parameters: What Azure is asked to do.
        vm: The VM as it was just read.
        clear: Called before it is sent again to a VM that was busy with another operation.

    Raises:
        RefusedError: a rule or a guard forbids it by now; it was not executed.
        RequestRejectedError: ARM refused; the reimage did not start.
        OutcomeUnknownError: it was sent, and whether it started could not be determined.
        ConfigurationError: signing in failed, or Azure could not be reached; nothing was sent.
        InvalidInputError: what the parameters name cannot be read any more; nothing was sent.
    """
    sent = parameters.resolved()
    while True:
        record = _new_record(context, parameters, vm)
        step = _post(context, sent)
        match step:
            case Started(link, delay):
                return replace(record, requested_at=context.clock.now(), link=link, retry_after=delay)
            case Succeeded():
                return replace(record, requested_at=context.clock.now())
            case OutcomeUnknown(reason):
                return recover_lost_answer(context, vm, record, reason)
            case Rejected(answer):
                raise _rejected_error(context, answer, sent)
            case RetryLater():
                _refuse_if_too_late(context, step, sent)
                if not _is_busy(step):
                    _wait_for_throttling(context, step)
                    continue
                # A lost answer to the next request is about what happens from here on.
                before, vm = vm.disk, wait_for_other_operation(context, vm, _pause(step))
                report_replaced_disk(context, before, vm)
                cleared = clear(vm)
                if isinstance(cleared, Record):
                    return cleared
            case never:  # Not covered: mypy shows that no case is left.
                assert_never(never)


def _new_record(context: VmContext, parameters: ReimageParameters, vm: VirtualMachine) -> Record:
    return Record(
        before=vm.disk,
        requested_at=context.clock.now(),
        client_request_id=context.ids.client_request_id,
        correlation_id=context.ids.correlation_id,
        requested_version=parameters.exact_version,
    )


def _post(context: VmContext, sent: ReimageParameters) -> PostStep:
    """POST; again only while no connection comes about."""
    give_up = min(context.clock.monotonic() + _CONNECT_PATIENCE, context.deadline)
    pause = _CONNECT_PAUSE
    while True:
        step = context.post(sent.to_arm())
        if not isinstance(step, NotSent):
            return step
        if step.final or context.clock.monotonic() + pause > give_up:
            raise ConfigurationError(
                f"The reimage of {context.name} was not sent: Azure could not be reached ({step.reason}). "
                f"The disk was not touched; run `pulumi up` again when the connection works."
            )
        context.pause(pause)
        pause = min(pause * 2, _LONGEST_CONNECT_PAUSE)


def _refuse_if_too_late(context: VmContext, refusal: RetryLater, sent: ReimageParameters) -> None:
    """Give up now if the next attempt would come after the deadline."""
    delay = _pause(refusal)
    if delay > context.remaining:
        at = context.clock.now() + timedelta(seconds=min(delay, _LONGEST_FORESIGHT))
        when = (
            f" The next attempt would be in {delay:.0f} s, after the timeout; "
            f"run `pulumi up` again then (at {at:%H:%M:%S} UTC)."
        )
        raise _rejected_error(context, refusal.answer, sent, when)


def _wait_for_throttling(context: VmContext, refusal: RetryLater) -> None:
    """Let the time pass after which ARM accepts requests again."""
    context.progress(f"{context.name}: throttled by Azure, sending in {refusal.delay:.0f} s")
    context.pause(refusal.delay)


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
