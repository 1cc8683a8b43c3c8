"""The end of one reimage: wait for its operation, look at the VM afterwards, and verify it.

`wait_for_reimage` follows a record to its end, and can be called again for the same one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, assert_never

from ..arm.activity_log import Status
from ..arm.client import ReadError
from ..arm.error import ArmError
from ..arm.log_evidence import Taken
from ..arm.lro import Doubt, Failed, Inconclusive, StillRunning, Succeeded
from ..errors import (
    NOTHING_SENT,
    ConfigurationError,
    OperationFailedError,
    OperationStillRunningError,
)
from ..sentences import as_clause, join_sentences
from .log_witness import LOG_INTERVAL, NoWitness, ask_log, describe
from .polling import WHILE_WAITING, GivenUp, poll_until_done
from .postconditions import Outcome, apply_postconditions
from .reconcile import LOOK_INTERVAL
from .record import Record, Result
from .run import FENCE_SECONDS, LOG_SECONDS, VIEW_SECONDS
from .troubleshooting import Disk, advice, disk_after, explain_answer, explain_read, find

if TYPE_CHECKING:
    from ..arm.log_evidence import LogAnswer
    from ..arm.lro import Link, PollStep
    from ..arm.virtual_machine import VirtualMachine
    from .context import VmContext
    from .rule import Finding

# How long after the end of the operation a server of ARM may still show the VM as it was. This is a guess. If
# Azure did not report the end, the fence is used instead, after which the VM must show it.
_SHOWN_WITHIN = 60.0


def poll_once(context: VmContext, record: Record) -> PollStep | None:
    """Poll the operation of `record` once; None if there is no operation to poll.

    Raises:
        ConfigurationError: signing in failed.
    """
    return context.arm.poll(record.link, context.ids) if record.link else None


def wait_for_reimage(context: VmContext, record: Record) -> Result:
    """Follow the operation of `record` to its end and look at the VM afterwards.

    Raises:
        OperationFailedError: ARM ended it with Failed or Canceled.
        OperationStillRunningError: it was still running at the deadline, or its end could not be read;
            calling this again with the same record continues.
    """
    try:
        if record.link is None:
            return _verify(context, record, None)
        return _wait_for_operation(context, record, record.link)
    except ConfigurationError as error:
        raise cannot_poll(context.name, record, error) from error


def cannot_poll(name: str, record: Record, error: ConfigurationError) -> OperationStillRunningError:
    """Return the error for a request whose operation cannot be polled, because signing in failed."""
    return OperationStillRunningError(
        join_sentences(
            f"The reimage of {name} was requested and may still be running, but its progress cannot be read: "
            f"{error.message.removesuffix(NOTHING_SENT)}",
            "The next `pulumi up` resumes the wait and sends nothing.",
        ),
        correlation_id=record.correlation_id,
    )


def verify_reimage(context: VmContext, record: Record) -> Result:
    """Find out from the VM or the activity log whether a reimage with an unknown end succeeded.

    Raises:
        OperationFailedError: nothing shows that it did.
        OperationStillRunningError: the VM is busy, or could not be read.
    """
    try:
        return _verify(context, record, None)
    except ConfigurationError as error:
        raise cannot_poll(context.name, record, error) from error


def _wait_for_operation(context: VmContext, record: Record, link: Link) -> Result:
    begun = record.requested_at or context.clock.now()

    def elapsed() -> float:
        # A clock that was set back, or state from another machine, must not make the wait longer.
        return max(0.0, (context.clock.now() - begun).total_seconds())

    def report(step: StillRunning | Inconclusive) -> None:
        if isinstance(step, StillRunning):
            usual = "" if context.last_took is None else f" (the last one took {context.last_took:.0f} s)"
            context.progress(f"running in Azure for {elapsed():.0f} s{usual}")
        else:
            context.progress(f"{step.doubt.value} ({as_clause(step.reason)}), polling again")

    # The operation of an earlier run may have ended, so it is polled before anything is reported.
    early = record.retry_after - elapsed()
    step = StillRunning(link, early) if early > 0 else context.arm.poll(link, context.ids)
    end = poll_until_done(context, link, step, WHILE_WAITING, on_update=report)
    match end:
        case Succeeded():
            return _verify(context, record, end)
        case Failed():
            raise _failed_error(context, record, end, disk_after(end.error))
        case GivenUp(Doubt.FORBIDDEN, reason, answer):
            said = f"{Doubt.FORBIDDEN.value} ({as_clause(reason)})"
            raise _unreadable_error(context, record, join_sentences(said, explain_answer(answer)))
        case GivenUp(doubt, reason):
            # The operation's own record is lost, but the VM still shows how it ended.
            context.warn(
                f"How the reimage of {context.name} ended is determined from the VM itself, because "
                f"{doubt.value} ({as_clause(reason)})."
            )
            return _verify(context, replace(record, recovered=True), None)
        case Inconclusive(doubt, reason, _, answer):
            said = f"{doubt.value} ({as_clause(reason)}) before the timeout ended"
            raise _unreadable_error(context, record, join_sentences(said, explain_answer(answer)))
        case StillRunning():
            raise OperationStillRunningError(
                f"The reimage of {context.name} is still running after its timeout. Nothing is lost: the "
                f"next `pulumi up` resumes the wait and sends nothing. A larger `timeout` waits longer.",
                correlation_id=record.correlation_id,
            )
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def _verify(context: VmContext, record: Record, end: Succeeded | None) -> Result:
    """Look at the VM after the operation. Without an `end`, the VM is the only witness of how it ended."""
    context.progress("reimaged, checking the VM")

    is_reported = end is not None or record.ended_well
    grace = (_SHOWN_WITHIN if is_reported else FENCE_SECONDS) * context.time_scale
    # The timeout does not shorten this, because a reimage that ends in the last second is shown as late as
    # any other.
    late = context.clock.monotonic() + grace
    settles_until = max(context.deadline, late) if is_reported else context.deadline

    def look() -> tuple[VirtualMachine, tuple[Finding, ...]]:
        vm = _read_settled_vm(context, record, settles_until)
        return vm, apply_postconditions(Outcome(record, vm, end))

    def is_shown(looked: tuple[VirtualMachine, tuple[Finding, ...]]) -> bool:
        return not any(finding.is_error for finding in looked[1])

    vm, found = context.wait_until(look, is_shown, every=LOOK_INTERVAL, deadline=late)
    if end is None and not record.ended_well:
        record = _ask_log(context, record, vm, _errors(found))
        found = apply_postconditions(Outcome(record, vm, end))
    if errors := _errors(found):
        raise _not_shown_error(context, record, errors)
    for finding in found:
        context.warn(f"VM {context.name} was reimaged, but {finding.text}.")
    result = Result(
        status="Succeeded",
        before=record.before,
        after=vm.disk,
        operation_id=end.operation_id if end else None,
        started_at=end.started_at if end else None,
        completed_at=end.completed_at if end else None,
        correlation_id=record.correlation_id,
        recovered=record.recovered,
    )
    context.record("ended", sent=record, before=record.before, after=vm, seconds=result.duration_seconds)
    return result


def _errors(found: tuple[Finding, ...]) -> str:
    return " and ".join(finding.text for finding in found if finding.is_error)


def _ask_log(context: VmContext, record: Record, vm: VirtualMachine, errors: str) -> Record:
    """Return the record with what the activity log shows about its end, in addition to what the VM shows.

    If the log has the request, it will have its end, too. Without waiting for that, the disk of another
    client, who reimaged the VM after ours had failed, would count as ours.

    Raises:
        OperationFailedError: the log shows that it failed, or neither the log nor the VM shows its end.
    """
    answer = _log_of_the_end(context, record, vm, patience=0.0 if errors else LOG_SECONDS)
    match answer:
        case Taken(_, Status.SUCCEEDED):
            return replace(record, ended_well=True)
        case Taken(event, Status.FAILED | Status.CANCELED):
            status: Literal["Failed", "Canceled"] = "Failed" if answer.ended is Status.FAILED else "Canceled"
            error = event.error or ArmError()
            # An event can lack its reason. Then nothing shows whether the disk was rebuilt.
            disk = disk_after(error) if find(error) else Disk.UNKNOWN
            raise _failed_error(context, record, Failed(status, error), disk)
        case _ if errors:
            raise _not_shown_error(context, record, errors, describe(answer))
        case _:
            return record


def _log_of_the_end(
    context: VmContext, record: Record, vm: VirtualMachine, patience: float
) -> LogAnswer | NoWitness:
    """Search the log for a request and, if it is there, wait for its end until patience is over.

    The timeout does not shorten that, because an end that is not in the log yet proves nothing.
    """

    def search() -> LogAnswer | NoWitness:
        return ask_log(context, record.client_request_id or record.request_id, record.seen_at, vm.read_at)

    def is_over(answer: LogAnswer | NoWitness) -> bool:
        if isinstance(answer, Taken) and answer.ended is None:
            context.progress("reimaged, waiting for its end in the activity log")
            return False
        return True

    shown_by = context.clock.monotonic() + patience * context.time_scale
    every = LOG_INTERVAL * context.time_scale
    return context.wait_until(search, is_over, every=every, deadline=shown_by)


def _read_settled_vm(context: VmContext, record: Record, deadline: float) -> VirtualMachine:
    """Return the VM as the operation left it, once it is settled.

    A read that fails does not end the wait, because the reimage has ended. It is repeated until the deadline
    or, if ARM refuses it, for as long as a server may be late.

    Raises:
        OperationStillRunningError: at the deadline it could not be read, or ARM still works on it.
    """
    refused_until: list[float] = []

    def look() -> VirtualMachine | ReadError:
        try:
            return context.read()
        except ReadError as error:
            if not error.passes:
                refused_until.append(context.clock.monotonic() + VIEW_SECONDS * context.time_scale)
            context.progress("the VM cannot be read, trying again")
            return error

    def is_over(seen: VirtualMachine | ReadError) -> bool:
        if isinstance(seen, ReadError):
            return not seen.passes and context.clock.monotonic() >= refused_until[0]
        refused_until.clear()
        return seen.settled

    seen = context.wait_until(look, is_over, every=LOOK_INTERVAL, deadline=deadline)
    if isinstance(seen, ReadError):
        raise _unreadable_error(context, record, explain_read(seen)) from seen
    if not seen.settled:
        reason = f"Azure is still working on the VM ({seen.provisioning_state})."
        raise _unreadable_error(context, record, reason)
    return seen


def _failed_error(context: VmContext, record: Record, step: Failed, disk: Disk) -> OperationFailedError:
    reason = step.error.text or "no reason given."
    parts = (
        f"Azure ended the reimage of {context.name} with {step.status}: {reason}",
        f"{disk} Data disks were not touched.",
        advice(step.error),
    )
    return OperationFailedError(
        join_sentences(*parts),
        status=step.status,
        disk=disk.name,
        code=step.error.code,
        correlation_id=record.correlation_id,
    )


def _not_shown_error(
    context: VmContext, record: Record, evidence: str, of_the_log: str = ""
) -> OperationFailedError:
    return OperationFailedError(
        join_sentences(
            f"The reimage of {context.name} was requested, but nothing shows that it was done: {evidence}",
            of_the_log,
            "Check the VM in Azure.",
        ),
        status="Failed",
        disk=Disk.UNKNOWN.name,
        correlation_id=record.correlation_id,
    )


def _unreadable_error(context: VmContext, record: Record, reason: str) -> OperationStillRunningError:
    return OperationStillRunningError(
        join_sentences(
            f"The reimage of {context.name} was requested, but its end cannot be read yet: {reason}",
            "The next `pulumi up` continues from here and sends nothing.",
        ),
        correlation_id=record.correlation_id,
    )
