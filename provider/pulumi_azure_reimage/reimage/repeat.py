"""A reimage that ended badly: whether it is repeated depends on what happened to the disk.

A disk that was rebuilt is never wiped again by itself. Anything else is repeated at most twice, each time
after a look that was saved with the failure, because a run in between may have repeated it and been killed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from ..errors import (
    OperationFailedError,
    OutcomeUnknownError,
    RequestRejectedError,
    UnreadableStateError,
)
from ..json_reading import get, get_str
from .doubt import Undecided, resolve_doubt
from .look import Look
from .record import Result
from .request import Request
from .send import Sending
from .troubleshooting import Disk
from .wait import wait_for_reimage

if TYPE_CHECKING:
    from ..inputs.parameters import DesiredReimage
    from .context import VmContext
    from .record import Record

_MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """How a reimage failed.

    Attributes:
        disk: What happened to the OS disk.
        text: What was said about it.
        attempt: How often it was sent.
        look: The VM afterwards: the look before the next send.
    """

    disk: Disk
    text: str
    attempt: int
    look: Look

    def to_state(self) -> dict[str, object]:
        """Return the failure under its state keys."""
        return {
            "disk": self.disk.name,
            "text": self.text,
            "attempt": self.attempt,
            "look": self.look.to_state(),
        }

    @classmethod
    def from_state(cls, state: object) -> Failure:
        """Read what `to_state` wrote.

        Raises:
            UnreadableStateError: it is not what this version wrote.
        """
        disk, attempt = get_str(state, "disk"), get(state, "attempt")
        if disk is None or disk not in Disk.__members__ or not isinstance(attempt, int | float):
            raise UnreadableStateError("it has a failure that cannot be read")
        return cls(
            Disk[disk], get_str(state, "text") or "", int(attempt), Look.from_state(get(state, "look"))
        )


@dataclass(frozen=True, slots=True)
class LookAgain:
    """The disk was rebuilt: it is only looked at whether the VM is healthy by now."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It was sent often enough."""


@dataclass(frozen=True, slots=True)
class SendAgain:
    """It is sent again, if the last repeat was not taken.

    Attributes:
        attempt: Which attempt that is.
    """

    attempt: int


RepeatDecision = LookAgain | GiveUp | SendAgain


def decide_repeat(failure: Failure) -> RepeatDecision:
    """Return what the next `pulumi up` does about a failure."""
    if failure.disk is Disk.REBUILT:
        return LookAgain()
    if failure.attempt >= _MOST_ATTEMPTS:
        return GiveUp()
    return SendAgain(failure.attempt + 1)


def describe_repeat(decision: RepeatDecision, ways_out: str) -> str:
    """Return what an error says about the next `pulumi up`."""
    match decision:
        case LookAgain():
            return (
                "The VM is not reimaged again by itself: the next `pulumi up` checks whether it is healthy. "
                f"{ways_out}"
            )
        case GiveUp():
            return f"It was sent {_MOST_ATTEMPTS} times and is not sent again by itself. {ways_out}"
        case SendAgain(attempt):
            return (
                f"The next `pulumi up` requests the reimage again (attempt {attempt} of {_MOST_ATTEMPTS}). "
                f"{ways_out}"
            )
        case never:
            assert_never(never)


def repeat_reimage(context: VmContext, record: Record, failure: Failure, desired: DesiredReimage) -> Result:
    """Go on after a failure.

    Args:
        context: The VM.
        record: The request that failed.
        failure: How it failed.
        desired: The parameters, and the guards of today.

    Raises:
        RefusedError: a guard or a rule forbids a repeat; nothing was sent.
        OutcomeUnknownError: nothing tells whether a repeat was taken; nothing was sent.
        RequestRejectedError: ARM refused the repeat.
        OperationFailedError: it failed again, or is not repeated.
        OperationStillRunningError: as `wait_for_reimage`.
    """
    match decide_repeat(failure):
        case LookAgain():
            vm = context.look()
            if vm.settled and vm.succeeded and vm.power in (None, "running", "starting"):
                context.warn(f"VM {context.name} is healthy now, so its reimage is recorded as successful.")
                return Result(
                    "Succeeded", record.before, vm.disk, correlation_id=record.correlation_id, recovered=True
                )
            raise OperationFailedError(
                f"{failure.text} It is not healthy yet ({vm.provisioning_state}, {vm.power}).",
                status="Failed",
                disk=failure.disk.name,
                correlation_id=record.correlation_id,
            )
        case GiveUp():
            raise OperationFailedError(failure.text, status="Failed", disk=failure.disk.name)
        case SendAgain():
            return _send_again(context, record, failure, desired)
        case never:
            assert_never(never)


def _send_again(context: VmContext, record: Record, failure: Failure, desired: DesiredReimage) -> Result:
    finding = resolve_doubt(context, failure.look)
    if isinstance(finding, Undecided):
        raise OutcomeUnknownError(
            f"The reimage of {context.name} failed before, and a repeat may have been accepted since: "
            f"{finding.seen}. Nothing was sent. {context.ways_out}"
        )
    request = Request(record.request_id, "Reimage", (), context.run.id, failure.look)
    sent = Sending(context, request, desired, None, unsure=False).send(guarded=False)
    if sent.in_doubt:
        raise RequestRejectedError(sent.reason or "")
    return wait_for_reimage(context, sent.record)
