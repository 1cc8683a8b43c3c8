"""What the activity log proves about a request: taken or not, how it ended, or nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pulumi_azure_reimage.arm.activity_log import ActivityLog, Event, Status
from pulumi_azure_reimage.arm.log_evidence import LogAnswer, NotSeen, Taken, Unclear, find_request
from pulumi_azure_reimage.arm.permissions import REIMAGE

BEGINNING = "3f6c"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)

STARTED = Event(REIMAGE, Status.STARTED, None, "3F6C-1", "3f6c-a", time=NOON, event_id="started")
ACCEPTED = replace(
    STARTED, status=Status.ACCEPTED, http_status=202, time=NOON + timedelta(seconds=1), event_id="accepted"
)
# The resource provider writes this event, and does not know the client's request.
RUNNING = replace(
    STARTED,
    status=Status.IN_PROGRESS,
    client_request_id=None,
    time=NOON + timedelta(seconds=9),
    event_id="run",
)
SUCCEEDED = replace(RUNNING, status=Status.SUCCEEDED, time=NOON + timedelta(seconds=60), event_id="succeeded")
FAILED = replace(SUCCEEDED, status=Status.FAILED, event_id="failed")
CANCELED = replace(SUCCEEDED, status=Status.CANCELED, event_id="canceled")
REFUSED = replace(FAILED, http_status=409, event_id="refused")
TIMED_OUT = replace(FAILED, http_status=504, event_id="timed out")
UNKNOWN = replace(FAILED, status=None, event_id="unknown")


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([], NotSeen()),
        ([STARTED, ACCEPTED], Taken(ACCEPTED)),
        ([ACCEPTED], Taken(ACCEPTED)),
        ([STARTED, RUNNING], Taken(RUNNING)),
        ([STARTED, SUCCEEDED], Taken(SUCCEEDED, Status.SUCCEEDED)),
        ([STARTED, ACCEPTED, SUCCEEDED], Taken(SUCCEEDED, Status.SUCCEEDED)),
        ([STARTED, ACCEPTED, FAILED], Taken(FAILED, Status.FAILED)),
        ([STARTED, ACCEPTED, REFUSED], Taken(REFUSED, Status.FAILED)),
        ([STARTED, ACCEPTED, CANCELED], Taken(CANCELED, Status.CANCELED)),
        ([SUCCEEDED, ACCEPTED, STARTED, ACCEPTED], Taken(SUCCEEDED, Status.SUCCEEDED)),
        ([STARTED, REFUSED], NotSeen((REFUSED,))),
        ([REFUSED], NotSeen((REFUSED,))),
        ([STARTED], Unclear("Azure logged that the request began, but not how it ended")),
        ([STARTED, TIMED_OUT], Unclear("Azure logged Failed (HTTP 504)")),
        ([STARTED, FAILED], Unclear("Azure logged Failed")),
        ([STARTED, UNKNOWN], Unclear("Azure logged an unknown status")),
    ],
)
def test_events_prove_what_they_say(events: list[Event], answer: LogAnswer) -> None:
    """A refusal proves that the request was not taken, and ARM's own timeout proves nothing."""
    assert find_request(ActivityLog.from_events(events), BEGINNING) == answer


@pytest.mark.parametrize(
    "foreign",
    [
        replace(ACCEPTED, correlation_id="other-3f6c", client_request_id=None),
        replace(ACCEPTED, correlation_id=None, client_request_id=None),
        replace(ACCEPTED, operation_name="Microsoft.Compute/virtualMachines/restart/action"),
    ],
)
def test_requests_of_others_prove_nothing(foreign: Event) -> None:
    """Their events have another id, no id, or another operation."""
    assert find_request(ActivityLog.from_events([foreign]), BEGINNING) == NotSeen()


def test_a_request_is_found_by_either_id_and_without_case() -> None:
    """ARM may give a request another correlation id, which its later events then have."""
    own = "9d1e"
    started = replace(STARTED, correlation_id=own, client_request_id="3F6C-A")
    ended = replace(SUCCEEDED, correlation_id=own.upper())
    without = replace(ACCEPTED, correlation_id=None)

    assert find_request(ActivityLog.from_events([started, ended]), "3f6C") == Taken(ended, Status.SUCCEEDED)
    assert find_request(ActivityLog.from_events([without]), BEGINNING) == Taken(without)


def test_one_send_that_was_taken_outweighs_those_that_were_refused() -> None:
    """Each send of a request has its own ids, all with the same beginning."""
    later = replace(REFUSED, correlation_id="3f6c-2", time=NOON + timedelta(hours=1), event_id="later")
    doubtful = replace(TIMED_OUT, correlation_id="3f6c-3", event_id="doubtful")

    taken = find_request(ActivityLog.from_events([STARTED, ACCEPTED, later, doubtful]), BEGINNING)
    in_doubt = find_request(ActivityLog.from_events([later, doubtful]), BEGINNING)

    assert taken == Taken(ACCEPTED)
    assert in_doubt == Unclear("Azure logged Failed (HTTP 504)")


def test_an_incomplete_log_proves_what_it_has_and_no_absence() -> None:
    """A refusal of one send does not prove that there was no other send."""
    for events in ([], [STARTED, REFUSED]):
        log = ActivityLog.from_events(events, complete=False)
        assert find_request(log, BEGINNING) == Unclear("the activity log could not be read completely")
    assert find_request(ActivityLog((ACCEPTED,), complete=False), BEGINNING) == Taken(ACCEPTED)


def test_an_empty_beginning_is_refused() -> None:
    """It would match any request."""
    with pytest.raises(ValueError, match="every id begins with an empty text"):
        find_request(ActivityLog((ACCEPTED,)), "")
