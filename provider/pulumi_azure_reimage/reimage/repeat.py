"""A reimage that ended badly. Whether it is repeated depends on what happened to the disk.

| what is kept of the failure | decision | the next `pulumi up` |
|---|---|---|
| the disk was not touched, or may be lost or half built | `SendAgain` | requests it again, at most twice |
| the same, after three attempts, or without a reliable look | `GiveUp` | says how to continue |
| the disk was rebuilt | `LookAgain` | never wipes it again, and checks whether the VM is healthy |
| nothing shows what happened to it | `LookAgain` | checks whether the VM, or the log, shows it by now |
| a repeat was accepted, and had not ended | `ResumeRepeat` | waits for it |

A repeat relies on a look that was saved with the failure, because a run in between may have sent it and been
killed. So it is a send in doubt like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from ..errors import OperationFailedError, OutcomeUnknownError, RequestRejectedError, UnreadableStateError
from ..json_reading import drop_none, get, get_str
from ..sentences import join_sentences
from .doubt import NotTaken, Taken, Undecided, record_finding, resolve_doubt
from .look import Look
from .record import Record, Result
from .request import Request, beginning_of_ids
from .sending import Sending
from .state_fields import read_number
from .troubleshooting import Disk
from .wait import verify_reimage

if TYPE_CHECKING:
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import DesiredReimage
    from .context import VmContext

MOST_ATTEMPTS = 3
REPEATABLE = (Disk.UNTOUCHED, Disk.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Failure:
    """How a reimage failed, or how far a repeat of it got.

    Attributes:
        disk: What happened to the OS disk.
        text: The text of its error.
        attempt: Which attempt that was.
        look: The VM afterwards, and so before the next send; None if there was no reliable look at it.
        sent: The repeat whose end is still to be waited for; None if there is none.
    """

    disk: Disk
    text: str
    attempt: int
    look: Look | None
    sent: Record | None = None

    def to_state(self) -> dict[str, object]:
        """Return the failure under its state keys."""
        return drop_none(
            {
                "disk": self.disk.name,
                "text": self.text,
                "attempt": self.attempt,
                "look": self.look.to_state() if self.look else None,
                "sent": self.sent.to_state() if self.sent else None,
            }
        )

    @classmethod
    def from_state(cls, state: object) -> Failure:
        """Read what `to_state` wrote.

        Raises:
            UnreadableStateError: it is not what this version wrote.
        """
        disk, attempt = get_str(state, "disk"), read_number(state, "attempt")
        if disk is None or disk not in Disk.__members__ or attempt < 1:
            raise UnreadableStateError("it has a failure that cannot be read")
        look, sent = get(state, "look"), get(state, "sent")
        return cls(
            Disk[disk],
            get_str(state, "text") or "",
            int(attempt),
            None if look is None else Look.from_state(look),
            None if sent is None else Record.from_state(sent),
        )


@dataclass(frozen=True, slots=True)
class LookAgain:
    """It is never sent again automatically. The next run only checks whether the VM is healthy by now."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It is not sent again automatically.

    Attributes:
        why: Why, as a sentence.
    """

    why: str


@dataclass(frozen=True, slots=True)
class SendAgain:
    """It is sent again, if the last repeat was not accepted.

    Attributes:
        attempt: Which attempt that is.
        look: The VM before the last repeat.
    """

    attempt: int
    look: Look


@dataclass(frozen=True, slots=True)
class ResumeRepeat:
    """A repeat was accepted, and the next run waits for its end.

    Attributes:
        sent: The repeat.
    """

    sent: Record


RepeatDecision = LookAgain | GiveUp | SendAgain | ResumeRepeat


def decide_repeat(failure: Failure) -> RepeatDecision:
    """Return what the next `pulumi up` does about a failure."""
    if failure.sent is not None:
        return ResumeRepeat(failure.sent)
    if failure.disk not in REPEATABLE:
        return LookAgain()
    if failure.attempt >= MOST_ATTEMPTS:
        return GiveUp(f"It was sent {MOST_ATTEMPTS} times.")
    if failure.look is None:
        return GiveUp("The VM could not be looked at reliably after the failure.")
    return SendAgain(failure.attempt + 1, failure.look)


def describe_repeat(decision: RepeatDecision, ways_out: str) -> str:
    """Return what an error says about the next `pulumi up`."""
    match decision:
        case LookAgain():
            return (
                "The VM is not reimaged again automatically. The next `pulumi up` checks whether it is "
                f"healthy. {ways_out}"
            )
        case GiveUp(why):
            return join_sentences(why, "It is not sent again automatically.", ways_out)
        case SendAgain(attempt):
            return (
                f"The next `pulumi up` requests the reimage again (attempt {attempt} of {MOST_ATTEMPTS}), "
                f"unless the VM has changed by then. {ways_out}"
            )
        case ResumeRepeat():
            return "The next `pulumi up` resumes the wait and sends nothing."
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)


def describe_no_repeat(ways_out: str) -> str:
    """Return what an error says if the engine keeps nothing of a failure."""
    return f"It is not sent again automatically. {ways_out}"


def look_again(context: VmContext, record: Record, failure: Failure) -> Result:
    """Record that a reimage succeeded after all, if the VM or the activity log shows it.

    Raises:
        OperationFailedError: nothing shows it.
        OperationStillRunningError: the VM could not be read.
    """
    if failure.disk is not Disk.REBUILT:
        return verify_reimage(context, record)
    vm = context.look()
    if not _is_healthy(vm):
        raise OperationFailedError(
            join_sentences(failure.text, f"It is not healthy yet ({vm.provisioning_state}, {vm.power})."),
            status="Failed",
            disk=failure.disk.name,
        )
    context.warn(f"VM {context.name} is healthy now, so its reimage is recorded as successful.")
    context.record("ended", sent=record, before=record.before, after=vm, reason="The VM is healthy now.")
    return Result("Succeeded", record.before, vm.disk, correlation_id=record.correlation_id, recovered=True)


def send_again(
    context: VmContext, record: Record, failure: Failure, again: SendAgain, desired: DesiredReimage
) -> Record:
    """Request a failed reimage again, and return what was accepted.

    Args:
        context: The VM.
        record: The request that failed.
        failure: How it failed.
        again: Which attempt this is, and the VM before the last one.
        desired: The parameters, and the guards of today.

    Raises:
        RefusedError: a guard or a rule forbids it; nothing was sent.
        OutcomeUnknownError: nothing shows whether an earlier repeat was accepted, or whether this one was.
        RequestRejectedError: ARM refused it, or the VM could not be read; the disk was not touched.
        ConfigurationError: signing in failed, or Azure could not be reached; nothing was sent.
    """
    attempt, look = again.attempt, again.look
    context.record("repeated", sent=record, attempt=attempt, reason=failure.text)
    request = Request(record.request_id, "Reimage", (), context.run.id, look)
    sending = Sending(context, request, desired, None, attempt)
    finding = resolve_doubt(context, look, beginning_of_ids(request.id, attempt))
    match record_finding(context, look, finding):
        case NotTaken(vm):
            sent = sending.send(vm, unsure=False)
        case Taken(ended_well, correlation_id):
            sent = sending.taken_before(look, correlation_id, ended_well=ended_well)
        case Undecided(seen):
            raise OutcomeUnknownError(
                join_sentences(
                    f"The reimage of {context.name} failed before, and a repeat may have been accepted "
                    f"since.",
                    seen,
                    "Nothing was sent.",
                    context.ways_out,
                )
            )
        case never:  # Not covered: mypy shows that no case is left.
            assert_never(never)
    if not sent.in_doubt:
        return sent.record
    if sent.outcome == "Unknown":
        raise OutcomeUnknownError(sent.reason or "")
    raise RequestRejectedError(join_sentences(sent.reason, describe_repeat(again, context.ways_out)))


def _is_healthy(vm: VirtualMachine) -> bool:
    return vm.settled and vm.succeeded and vm.may_run
