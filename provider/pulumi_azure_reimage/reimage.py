"""The story of one reimage: look, guard, begin; then wait, verify.

`begin` returns as soon as ARM has accepted, so that its record can be saved; `wait` follows a record to its
end and can be run again for the same one. The record is Pulumi's to keep: nothing here survives a process.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from .arm import NotSent, ReadError
from .errors import (
    ConfigurationError,
    OperationFailedError,
    OperationStillRunningError,
    RequestRejectedError,
)
from .lro import (
    Answer,
    Doubt,
    Failed,
    NotNow,
    PollStep,
    Refused,
    Started,
    StillRunning,
    Succeeded,
    Unclear,
    Unknown,
)
from .reconcile import LOOK_INTERVAL, after_lost_answer, once_settled
from .record import Record, Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .target import Target
    from .virtual_machine import VirtualMachine

# A connection that fails for this long will not heal by itself while someone waits.
_CONNECT_PATIENCE = 120.0
_CONNECT_PAUSE = 1.0

# How many answers of one kind in a row say that asking on is useless; None: only the deadline does.
_PATIENCE: Mapping[Doubt, int | None] = {
    Doubt.TRANSIENT: None,
    Doubt.UNREADABLE: 5,
    # An operation that was just accepted can be unknown to the server that is asked next.
    Doubt.GONE: 12,
    Doubt.FORBIDDEN: 3,
    Doubt.HOPELESS: 1,
}


def baseline(target: Target) -> Record:
    """Look at the VM and record it as it is; send nothing.

    Raises:
        RequestRejectedError: ARM refused the read.
        ConfigurationError: signing in failed, or Azure could not be reached.
    """
    return Record(before=target.look().disk)


def begin(target: Target, body: Mapping[str, object] | None, last: Record | None) -> Record:
    """Request the reimage, once, and return as soon as ARM has accepted it.

    Args:
        target: The VM.
        body: The parameters as ARM spells them; None sends no body.
        last: The record of the last request or baseline, if there is one.

    Returns:
        The record to save. It is a baseline, and nothing was sent, if the VM was created anew since `last`.

    Raises:
        RequestRejectedError: ARM refused; the reimage did not start.
        OutcomeUnknownError: it was sent, and nobody can tell whether it started.
        ConfigurationError: signing in failed, or Azure could not be reached; nothing was sent.
        OperationStillRunningError: the last operation did not end before the deadline; nothing was sent.
    """
    if last is not None and not last.is_baseline:
        _outwait(target, last)
    vm = target.look()
    if last is not None and last.before.vm_unique_id != vm.disk.vm_unique_id:
        target.warn(
            f"VM {target.name} was created anew since its last baseline: a new VM is already fresh, so it is "
            f"recorded as a new baseline and not reimaged."
        )
        return Record(before=vm.disk)
    record = Record(
        before=vm.disk,
        requested_at=target.clock.now(),
        client_request_id=target.ids.client_request_id,
        correlation_id=target.ids.correlation_id,
    )
    if not vm.settled:
        recovered = once_settled(target, vm, record)
        if recovered is not None:
            return recovered
    return _request(target, body, vm, record)


def status(target: Target, record: Record) -> PollStep | None:
    """Ask once how the operation of `record` stands; None if there is no operation to ask after.

    Raises:
        ConfigurationError: signing in failed.
    """
    return target.arm.poll(record.link, target.ids) if record.link else None


def wait(target: Target, record: Record) -> Result:
    """Follow the operation of `record` to its end and look at the VM it left.

    Raises:
        OperationFailedError: ARM ended it with Failed or Canceled.
        OperationStillRunningError: it was still running at the deadline, or its end could not be read;
            calling `wait` again with the same record goes on.
    """
    try:
        if record.link is None:
            return _verified(target, record, Succeeded())
        return _followed(target, record)
    except ConfigurationError as error:
        raise OperationStillRunningError(
            f"The reimage of {target.name} was requested and may still be running, but its progress cannot be "
            f"read: {error.message} The next `pulumi up` resumes the wait and sends nothing.",
            correlation_id=record.correlation_id,
        ) from error


def _request(
    target: Target, body: Mapping[str, object] | None, first: VirtualMachine, record: Record
) -> Record:
    connect_deadline = target.clock.monotonic() + _CONNECT_PATIENCE
    pause = _CONNECT_PAUSE
    while True:
        step = target.arm.reimage(target.vm_id, body, target.ids)
        match step:
            case Started(link, delay):
                return replace(record, requested_at=target.clock.now(), link=link, retry_after=delay)
            case Succeeded():
                return replace(record, requested_at=target.clock.now())
            case Unknown(reason):
                return after_lost_answer(target, first, record, reason)
            case Refused(answer):
                raise _rejected(target, answer)
            case NotNow(answer, delay) if answer.status == 409:  # noqa: PLR2004 - HTTP Conflict.
                if target.remaining <= 0:
                    raise _rejected(target, answer)
                recovered = once_settled(target, first, record)
                if recovered is not None:
                    return recovered
            case NotNow(answer, delay):
                if delay > target.remaining:
                    raise _rejected(target, answer, f" Azure takes requests again in {delay:.0f} s.")
                target.progress(f"{target.name}: throttled by Azure, sending in {delay:.0f} s")
                target.pause(delay)
            case NotSent(reason, final):
                if final or target.clock.monotonic() + pause > connect_deadline:
                    raise ConfigurationError(
                        f"The reimage of {target.name} was not sent: Azure could not be reached ({reason}). "
                        f"The disk was not touched; run `pulumi up` again when the connection works."
                    )
                target.pause(pause)
                pause = min(pause * 2, 30.0)
            case _:
                assert_never(step)


def _rejected(target: Target, answer: Answer, when: str = "") -> RequestRejectedError:
    text = answer.error.text or "no reason given"
    if answer.status == 403:  # noqa: PLR2004 - HTTP Forbidden.
        text += " The identity needs the action Microsoft.Compute/virtualMachines/reimage/action."
    return RequestRejectedError(
        f"Azure refused to reimage {target.name}: {text} The disk was not touched.{when}",
        code=answer.error.code,
        http_status=answer.status,
        correlation_id=answer.correlation_id,
    )


def _outwait(target: Target, last: Record) -> None:
    """Let the last operation end, however it ends: ARM runs one operation on a VM at a time."""
    step = status(target, last)
    while isinstance(step, StillRunning):
        if target.remaining <= 0:
            raise OperationStillRunningError(
                f"The last reimage of {target.name} is still running, so the new one was not sent. "
                f"Run `pulumi up` again when it has ended.",
                correlation_id=last.correlation_id,
            )
        target.progress(f"{target.name}: waiting for the last reimage to end")
        target.pause(step.delay)
        step = status(target, last)


def _followed(target: Target, record: Record) -> Result:
    assert record.link is not None  # noqa: S101 - `wait` asks only with a link; for the type checker.
    begun = record.requested_at or target.clock.now()
    elapsed = (target.clock.now() - begun).total_seconds()
    step: PollStep = StillRunning(record.link, max(0.0, record.retry_after - elapsed))
    link = record.link
    doubts: Counter[Doubt] = Counter()
    while True:
        match step:
            case Succeeded():
                return _verified(target, record, step)
            case Failed():
                raise _failed(target, record, step)
            case Unclear(doubt, reason, delay):
                doubts[doubt] += 1
                patience = _PATIENCE[doubt]
                if patience is not None and doubts[doubt] >= patience:
                    if doubt is Doubt.FORBIDDEN:
                        raise _unread(target, record, f"{doubt.value} ({reason})")
                    # The operation's own record is lost; the VM still tells how it ended.
                    return _verified(target, record, Succeeded())
                target.progress(f"{target.name}: {doubt.value} ({reason}), asking again")
            case StillRunning(link, delay):
                doubts.clear()
                seconds = (target.clock.now() - begun).total_seconds()
                target.progress(f"{target.name}: reimage InProgress, {seconds:.0f} s")
            case _:
                assert_never(step)
        # At the deadline one last question is asked: the answer may have come in the last pause.
        last_question = target.remaining <= delay
        target.pause(delay)
        step = target.arm.poll(link, target.ids)
        if last_question and isinstance(step, StillRunning | Unclear):
            raise OperationStillRunningError(
                f"The reimage of {target.name} is still running after its timeout. Nothing is lost: the next "
                f"`pulumi up` resumes the wait and sends nothing. A larger `timeout` waits longer.",
                correlation_id=record.correlation_id,
            )


def _verified(target: Target, record: Record, end: Succeeded) -> Result:
    """Look at the VM after the operation; a record without a link ends when ARM has settled the VM."""
    target.progress(f"{target.name}: reimaged, looking at the VM")
    while True:
        try:
            vm = target.read()
        except ReadError as error:
            raise _unread(target, record, error.reason) from error
        if vm.settled:
            break
        if target.remaining <= 0:
            raise _unread(target, record, f"Azure is still at work on the VM ({vm.provisioning_state})")
        target.pause(LOOK_INTERVAL)
    if vm.disk.vm_unique_id != record.before.vm_unique_id:
        target.warn(f"VM {target.name} was deleted and created anew since its reimage was requested.")
    elif not vm.disk.ephemeral and vm.disk.os_disk_id == record.before.os_disk_id:
        if end.operation_id is None:
            raise OperationFailedError(
                f"The reimage of {target.name} was requested, but Azure no longer knows the operation and the VM "
                f"still has its old OS disk. Change a trigger to request it again.",
                status="Failed",
                correlation_id=record.correlation_id,
            )
        target.warn(f"Azure says that {target.name} was reimaged, but its OS disk id is the same as before.")
    return Result(
        status="Succeeded",
        before=record.before,
        after=vm.disk,
        operation_id=end.operation_id,
        started_at=end.started_at,
        completed_at=end.completed_at,
        correlation_id=record.correlation_id,
        recovered=record.recovered,
    )


def _failed(target: Target, record: Record, step: Failed) -> OperationFailedError:
    return OperationFailedError(
        f"Azure ended the reimage of {target.name} with {step.status}: {step.error.text or 'no reason given'} "
        f"The OS disk may be lost or half built; data disks were not touched. "
        f"The next `pulumi up` requests the reimage again.",
        status=step.status,
        code=step.error.code,
        correlation_id=record.correlation_id,
    )


def _unread(target: Target, record: Record, reason: str) -> OperationStillRunningError:
    return OperationStillRunningError(
        f"The reimage of {target.name} was requested, but its end cannot be read yet: {reason} "
        f"The next `pulumi up` goes on from here and sends nothing.",
        correlation_id=record.correlation_id,
    )
