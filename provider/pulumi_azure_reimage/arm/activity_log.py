"""The activity log of a VM: who requested which operation, and how it ended.

The log's documents: https://learn.microsoft.com/rest/api/monitor/activity-logs/list and
https://github.com/Azure/azure-rest-api-specs/tree/main/specification/monitor, activityLogs_API.json.
An event appears 3 to 20 minutes late, possibly more than once, and is kept for 90 days:
https://learn.microsoft.com/azure/azure-monitor/platform/activity-log
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from ..json_reading import get, get_list, get_str, parse_time
from .error import ArmError, arm_error
from .permissions import REIMAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .resource_id import VirtualMachineId

API_VERSION = "2015-04-01"
READ = "Microsoft.Insights/eventtypes/values/read"
"""The right that reading the log needs. Reader and Monitoring Reader have it, and the role Virtual Machine
Contributor does not."""

# ARM refuses an earlier start: "The start time cannot be more than 90 days in the past." (recorded in
# Azure/azure-cli, test_activity_log_list_scenario.yaml). This is a day less, because clocks differ.
_KEPT = timedelta(days=89)

_IN_BRACKETS = re.compile(r"HTTP Status Code: (\d{3})\b", re.IGNORECASE)
_HTTP_WORDS = {re.sub(r"\W", "", status.phrase).casefold(): status.value for status in HTTPStatus}


class Status(Enum):
    """What an event reports about its request.

    The Swagger lists "Started, In progress, Succeeded, Failed, Resolved" as typical values. `Accepted` ends a
    request that was answered with 202, and comes before the end of the operation.
    """

    STARTED = "Started"
    ACCEPTED = "Accepted"
    IN_PROGRESS = "In progress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELED = "Canceled"


_STATUSES: Mapping[str, Status] = {
    **{status.value.replace(" ", "").casefold(): status for status in Status},
    "cancelled": Status.CANCELED,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the log. What is missing or unreadable in it is None.

    Attributes:
        operation_name: The action, such as `Microsoft.Compute/virtualMachines/reimage/action`.
        status: What the event reports.
        http_status: The HTTP status of the answer that the event is about, if it is about one.
        correlation_id: The id that all events of one request share.
        client_request_id: The request's `x-ms-client-request-id`.
        operation_id: The id that the events of one operation share.
        caller: Who sent the request: an e-mail address, or the object id of a service principal.
        time: When it happened, by Azure's clock.
        event_id: The event's own id, by which duplicates are recognized.
        error: Why it failed, as far as the event says.
    """

    operation_name: str | None = None
    status: Status | None = None
    http_status: int | None = None
    correlation_id: str | None = None
    client_request_id: str | None = None
    operation_id: str | None = None
    caller: str | None = None
    time: datetime | None = None
    event_id: str | None = None
    error: ArmError | None = None

    @classmethod
    def from_json(cls, entry: object, secrets: Callable[[], Iterable[str]] = tuple) -> Self:
        """Read one entry of the log. `secrets` returns what its error must not show."""
        reason = get_str(entry, "properties", "statusMessage")
        return cls(
            operation_name=_read_word(entry, "operationName"),
            status=_read_status(entry),
            http_status=_read_http_status(entry),
            correlation_id=get_str(entry, "correlationId"),
            client_request_id=get_str(entry, "httpRequest", "clientRequestId"),
            operation_id=get_str(entry, "operationId"),
            caller=get_str(entry, "caller"),
            time=parse_time(get(entry, "eventTimestamp")),
            event_id=get_str(entry, "eventDataId"),
            error=arm_error(reason.encode(), secrets=secrets()) if reason else None,
        )

    @property
    def is_reimage(self) -> bool:
        """Whether it is about a reimage of a VM."""
        return (self.operation_name or "").casefold() == REIMAGE.casefold()

    @property
    def proves_taken(self) -> bool:
        """Whether only a request that Azure accepted has such an event."""
        return self.status in (Status.ACCEPTED, Status.IN_PROGRESS, Status.SUCCEEDED)

    @property
    def is_refusal(self) -> bool:
        """Whether ARM answered the request with an error that means that nothing was started.

        The statuses are those of `lro.after_post`. A 504, for instance, is not one of them: ARM logs that the
        request failed, but the resource provider may have accepted it.
        """
        status = self.http_status or 0
        refused = 300 <= status < 500 and status not in (408, 499)  # noqa: PLR2004 - HTTP's own classes.
        return self.status in (Status.FAILED, Status.CANCELED) and refused


