"""What a refresh reports of a disk that others replaced: which one, which version, and who did it and when.

Rule: this is information for people. No decision uses this module, and nothing that it finds is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..arm.activity_log import NotReadable
from ..arm.client import ReadError
from ..errors import ConfigurationError
from ..json_reading import get_str, parse_time
from ..redact import redact
from ..sentences import join_sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..arm.activity_log import ActivityLog, Event
    from ..arm.virtual_machine import VirtualMachine
    from .context import VmContext

# Azure's servers have their own clocks.
_MARGIN = timedelta(minutes=5)
_LONGEST_CALLER = 200


@dataclass(frozen=True, slots=True)
class Drift:
    """A disk other than that of the last result.

    Attributes:
        text: What is known about it, as sentences.
        missing_right: The right that would have shown who did it, if the identity lacks it.
    """

    text: str
    missing_right: str | None = None


def describe_drift(context: VmContext, known: Mapping[str, object], vm: VirtualMachine) -> Drift:
    """Describe what has changed since the last result, and who changed it, as far as Azure shows that.

    Args:
        context: The VM.
        known: The last result, under its state keys.
        vm: The VM as it is.
    """
    changed = (
        f"VM {context.name} has {_describe(vm.disk.os_disk_id, vm.disk.image_version)}. This stack knew "
        f"{_describe(get_str(known, 'os_disk_id'), get_str(known, 'image_version'))}."
    )
    author = _find_author(context, known, vm)
    right = author.right if isinstance(author, NotReadable) else None
    known_author = author if isinstance(author, str) else None
    text = join_sentences(changed, known_author, "A refresh reports that as drift, and sends nothing.")
    return Drift(text, right)


def who_can_tell(right: str) -> str:
    """Return the sentence about a right that the identity lacks."""
    return (
        f"Azure's activity log shows who replaced a disk, but the identity may not read it. That requires "
        f"the right {right}, which the roles Reader and Monitoring Reader have."
    )


def _find_author(context: VmContext, known: Mapping[str, object], vm: VirtualMachine) -> str | NotReadable:
    """Return, as a sentence, who requested the last reimage and when."""
    since = parse_time(get_str(known, "completed_at")) or datetime.min.replace(tzinfo=UTC)
    until = (vm.read_at or context.clock.now()) + _MARGIN
    try:
        log = context.arm.activity_log(context.vm_id, since, until, context.ids)
    except (ReadError, ConfigurationError) as error:
        return f"Azure's activity log, which shows who did it, could not be read: {error}"
    return log if isinstance(log, NotReadable) else _name_author(log, get_str(known, "correlation_id"))


def _name_author(log: ActivityLog, ours: str | None) -> str:
    reimages = [event for event in log.reimages if ours is None or not _is_same(event.correlation_id, ours)]
    if not reimages:
        return (
            "Azure's activity log shows no other reimage. An event can take 20 minutes to appear there, and "
            "a disk can also be replaced without a reimage."
        )
    # A request and the end of its operation are separate events, and the first one is the request's.
    last = reimages[-1].correlation_id
    return _describe_request(next(event for event in reimages if event.correlation_id == last))


def _describe_request(event: Event) -> str:
    caller = redact(event.caller, limit=_LONGEST_CALLER) if event.caller else "a caller that is not named"
    when = f" at {event.time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if event.time else ""
    correlation = f" (correlation {redact(event.correlation_id)})" if event.correlation_id else ""
    return f"The last reimage in Azure's activity log was requested by {caller}{when}{correlation}."


def _describe(os_disk_id: str | None, version: str | None) -> str:
    name = (os_disk_id or "").rpartition("/")[2]
    return f"the OS disk {name or 'with an unknown name'} with image version {version or 'not known'}"


def _is_same(one: str | None, other: str) -> bool:
    return one is not None and one.casefold() == other.casefold()
