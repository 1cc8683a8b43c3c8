"""What is said about a request that Azure refused, or that was not sent, or may not have been."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..arm.client import NotSent
from ..arm.error import arm_error
from ..arm.lro import Rejected, RetryLater, Started, Succeeded
from ..errors import OutcomeUnknownError, RequestRejectedError
from ..sentences import as_clause, join_sentences
from .doubt import Undecided
from .troubleshooting import advice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..arm.lro import PostStep
    from ..arm.response import Response
    from .context import VmContext
    from .doubt import Finding

# With shorter pauses, the requests would use up the throttling bucket "Update VM" (4 a minute).
_BUSY_PAUSE = 20.0
# After repeated refusals, requests are sent less and less often, even if `Retry-After` allows more.
_LONGEST_BACKOFF = 60.0
# A time later than this does not help the reader.
_LONGEST_FORESIGHT = 86_400.0
_CORRECT_IT = "Correct the cause, then run `pulumi up` again, which sends the request again."


def describe_answer(step: PostStep | NotSent, secrets: Iterable[str]) -> tuple[str, str | None]:
    """Return what the journal says about the answer to a request: in a word, and as a sentence."""
    if isinstance(step, Rejected | RetryLater):
        answer = step.answer
        error = arm_error(answer.body, answer.headers.get("content-type"), secrets=secrets)
        parts = (f"HTTP {answer.status}", error.code, error.text)
        return type(step).__name__, ": ".join(part for part in parts if part)
    if isinstance(step, Started):
        return "Accepted", None
    if isinstance(step, Succeeded):
        return "Done", None
    return "NotSent" if isinstance(step, NotSent) else "Unknown", step.reason


def is_busy(refusal: RetryLater) -> bool:
    """Report whether ARM refused because another operation runs on the VM."""
    return refusal.answer.status == HTTPStatus.CONFLICT


def pause_of(refusal: RetryLater) -> float:
    """Return after how many seconds the request may be sent again."""
    return max(refusal.delay, _BUSY_PAUSE) if is_busy(refusal) else refusal.delay


def back_off(refusal: RetryLater, times: int) -> RetryLater:
    """Return a refusal with a delay that doubles each time, unless ARM asks for a longer one.

    Args:
        refusal: What ARM answered.
        times: The number of refusals in this step, including this one.
    """
    shortest = min(1 << (times - 1), _LONGEST_BACKOFF)
    return replace(refusal, delay=max(refusal.delay, shortest))


def too_late(context: VmContext, refusal: RetryLater, secrets: Iterable[str]) -> RequestRejectedError | None:
    """Return the error if the next attempt would come after the deadline."""
    delay = pause_of(refusal)
    if delay <= context.remaining:
        return None
    at = context.clock.now() + timedelta(seconds=min(delay, _LONGEST_FORESIGHT))
    when = (
        f"The next attempt would be in {delay:.0f} s, after the timeout; "
        f"run `pulumi up` again then (at {at:%H:%M:%S} UTC)."
    )
    return rejected_error(context, refusal.answer, secrets, when)


def rejected_error(
    context: VmContext, answer: Response, secrets: Iterable[str], when: str = ""
) -> RequestRejectedError:
    """Return the error for a request that ARM refused.

    Args:
        context: The VM.
        answer: What ARM answered.
        secrets: What was sent and must not be shown, because Azure has quoted parameters in its errors.
        when: When it may be sent again, as a sentence.
    """
    error = arm_error(answer.body, answer.headers.get("content-type"), secrets=secrets)
    text = error.text or "no reason given."
    if answer.status < HTTPStatus.BAD_REQUEST:
        text = "the answer was an unexpected redirect, which is never followed."
    parts = (
        f"Azure refused to reimage {context.name}: {text}",
        advice(error, answer.status) or ("" if when else _CORRECT_IT),
        "The disk was not touched.",
    )
    return RequestRejectedError(
        join_sentences(*parts, when),
        code=error.code,
        http_status=answer.status,
        request_id=answer.request_id,
        correlation_id=answer.correlation_id,
    )


def not_sent(context: VmContext, reason: str) -> str:
    """Return what is said about a request that was not sent."""
    return (
        f"The reimage of {context.name} was not sent: Azure could not be reached ({as_clause(reason)}). "
        f"The disk was not touched; run `pulumi up` again when the connection works."
    )


def unknown_error(context: VmContext, reason: str, finding: Finding) -> OutcomeUnknownError:
    """Return the error for a request whose answer was lost."""
    seen = finding.seen if isinstance(finding, Undecided) else "The VM shows no sign that it started."
    return OutcomeUnknownError(
        join_sentences(
            f"The reimage of {context.name} may have started: the request was sent, and {reason}",
            seen,
            "Nothing more was sent. The next `pulumi up` finds out whether it was accepted.",
            context.ways_out,
        ),
        correlation_id=context.ids.correlation_id,
    )
