"""What ReimageOperation keeps: how far it got with the request that it was given, and what was last taken.

The keys are state format.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ..errors import ConfigurationError, OutcomeUnknownError, RequestRejectedError, UnreadableStateError
from ..json_reading import drop_none, get, get_str
from .look import Look
from .record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..errors import ReimageError

Outcome = Literal["Taken", "Withdrawn", "Rejected", "NotSent", "Unknown"]
_OUTCOMES: Mapping[str, Outcome] = {
    "Taken": "Taken",
    "Withdrawn": "Withdrawn",
    "Rejected": "Rejected",
    "NotSent": "NotSent",
    "Unknown": "Unknown",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """The state of one ReimageOperation.

    Attributes:
        request_id: The request that it was last given.
        outcome: The outcome of that: `Taken` (by Azure, or as a baseline), `Withdrawn` (the change was taken
            back before it was sent), `Rejected` (by Azure), `NotSent`, or `Unknown`.
        record: What was last taken, which is the base that later changes are compared with.
        look: The VM as it was before the next send for this request; None if nothing is in doubt.
        reason: Why it was not taken, as a sentence without secrets; None if nothing is in doubt.
        unsure: Whether another send of ours may have been under way when it proceeded.
        held: Why it could not proceed with the request that it was given, as a sentence without secrets. It
            changes nothing, so the next run decides again.
    """

    request_id: str
    outcome: Outcome
    record: Record
    look: Look | None = None
    reason: str | None = None
    unsure: bool = False
    held: str | None = None

    def holds(self, request_id: str) -> bool:
        """Report whether it could not proceed with a request."""
        return self.held is not None and (self.in_doubt or self.request_id != request_id)

    @property
    def in_doubt(self) -> bool:
        """Whether the request is still to be sent, as far as this run knows."""
        return self.outcome in ("Rejected", "NotSent", "Unknown")

    def as_error(self) -> ReimageError:
        """Return the error that says why the request was not taken, for ReimageResult to raise."""
        reason = self.reason or "The request was not taken."
        match self.outcome:
            case "NotSent":
                return ConfigurationError(reason)
            case "Rejected":
                return RequestRejectedError(reason)
            case _:
                return OutcomeUnknownError(reason)

    def redacted(self, redact: Callable[[str], str]) -> Operation:
        """Return it with its sentences redacted, because ARM may have quoted what it was sent."""
        reason = None if self.reason is None else redact(self.reason)
        return replace(self, reason=reason, held=None if self.held is None else redact(self.held))

    def to_state(self) -> dict[str, object]:
        """Return the operation under its state keys."""
        return drop_none(
            {
                "request_id": self.request_id,
                "outcome": self.outcome,
                "look": self.look.to_state() if self.look else None,
                "reason": self.reason,
                "unsure": self.unsure or None,
                "held": self.held,
                "record": self.record.to_state(),
            }
        )

    @classmethod
    def from_state(cls, state: object) -> Operation:
        """Read what `to_state` wrote.

        Raises:
            UnreadableStateError: it is not what this version wrote. Nothing is guessed from it.
        """
        outcome, request_id = _OUTCOMES.get(get_str(state, "outcome") or ""), get_str(state, "request_id")
        if outcome is None or request_id is None:
            raise UnreadableStateError("it has no operation")
        look = get(state, "look")
        operation = cls(
            request_id=request_id,
            outcome=outcome,
            record=Record.from_state(get(state, "record")),
            look=None if look is None else Look.from_state(look),
            reason=get_str(state, "reason"),
            unsure=get(state, "unsure") is True,
            held=get_str(state, "held"),
        )
        if operation.in_doubt and operation.look is None:
            raise UnreadableStateError("it has an outcome in doubt and no look at the VM")
        return operation
