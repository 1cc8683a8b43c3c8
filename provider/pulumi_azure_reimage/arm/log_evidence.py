"""What the activity log proves about our reimage request: whether Azure accepted it, and how it ended.

Rule 1: an event proves what it says. A missing event proves something only in a complete log, and only after
the time that an event may need to appear. The caller knows how long ago the request was sent.
Rule 2: every request has its own ids, which begin with the same text, and is found by that prefix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .activity_log import Status

if TYPE_CHECKING:
    from .activity_log import ActivityLog, Event


@dataclass(frozen=True, slots=True)
class Taken:
    """Azure accepted a request.

    Attributes:
        event: The event that shows it, or that shows how it ended.
        ended: How it ended; None if no event shows its end.
    """

    event: Event
    ended: Literal[Status.SUCCEEDED, Status.FAILED, Status.CANCELED] | None = None


@dataclass(frozen=True, slots=True)
class NotSeen:
    """The log is complete, and nothing in it shows that Azure accepted a request.

    Attributes:
        refusals: The events of requests that ARM refused.
    """

    refusals: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Unclear:
    """The log is inconclusive: it is incomplete, or it shows a request without a clear end."""

    reason: str


LogAnswer = Taken | NotSeen | Unclear


def find_request(log: ActivityLog, beginning: str) -> LogAnswer:
    """Return whether Azure accepted a reimage request, and how it ended.

    Args:
        log: The log of the VM.
        beginning: The prefix of the ids of the request; case is ignored. Several requests may have it, and
            the one that was accepted last counts.

    Raises:
        ValueError: the prefix is empty, so every request would match.
    """
    if not beginning:
        raise ValueError("every id begins with an empty text")
    requests = _requests(log, beginning.casefold())
    answers = [_judge(events) for events in requests]
    taken = [answer for answer in answers if isinstance(answer, Taken)]
    if taken:
        return taken[-1]
    if not log.complete:
        return Unclear("the activity log could not be read completely")
    unclear = [answer for answer in answers if isinstance(answer, Unclear)]
    if unclear:
        return unclear[-1]
    return NotSeen(tuple(event for events in requests for event in events if event.is_refusal))


def _requests(log: ActivityLog, beginning: str) -> list[list[Event]]:
    """Return the events of each of our requests.

    Every event of a request has its correlation id, and the events of a resource provider may have no other
    id. The client request id finds a request to which ARM gave a different correlation id.
    """
    ours: dict[str, list[Event]] = {}
    events = [event for event in log.events if event.is_reimage]
    for event in events:
        correlation = (event.correlation_id or "").casefold()
        if correlation.startswith(beginning) or _begins(event.client_request_id, beginning):
            ours[correlation or str(event.client_request_id).casefold()] = []
    for event in events:
        key = (event.correlation_id or event.client_request_id or "").casefold()
        if key in ours:
            ours[key].append(event)
    return list(ours.values())


def _judge(events: list[Event]) -> Taken | Unclear | None:
    """Return what the events of one request prove; None if it was refused."""
    proofs = [event for event in events if event.proves_taken]
    if proofs:
        return _end(events) or Taken(proofs[-1])
    ends = [event for event in events if event.status is not Status.STARTED]
    if not ends:
        return Unclear("Azure logged that the request began, but not how it ended")
    doubtful = [event for event in ends if not event.is_refusal]
    return Unclear(f"Azure logged {_describe(doubtful[-1])}") if doubtful else None


def _end(events: list[Event]) -> Taken | None:
    """Return how an accepted request ended; None if it has not."""
    for event in reversed(events):
        match event.status:
            case Status.SUCCEEDED | Status.FAILED | Status.CANCELED as status:
                return Taken(event, status)
            case _:
                continue
    return None


def _describe(event: Event) -> str:
    status = event.status.value if event.status else "an unknown status"
    return f"{status} (HTTP {event.http_status})" if event.http_status else status


def _begins(text: str | None, beginning: str) -> bool:
    return (text or "").casefold().startswith(beginning)
