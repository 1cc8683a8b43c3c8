"""The `$filter` of the activity log: a period, and at most one subject of the events.

The grammar is that of activityLogs_API.json, api-version 2015-04-01 (Azure/azure-rest-api-specs): "No other
syntax is allowed." Clients also send a caller, a status, levels and channels, and times without quotation
marks (Azure/azure-cli, test_activity_log_list_scenario.yaml).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..http.messages import Response, json_response
from .errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TERM = re.compile(
    r"\s*(?P<name>\w+)\s+(?P<how>ge|le|eq)\s+(?P<value>'(?:[^']|'')*'|\S+)\s*(?:and\b|$)", re.IGNORECASE
)
_SUBJECTS = ("resourcegroupname", "resourceuri", "resourceid", "resourceprovider", "correlationid")
_FURTHER = ("caller", "status", "levels", "eventchannels")
KEPT = timedelta(days=90)


class ActivityLogError(ArmError):
    """The log refuses a request, in the recorded form, which has no `error` envelope."""

    def __init__(self, message: str) -> None:
        """Store the message."""
        super().__init__(400, "BadRequest", message)

    def response(self) -> Response:
        """Return the answer that a client gets."""
        return json_response(self.status, {"Code": self.code, "Message": self.message})


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Which events are requested. `conditions` are by name, and all in lower case."""

    since: datetime
    until: datetime
    conditions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, now: datetime) -> ActivityFilter:
        """Read a filter.

        Raises:
            ActivityLogError: It is not a valid filter, or begins too long ago.
        """
        since: datetime | None = None
        until, conditions = now, dict[str, str]()
        for name, how, value in _terms(text):
            if (name, how) == ("eventtimestamp", "ge"):
                since = _time(value)
            elif (name, how) == ("eventtimestamp", "le"):
                until = _time(value)
            elif name in (*_SUBJECTS, *_FURTHER) and how == "eq":
                conditions[name] = value.lower().rstrip("/")
            else:
                raise ActivityLogError(f"The filter on '{name}' with '{how}' is not supported.")
        if since is None:
            raise ActivityLogError("The filter must have a start time: eventTimestamp ge '...'.")
        if sum(name in _SUBJECTS for name in conditions) > 1:
            raise ActivityLogError(f"The filter can have only one of {', '.join(_SUBJECTS)}.")
        # Recorded (Azure/azure-cli, test_activity_log_list_scenario.yaml).
        if since < now - KEPT:
            raise ActivityLogError("The start time cannot be more than 90 days in the past.")
        return cls(since, until, conditions)


def _terms(text: str) -> list[tuple[str, str, str]]:
    terms, end = [], 0
    while end < len(text):
        found = _TERM.match(text, end)
        if found is None:
            raise ActivityLogError(f"The filter cannot be read: {text}")
        terms.append((found["name"].lower(), found["how"].lower(), _unquoted(found["value"])))
        end = found.end()
    return terms


def _unquoted(value: str) -> str:
    return value[1:-1].replace("''", "'") if value.startswith("'") else value


def _time(value: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except ValueError as error:
        raise ActivityLogError(f"'{value}' is not a time.") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
