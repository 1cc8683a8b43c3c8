"""The activity log as a witness of our requests. It is used if it can be read, and never required.

Each send has its own ids, which begin with those of its request and attempt, so the log is searched for that
prefix. The log can show whose reimage it was, and a look at the VM cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ..arm.activity_log import NotReadable
from ..arm.client import ReadError
from ..arm.log_evidence import LogAnswer, Unclear, find_request
from ..sentences import as_clause, join_sentences

if TYPE_CHECKING:
    from datetime import datetime

    from .context import VmContext

LOG_INTERVAL = 60.0
"""Seconds between two searches for an event that the log may still show."""

# Azure's servers have their own clocks.
_MARGIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NoWitness:
    """The log cannot be used, and waiting would not change that.

    Attributes:
        why: Why, as a sentence.
    """

    why: str


def ask_log(
    context: VmContext, beginning: str, since: datetime | None, until: datetime | None
) -> LogAnswer | NoWitness:
    """Search the activity log once for whether Azure accepted a request, and how it ended.

    Args:
        context: The VM.
        beginning: The prefix of the ids of the request.
        since: When the VM was looked at before the request, by Azure's clock.
        until: When the VM was last looked at, by Azure's clock.

    Raises:
        ConfigurationError: signing in failed.
    """
    if since is None or until is None:
        return NoWitness("The activity log could not be searched, because Azure's answers carry no date.")
    try:
        log = context.arm.activity_log(context.vm_id, since - _MARGIN, until + _MARGIN, context.ids)
    except ReadError as error:
        return Unclear(f"it could not be read ({as_clause(error.reason)})")
    if isinstance(log, NotReadable):
        return NoWitness(
            f"The activity log would show it, but the identity has no right to read that ({log.right})."
        )
    return find_request(log, beginning)


def describe(answer: LogAnswer | NoWitness) -> str:
    """Return, as a sentence, why the log did not decide."""
    match answer:
        case NoWitness(why):
            return why
        case Unclear(reason):
            return join_sentences(f"The activity log does not decide it: {reason}")
        case _:
            return "The activity log shows no end of it yet."
