"""The activity log: the events of every write, which are late, as Azure's are.

Rule 1: a write that is answered at once has two events, `Started` and `Succeeded` or `Failed`. A write that
begins an operation has three: `Started`, `Accepted` with the 202, and the end of the operation.
Rule 2: an event appears `activity_log_seconds` after it happened (Azure: 3 to 20 minutes), and for 90 days.
Sources: the sample of activityLogs_API.json (Azure/azure-rest-api-specs, GetActivityLogsFiltered.json) for
the documents; https://learn.microsoft.com/azure/azure-monitor/platform/activity-log, for how late they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode
from uuid import NAMESPACE_URL, uuid5

from ..http.messages import Response, json_response
from ..world.activity import lateness
from . import permissions
from .activity_filter import KEPT, ActivityFilter, ActivityLogError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..world.operation import Operation
    from ..world.writes import Write
    from .context import Context
    from .paths import ActivityLogPath
    from .request import ArmRequest

API_VERSIONS = ("2015-04-01",)
# How many events Azure returns is not documented.
PAGE_SIZE = 100
# So that sorting by time keeps the events of a request in their order.
_TIME_TO_ANSWER = timedelta(milliseconds=1)
_FIRST_TICK = datetime(1, 1, 1, tzinfo=UTC)
_ISSUER = "https://sts.windows.net/00000000-0000-0000-0000-000000000000/"
_OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_SIGN_IN_NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a write. `phase` counts them."""

    write: Write
    phase: int
    time: datetime
    status: str
    http_status: int | None = None
    error: str = ""

    @property
    def key(self) -> tuple[datetime, int, int]:
        """The key by which events are sorted."""
        return self.time, self.write.number, self.phase

    def to_json(self, submitted: datetime) -> dict[str, Any]:
        """Return the event as the log shows it."""
        write = self.write
        event_id = str(uuid5(NAMESPACE_URL, f"{write.correlation_id}/{write.number}/{self.phase}"))
        ticks = (self.time - _FIRST_TICK) // timedelta(microseconds=1) * 10
        begins = self.status == "Started"
        return {
            "authorization": {"action": write.operation_name, "scope": write.resource},
            "caller": write.caller,
            "channels": "Operation",
            "claims": _claims(write.caller),
            "correlationId": write.correlation_id,
            "description": "",
            "eventDataId": event_id,
            "eventName": _text("BeginRequest", "Begin request")
            if begins
            else _text("EndRequest", "End request"),
            "category": _text("Administrative"),
            "httpRequest": {
                "clientRequestId": write.client_request_id,
                "clientIpAddress": "192.0.2.1",
                "method": write.method,
            },
            "id": f"{write.resource}/events/{event_id}/ticks/{ticks}",
            "level": "Error" if self.status == "Failed" else "Informational",
            "resourceGroupName": _part_after("resourceGroups", write.resource),
            "resourceProviderName": _text(write.operation_name.split("/")[0]),
            "resourceId": write.resource,
            "resourceType": _text(write.operation_name.removesuffix("/action").rpartition("/")[0]),
            "operationId": write.correlation_id,
            "operationName": _text(write.operation_name),
            "properties": self._properties(),
            "status": _text(self.status),
            "subStatus": _sub_status(self.http_status),
            "eventTimestamp": _timestamp(self.time),
            "submissionTimestamp": _timestamp(submitted),
            "subscriptionId": _part_after("subscriptions", write.resource),
        }

    def _properties(self) -> dict[str, str]:
        code = {} if self.http_status is None else {"statusCode": _word(self.http_status)}
        return {**code, **({"statusMessage": self.error} if self.error else {})}


def list_events(context: Context, request: ArmRequest, path: ActivityLogPath) -> Response:
    """Answer with the events that match a filter, the newest first.

    Raises:
        ArmError: ARM, or the log, refuses it.
    """
    context.check_request(request, API_VERSIONS, "eventtypes/values")
    scope = f"/subscriptions/{path.subscription_id}"
    permissions.check_action(permissions.READ_ACTIVITY_LOG, context.inventory.defaults.actions, scope)
    context.check_group(path.subscription_id, None)
    wanted = ActivityFilter.read(request.query.get("$filter", ""), context.now)
    late = lateness(context.records, context.inventory)
    visible = context.seen_at - late
    events = [
        event
        for write in context.records.writes(context.now - KEPT)
        if write.resource.lower().startswith(scope.lower())
        for event in _events(context, write)
        if wanted.since <= event.time <= min(wanted.until, visible) and _fits(event, wanted.conditions)
    ]
    events.sort(key=lambda event: event.key, reverse=True)
    return _page(request, [(_token(event), event.to_json(event.time + late)) for event in events])


