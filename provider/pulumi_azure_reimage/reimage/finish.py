"""The third step of a reimage, that of ReimageResult: wait, verify, and continue after a failure.

A repeat sends and waits in one step. Nothing is saved between the two, so it relies on a look that was saved
with the failure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from ..errors import (
    ConfigurationError,
    OperationFailedError,
    OperationStillRunningError,
    RefusedError,
    RequestRejectedError,
)
from ..sentences import join_sentences
from .reconcile import read_steady
from .record import Result
from .repeat import (
    MOST_ATTEMPTS,
    REPEATABLE,
    Failure,
    GiveUp,
    LookAgain,
    ResumeRepeat,
    SendAgain,
    decide_repeat,
    describe_no_repeat,
    describe_repeat,
    look_again,
    send_again,
)
from .troubleshooting import Disk
from .wait import wait_for_reimage

if TYPE_CHECKING:
    from ..errors import ReimageError
    from ..inputs.parameters import DesiredReimage
    from .context import VmContext
    from .record import Record


@dataclass(frozen=True, slots=True)
class Ended:
    """The reimage ended well.

    Attributes:
        result: How.
    """

    result: Result


@dataclass(frozen=True, slots=True)
class Broken:
    """The reimage failed, or a repeat of it still runs.

    Attributes:
        error: What the user is shown.
        result: What is kept as the result.
        failure: What is kept for the next run.
    """

    error: ReimageError
    result: Result
    failure: Failure


def finish_reimage(
    context: VmContext,
    record: Record,
    failure: Failure | None,
    desired: DesiredReimage | None,
    *,
    keeps: bool,
) -> Ended | Broken:
    """Wait for a request that was accepted, or continue after its failure.

    Args:
        context: The VM.
        record: The request.
        failure: How it failed in an earlier run, if it did.
        desired: The parameters and today's guards, for a repeat.
        keeps: Whether the engine keeps what is returned about a failure. If not, nothing is repeated.

    Raises:
        OperationFailedError: the reimage is not repeated, and nothing shows that it ended well.
        OperationStillRunningError: the first attempt still runs; calling this again continues.
        RefusedError: a guard or a rule forbids a repeat; nothing was sent.
        OutcomeUnknownError: nothing shows whether a repeat was accepted.
        RequestRejectedError: ARM refused a repeat; the disk was not touched.
        ConfigurationError: signing in failed, or Azure could not be reached; nothing was sent.
    """
    if failure is None or desired is None:
        return _wait(context, record, None, 1, keeps=keeps)
    try:
        return _go_on(context, record, failure, desired, keeps=keeps)
    except OperationFailedError as error:
        outcome, reason = error.disk.lower(), str(error)
        context.record("failed", attempt=failure.attempt, outcome=outcome, reason=reason)
        raise
    except (RefusedError, RequestRejectedError, ConfigurationError) as error:
        context.record("refused", causes=desired.causes, reason=str(error))
        raise


def _go_on(
    context: VmContext, record: Record, failure: Failure, desired: DesiredReimage, *, keeps: bool
) -> Ended | Broken:
    decision = decide_repeat(failure)
    match decision:
        case ResumeRepeat(sent):
            return _wait(context, sent, failure, failure.attempt, keeps=keeps)
        case SendAgain() if keeps:
            sent = send_again(context, record, failure, decision, desired)
            return _wait(context, sent, failure, decision.attempt, keeps=keeps)
        case LookAgain():
            try:
                return Ended(look_again(context, record, failure))
            except OperationFailedError as error:
                error.message = join_sentences(error.message, describe_repeat(decision, context.ways_out))
                raise
        case GiveUp():
            raise _failed_before(failure, describe_repeat(decision, context.ways_out))
        case SendAgain():
            raise _failed_before(failure, describe_no_repeat(context.ways_out))
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def _wait(
    context: VmContext, record: Record, earlier: Failure | None, attempt: int, *, keeps: bool
) -> Ended | Broken:
    try:
        return Ended(wait_for_reimage(context, record))
    except OperationStillRunningError as error:
        context.record("still running", sent=record, attempt=attempt, reason=str(error))
        if earlier is None:
            raise
        kept = replace(earlier, attempt=attempt, sent=record)
        return Broken(error, _failed(record), kept)
    except OperationFailedError as error:
        context.record(
            "failed",
            sent=record,
            before=record.before,
            attempt=attempt,
            outcome=error.disk.lower(),
            reason=str(error),
        )
        disk = Disk[error.disk]
        is_repeated = disk in REPEATABLE and attempt < MOST_ATTEMPTS and keeps
        look = read_steady(context) if is_repeated else None
        # With the code and the correlation id, which later runs also show.
        failure = Failure(disk, str(error), attempt, look)
        next_run = describe_repeat(decide_repeat(failure), context.ways_out)
        next_run = next_run if keeps else describe_no_repeat(context.ways_out)
        error.message = join_sentences(error.message, next_run)
        return Broken(error, _failed(record), failure)


def _failed(record: Record) -> Result:
    return Result("Failed", record.before, record.before, correlation_id=record.correlation_id)


def _failed_before(failure: Failure, next_run: str) -> OperationFailedError:
    text = join_sentences(failure.text, next_run)
    return OperationFailedError(text, status="Failed", disk=failure.disk.name)
