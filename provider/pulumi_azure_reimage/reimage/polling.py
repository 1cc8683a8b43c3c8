"""Polling an operation until it ends, or until polling on is useless.

One bad answer never ends a wait: what counts is how many of one kind come in a row, and for how long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arm.lro import Doubt, Inconclusive, StillRunning
from .run import VIEW_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..arm.lro import Link, PollStep
    from ..clock import Clock
    from .context import VmContext


@dataclass(frozen=True, slots=True)
class Patience:
    """How many answers of one kind, over at least how many seconds, say that polling on is useless."""

    answers: float
    seconds: float = 0.0


WHILE_WAITING: Mapping[Doubt, Patience] = {
    Doubt.TRANSIENT: Patience(math.inf),
    Doubt.UNREADABLE: Patience(5),
    # An operation that was just accepted can be unknown to the servers that are polled next.
    Doubt.GONE: Patience(2, seconds=120.0),
    Doubt.FORBIDDEN: Patience(3),
    # Seen of gateways: 400, 405, 410, 423, 425 or 499 for a poll whose operation goes on. After so many
    # seconds the VM itself shows that it is busy.
    Doubt.HOPELESS: Patience(3, seconds=VIEW_SECONDS),
}
# Of an operation that ended long ago ARM knows nothing any more, and that is answer enough.
FOR_AN_EARLIER_ONE: Mapping[Doubt, Patience] = {
    **WHILE_WAITING,
    Doubt.GONE: Patience(1),
    Doubt.FORBIDDEN: Patience(1),
    Doubt.HOPELESS: Patience(1),
}


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Polling on is useless: how the operation ended must be found out elsewhere, or later."""

    doubt: Doubt
    reason: str


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
        How it ended; or why polling on is useless; or, if the deadline came first, the last answer.
    """
    doubts = _Doubts(patience, context.clock)
    last_poll = False
    while isinstance(step, StillRunning | Inconclusive):
        if isinstance(step, StillRunning):
            link = step.link
            doubts.clear()
        elif doubts.are_enough(step.doubt):
            return GivenUp(step.doubt, step.reason)
        if last_poll:
            break
        on_update(step)
        # At the deadline it is polled once more: it may have ended in the last pause.
        last_poll = context.remaining <= step.delay
        context.pause(step.delay)
        step = context.arm.poll(link, context.ids)
    return step


class _Doubts:
    """The answers that said nothing, since the last one that said something."""

    def __init__(self, patience: Mapping[Doubt, Patience], clock: Clock) -> None:
        self._patience = patience
        self._clock = clock
        self._seen: dict[Doubt, tuple[int, float]] = {}

    def clear(self) -> None:
        """Forget them: ARM said something."""
        self._seen.clear()

    def are_enough(self, doubt: Doubt) -> bool:
        """Count one more, and return whether polling on is useless."""
        now = self._clock.monotonic()
        count, since = self._seen.get(doubt, (0, now))
        self._seen[doubt] = (count + 1, since)
        patience = self._patience[doubt]
        return count + 1 >= patience.answers and now - since >= patience.seconds
