"""What people read later about a reimage: each decision, with its facts, its ids and its outcome.

Rule 1: only an update records. A preview predicts, and the update of the same change decides again.
Rule 2: every text passes `redact`. The URL of an operation and the request's parameters are never recorded.

No decision depends on a journal. Pulumi's state serves for that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

from ..arm.virtual_machine import VirtualMachine
from ..json_reading import drop_none
from ..redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ..arm.virtual_machine import DiskFacts
    from ..inputs.parameters import Cause
    from .record import Record
    from .request import Request

Event = Literal[
    "decided",
    "refused",
    "left as it is",
    "withdrawn",
    "fence",
    "doubt resolved",
    "sending",
    "answered",
    "still running",
    "ended",
    "failed",
    "repeated",
]

# None of Azure's words is longer.
_LONGEST_WORD = 200
# The path of a disk is shown as it is. `redact` would take it for an operation in a group named `operations`.
_DISK_ID = re.compile(
    r"/subscriptions/[^/?#\s]+/resourceGroups/[^/?#\s]+/providers/Microsoft\.Compute/disks/[^/?#\s]+",
    re.IGNORECASE,
)


class Facts(TypedDict, total=False):
    """What may be known when something happens.

    Attributes:
        request: The decision that it is about: its id, its kind and its causes.
        causes: Why a reimage is requested, as long as no decision records it.
        sent: The send that it is about: the ids by which Azure knows it, and the requested version.
        before: The VM before the reimage, as it was looked at or as state knows it.
        after: The VM afterwards.
        outcome: The outcome, in a word or two.
        reason: Why, as a sentence.
        attempt: How often the request was sent, including this time.
        seconds: How long it lasted.
    """

    request: Request
    causes: Sequence[Cause]
    sent: Record
    before: VirtualMachine | DiskFacts
    after: VirtualMachine | DiskFacts | None
    outcome: str
    reason: str | None
    attempt: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal.

    Attributes:
        time: When it happened, by the clock where Pulumi runs.
        event: What happened.
        vm_id: The ARM id of the VM.
        run_id: The id of the run of the engine, which distinguishes the lines of several runs.
        facts: What is known about it.
    """

    time: datetime
    event: Event
    vm_id: str
    run_id: str
    facts: Facts

    def to_json(self, secrets: Iterable[str] = (), request_id: str | None = None) -> dict[str, object]:
        """Return the line's members, without those that are not known.

        Args:
            secrets: What no text may show.
            request_id: The decision that it is about, if the facts do not name one.
        """
        facts = self.facts
        return drop_none(
            {
                "time": f"{self.time:%Y-%m-%dT%H:%M:%S}.{self.time.microsecond // 1000:03}Z",
                "event": self.event,
                "vm_id": self.vm_id,
                "run_id": self.run_id,
                "request_id": _word(request_id),
                **_describe_send(facts.get("sent")),
                "causes": _describe_causes(facts.get("causes", ()), secrets),
                **_describe_request(facts.get("request"), secrets),
                "before": _describe(facts.get("before")),
                "after": _describe(facts.get("after")),
                "attempt": facts.get("attempt"),
                "outcome": _word(facts.get("outcome")),
                "duration_seconds": _rounded(facts.get("seconds")),
                "reason": redact(reason, secrets) if (reason := facts.get("reason")) else None,
            }
        )


Journal = Callable[[Entry], None]
"""Keeps an entry. It never fails and never waits, because it may be called right after a request was sent."""


def no_journal(_: Entry) -> None:
    """Keep nothing. This is used unless the setting names a file."""


def _describe_request(request: Request | None, secrets: Iterable[str]) -> Mapping[str, object]:
    if request is None:
        return {}
    causes = _describe_causes(request.causes, secrets)
    return {"request_id": _word(request.id), "decision": request.kind, "causes": causes}


def _describe_causes(causes: Iterable[Cause], secrets: Iterable[str]) -> list[str] | None:
    return [redact(str(cause), secrets) for cause in causes] or None


def _describe_send(sent: Record | None) -> Mapping[str, object]:
    if sent is None:
        return {}
    return drop_none(
        {
            "request_id": _word(sent.request_id),
            "client_request_id": _word(sent.client_request_id),
            "correlation_id": _word(sent.correlation_id),
            "requested_version": _word(sent.requested_version),
        }
    )


def _describe(vm: VirtualMachine | DiskFacts | None) -> Mapping[str, object] | None:
    """Return what is known about a VM at one moment."""
    if not isinstance(vm, VirtualMachine):
        return None if vm is None else _describe_disk(vm)
    seen = {"provisioning_state": vm.provisioning_state, "power": vm.power, "etag": vm.etag}
    return drop_none({**_describe_disk(vm.disk), **{name: _word(text) for name, text in seen.items()}})


def _describe_disk(disk: DiskFacts) -> Mapping[str, object]:
    return drop_none(
        {
            "vm_unique_id": _word(disk.vm_unique_id),
            "os_disk_id": _disk_id(disk.os_disk_id),
            "image_version": _word(disk.image_version),
            "delete_option": _word(disk.delete_option),
            "ephemeral": disk.ephemeral,
        }
    )


def _word(text: str | None) -> str | None:
    """Return an id or a word that others chose; None if there is none."""
    return redact(text, limit=_LONGEST_WORD) if text else None


def _disk_id(text: str | None) -> str | None:
    return text if text and _DISK_ID.fullmatch(text) else _word(text)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
