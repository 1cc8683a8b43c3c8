"""Polling an operation until it ends, or until more polls are useless.

A single bad answer never ends a wait. What counts is how many of one kind come in a row, and for how long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arm.lro import DEFAULT_INTERVAL, Doubt, Inconclusive, StillRunning
from .run import VIEW_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..arm.lro import Link, PollStep
    from ..arm.response import Response
    from ..clock import Clock
    from .context import VmContext


@dataclass(frozen=True, slots=True)
class Patience:
    """After how many answers of one kind, over at least how many seconds, more polls are useless."""

    answers: float
    seconds: float = 0.0


WHILE_WAITING: Mapping[Doubt, Patience] = {
    Doubt.TRANSIENT: Patience(math.inf),
    # After this many seconds the VM itself shows that it is busy, and later how the operation ended.
    Doubt.UNREADABLE: Patience(5, seconds=VIEW_SECONDS),
    # 404 and 410: an operation that was just accepted can be unknown to the servers that are polled next.
    Doubt.GONE: Patience(2, seconds=120.0),
    Doubt.ELSEWHERE: Patience(1),
    Doubt.FORBIDDEN: Patience(3, seconds=VIEW_SECONDS),
    # Gateways were seen to answer a poll with 400, 405, 423, 425 or 499 while its operation continued.
    Doubt.HOPELESS: Patience(3, seconds=VIEW_SECONDS),
}
# ARM no longer knows an operation that ended long ago, and that is enough of an answer.
FOR_AN_EARLIER_ONE: Mapping[Doubt, Patience] = {**WHILE_WAITING, Doubt.GONE: Patience(1)}
# The throttling bucket "Get Operation" refills 15 a minute, and a server in trouble needs fewer requests:
# https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-throttling-errors
_LONGEST_BACKOFF = 30.0
_RUNNING_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class GivenUp:
    """More polls are useless. How the operation ended must be found out elsewhere, or later."""

    doubt: Doubt
    reason: str
    answer: Response | None = None


def poll_until_done(
    context: VmContext,
    link: Link,
    step: PollStep,
    patience: Mapping[Doubt, Patience],
    *,
    on_update: Callable[[StillRunning | Inconclusive], None],
) -> PollStep | GivenUp:
    """Poll until the operation ends.

    Returns:
        How it ended; or why more polls are useless; or, if the deadline came first, the last answer.
    """
    doubts = _Doubts(patience, context.clock)
    began = context.clock.monotonic()
    last_poll = False
    while isinstance(step, StillRunning | Inconclusive):
        if isinstance(step, StillRunning):
            link = step.link
            doubts.clear()
        elif doubts.are_enough(step.doubt):
            return GivenUp(step.doubt, step.reason, step.answer)
        if last_poll:
            break
        on_update(step)
        delay = max(step.delay, _shortest_pause(step, doubts.in_a_row, context.clock.monotonic() - began))
        # The deadline shortens the pause, and then there is one more poll, because it may have ended by then.
        context.pause(delay)
        step = context.arm.poll(link, context.ids)
        last_poll = context.remaining <= 0.0
    return step


def _shortest_pause(step: StillRunning | Inconclusive, in_a_row: int, waited: float) -> float:
    """Return the minimum number of seconds between two polls, even if `Retry-After` allows fewer.

    Each inconclusive answer doubles it. While the operation runs, it is a tenth of the time waited so far.
    """
    if isinstance(step, StillRunning):
        return min(waited * _RUNNING_SHARE, DEFAULT_INTERVAL)
    return min(1 << (in_a_row - 1), _LONGEST_BACKOFF)


class _Doubts:
    """The inconclusive answers since the last conclusive one."""

    def __init__(self, patience: Mapping[Doubt, Patience], clock: Clock) -> None:
        self._patience = patience
        self._clock = clock
        self._seen: dict[Doubt, tuple[int, float]] = {}

    @property
    def in_a_row(self) -> int:
        """How many there are."""
        return sum(count for count, _ in self._seen.values())

    def clear(self) -> None:
        """Forget them, because ARM gave a conclusive answer."""
        self._seen.clear()

    def are_enough(self, doubt: Doubt) -> bool:
        """Count one more, and return whether more polls are useless."""
        now = self._clock.monotonic()
        count, since = self._seen.get(doubt, (0, now))
        self._seen[doubt] = (count + 1, since)
        patience = self._patience[doubt]
        return count + 1 >= patience.answers and now - since >= patience.seconds