def _events(context: Context, write: Write) -> Iterator[Event]:
    yield Event(write, 0, write.time, "Started")
    answered = write.time + _TIME_TO_ANSWER
    if write.operation_id is None:
        failed = write.status >= HTTPStatus.BAD_REQUEST
        yield Event(write, 1, answered, "Failed" if failed else "Succeeded", write.status, write.error)
        return
    yield Event(write, 1, answered, "Accepted", write.status)
    operation = context.records.operation(write.operation_id)
    if operation is not None and not operation.is_running(context.now):
        yield _end(write, operation)


def _end(write: Write, operation: Operation) -> Event:
    if operation.status == "Succeeded":
        return Event(write, 2, operation.ends_at, "Succeeded")
    # Inferred: no sample of a canceled operation is public, and the log has no such status.
    error = {"status": operation.status, "error": {"code": operation.code, "message": operation.message}}
    return Event(write, 2, operation.ends_at, "Failed", error=json.dumps(error))


def _fits(event: Event, conditions: Mapping[str, str]) -> bool:
    write = event.write
    # Channels and levels select nothing here, because every event is in the channel Operation.
    values = {
        "resourceuri": write.resource,
        "resourceid": write.resource,
        "resourcegroupname": _part_after("resourceGroups", write.resource),
        "resourceprovider": write.operation_name.split("/")[0],
        "correlationid": write.correlation_id,
        "caller": write.caller,
        "status": event.status,
    }
    return all(values[name].lower() == value for name, value in conditions.items() if name in values)


def _page(request: ArmRequest, events: list[tuple[str, dict[str, Any]]]) -> Response:
    after = request.query.get("$skiptoken")
    tokens = [token for token, _ in events]
    if after is not None and after not in tokens:
        raise ActivityLogError(f"The skip token '{after}' is not valid.")
    left = events if after is None else events[tokens.index(after) + 1 :]
    body: dict[str, Any] = {"value": [_selected(request, event) for _, event in left[:PAGE_SIZE]]}
    if len(left) > PAGE_SIZE:
        query = {**request.query, "$skiptoken": left[PAGE_SIZE - 1][0]}
        further = urlencode(query, quote_via=quote, safe="$")
        body["nextLink"] = f"{request.base}{request.url.path}?{further}"
    return json_response(200, body)


def _selected(request: ArmRequest, event: dict[str, Any]) -> dict[str, Any]:
    names = {name.strip().lower() for name in request.query.get("$select", "").split(",") if name.strip()}
    return {key: value for key, value in event.items() if not names or key.lower() in names}


def _token(event: Event) -> str:
    return f"{event.write.number}.{event.phase}"


def _claims(caller: str) -> dict[str, str]:
    who = {_SIGN_IN_NAME: caller} if "@" in caller else {_OBJECT_ID: caller, "appid": caller}
    return {"aud": "https://management.azure.com/", "iss": _ISSUER, "ver": "1.0", **who}


def _text(value: str, shown: str | None = None) -> dict[str, str]:
    return {"value": value, "localizedValue": shown or value}


def _sub_status(status: int | None) -> dict[str, str]:
    if status is None:
        return {"value": "", "localizedValue": ""}
    return _text(_word(status), f"{_word(status)} (HTTP Status Code: {status})")


def _word(status: int) -> str:
    known = status in {item.value for item in HTTPStatus}
    return (
        HTTPStatus(status).phrase.title().replace(" ", "")
        if known and status != HTTPStatus.OK
        else ("OK" if status == HTTPStatus.OK else str(status))
    )


def _part_after(name: str, resource: str) -> str:
    parts = resource.split("/")
    lower = [part.lower() for part in parts]
    return parts[lower.index(name.lower()) + 1] if name.lower() in lower else ""


def _timestamp(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"