@dataclass(frozen=True, slots=True)
class ActivityLog:
    """What the log holds about a VM in a period.

    Attributes:
        events: The events, the earliest first, each once.
        complete: Whether these are all events. If not, an event that is missing here may exist.
    """

    events: tuple[Event, ...]
    complete: bool = True

    @classmethod
    def from_events(cls, events: Iterable[Event], *, complete: bool = True) -> Self:
        """Put events in order, without duplicates."""
        unique = {event.event_id or f"{number}": event for number, event in enumerate(events)}
        earliest = datetime.min.replace(tzinfo=UTC)
        return cls(tuple(sorted(unique.values(), key=lambda event: event.time or earliest)), complete)

    @property
    def reimages(self) -> tuple[Event, ...]:
        """The reimages by any caller that were accepted or that ended well, the earliest first."""
        return tuple(event for event in self.events if event.is_reimage and event.proves_taken)


@dataclass(frozen=True, slots=True)
class NotReadable:
    """The identity may not read the log.

    Attributes:
        reason: What ARM answered.
        right: The right that is missing.
    """

    reason: str
    right: str = READ


def log_url(vm_id: VirtualMachineId, since: datetime, until: datetime) -> str:
    """Return the URL of the first page of a VM's events, relative to the ARM endpoint.

    `$filter` allows a period and one more condition, and no other syntax.
    """
    condition = (
        f"eventTimestamp ge '{_timestamp(since)}' and eventTimestamp le '{_timestamp(until)}' "
        f"and resourceUri eq '{vm_id}'"
    )
    path = f"/subscriptions/{vm_id.subscription_id}/providers/Microsoft.Insights/eventtypes/management/values"
    # ARM accepts an encoded quote in the filter, and all its clients send one.
    return f"{path}?api-version={API_VERSION}&$filter={quote(condition)}"


def earliest_start(since: datetime, until: datetime) -> datetime:
    """Return `since`, or the earliest time before `until` that the log still covers."""
    return max(since, until - _KEPT)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the log.

    Attributes:
        next_link: The URL of the next page, as ARM wrote it.
        readable: Whether the page is a list of events.
    """

    events: tuple[Event, ...]
    next_link: str | None = None
    readable: bool = True

    @classmethod
    def from_body(cls, body: object, secrets: Callable[[], Iterable[str]] = tuple) -> Self:
        """Read ARM's answer. `secrets` returns what its errors must not show."""
        listed = get_list(body, "value")
        events = tuple(Event.from_json(entry, secrets) for entry in listed if isinstance(entry, Mapping))
        page = cls(events, get_str(body, "nextLink"))
        complete = isinstance(get(body, "value"), list) and len(events) == len(listed)
        return page if complete else replace(page, readable=False)


def _timestamp(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _read_word(entry: object, name: str) -> str | None:
    """Return the value of a localizable text, which the log writes as an object."""
    return get_str(entry, name, "value") or get_str(entry, name)


def _read_status(entry: object) -> Status | None:
    word = (_read_word(entry, "status") or "").replace(" ", "").casefold()
    return _STATUSES.get(word)


def _read_http_status(entry: object) -> int | None:
    """Return the HTTP status of an event: `Conflict (HTTP Status Code: 409)`, or its word or number alone."""
    named = _IN_BRACKETS.search(get_str(entry, "subStatus", "localizedValue") or "")
    if named:
        return int(named[1])
    word = _read_word(entry, "subStatus") or get_str(entry, "properties", "statusCode") or ""
    if re.fullmatch(r"[1-5]\d\d", word, re.ASCII):
        return int(word)
    return _HTTP_WORDS.get(word.casefold())
