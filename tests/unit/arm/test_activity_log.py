"""The activity log's documents: events, pages, and the URL that requests them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pulumi_azure_reimage.arm.activity_log import (
    ActivityLog,
    Event,
    Page,
    Status,
    earliest_start,
    log_url,
)
from pulumi_azure_reimage.arm.permissions import REIMAGE
from pulumi_azure_reimage.arm.resource_id import VirtualMachineId

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)

# The event of the Swagger's example GetActivityLogsFiltered.json (Azure/azure-rest-api-specs,
# specification/monitor/resource-manager/Microsoft.Insights/stable/2015-04-01), without its claims.
EXAMPLE: dict[str, Any] = {
    "authorization": {
        "action": "microsoft.support/supporttickets/write",
        "role": "Subscription Admin",
        "scope": "/subscriptions/089bd33f-d4ec-47fe-8ba5-0753aa5c5b33/resourceGroups/MSSupportGroup",
    },
    "caller": "admin@contoso.com",
    "correlationId": "1e121103-0ba6-4300-ac9d-952bb5d0c80f",
    "description": "",
    "eventDataId": "44ade6b4-3813-45e6-ae27-7420a95fa2f8",
    "eventName": {"value": "EndRequest", "localizedValue": "End request"},
    "httpRequest": {
        "clientRequestId": "27003b25-91d3-418f-8eb1-29e537dcb249",
        "clientIpAddress": "192.168.35.115",
        "method": "PUT",
    },
    "level": "Informational",
    "resourceGroupName": "MSSupportGroup",
    "operationId": "1e121103-0ba6-4300-ac9d-952bb5d0c80f",
    "operationName": {
        "value": "microsoft.support/supporttickets/write",
        "localizedValue": "microsoft.support/supporttickets/write",
    },
    "properties": {"statusCode": "Created"},
    "status": {"value": "Succeeded", "localizedValue": "Succeeded"},
    "subStatus": {"value": "Created", "localizedValue": "Created (HTTP Status Code: 201)"},
    "eventTimestamp": "2015-01-21T22:14:26.9792776Z",
    "submissionTimestamp": "2015-01-21T22:14:39.9936304Z",
}


def test_the_event_of_the_published_example_is_read() -> None:
    """Every field that the product uses is read."""
    event = Event.from_json(EXAMPLE)

    assert event == Event(
        operation_name="microsoft.support/supporttickets/write",
        status=Status.SUCCEEDED,
        http_status=201,
        correlation_id="1e121103-0ba6-4300-ac9d-952bb5d0c80f",
        client_request_id="27003b25-91d3-418f-8eb1-29e537dcb249",
        operation_id="1e121103-0ba6-4300-ac9d-952bb5d0c80f",
        caller="admin@contoso.com",
        time=datetime(2015, 1, 21, 22, 14, 26, 979277, tzinfo=UTC),
        event_id="44ade6b4-3813-45e6-ae27-7420a95fa2f8",
    )
    assert not event.is_reimage


@pytest.mark.parametrize("spelling", [REIMAGE, REIMAGE.upper(), REIMAGE.replace("action", "Action")])
def test_a_reimage_is_known_in_every_spelling(spelling: str) -> None:
    """ARM compares the names of operations without regard to case."""
    assert Event.from_json({"operationName": {"value": spelling}}).is_reimage


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Started", Status.STARTED),
        ("Accepted", Status.ACCEPTED),
        ("In progress", Status.IN_PROGRESS),
        ("InProgress", Status.IN_PROGRESS),
        ("succeeded", Status.SUCCEEDED),
        ("Failed", Status.FAILED),
        ("Cancelled", Status.CANCELED),
        ("Resolved", None),
        ("", None),
    ],
)
def test_a_status_is_read_in_every_spelling(word: str, status: Status | None) -> None:
    """An unknown word proves nothing."""
    assert Event.from_json({"status": {"value": word}}).status is status
    assert Event.from_json({"status": word}).status is status


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({"subStatus": {"value": "Conflict", "localizedValue": "Conflict (HTTP Status Code: 409)"}}, 409),
        ({"subStatus": {"value": "GatewayTimeout", "localizedValue": "Délai (HTTP Status Code: 504)"}}, 504),
        ({"subStatus": {"value": "GatewayTimeout"}}, 504),
        ({"subStatus": {"value": "Bad Request"}, "properties": {}}, None),
        ({"subStatus": {"value": ""}, "properties": {"statusCode": "BadRequest"}}, 400),
        ({"properties": {"statusCode": "429"}}, 429),
        ({"properties": {"statusCode": "Whatever"}}, None),
        ({"properties": {"statusCode": "42"}}, None),
        ({}, None),
    ],
)
def test_the_http_status_is_read_where_it_is(members: dict[str, object], status: int | None) -> None:
    """It is in brackets, or it is .NET's word for it, or a number."""
    assert Event.from_json(members).http_status == status


@pytest.mark.parametrize(
    ("word", "http_status", "refusal"),
    [
        ("Failed", 409, True),
        ("Failed", 403, True),
        ("Failed", 429, True),
        ("Failed", 408, False),
        ("Failed", 499, False),
        ("Failed", 500, False),
        ("Failed", 504, False),
        ("Failed", None, False),
        ("Started", 409, False),
        ("Accepted", 202, False),
    ],
)
def test_only_an_answer_that_started_nothing_is_a_refusal(
    word: str, http_status: int | None, *, refusal: bool
) -> None:
    """ARM also writes `Failed` for its own timeout, after which the resource provider may continue."""
    assert Event(status=Status(word), http_status=http_status).is_refusal is refusal


def test_the_reason_of_a_failure_is_read_from_its_json() -> None:
    """The log has the JSON as a string in the event's properties."""
    reason = '{"error":{"code":"OSProvisioningTimedOut","message":"The OS did not start."}}'

    error = Event.from_json({"properties": {"statusMessage": reason}}).error

    assert error is not None
    assert (error.code, error.message) == ("OSProvisioningTimedOut", "The OS did not start.")


@pytest.mark.parametrize("entry", [None, [], {}, {"status": 7, "operationName": [], "eventTimestamp": "?"}])
def test_what_is_unreadable_in_an_event_is_missing(entry: object) -> None:
    """A missing field proves nothing."""
    assert Event.from_json(entry) == Event()


@pytest.mark.parametrize(
    ("body", "page"),
    [
        ({"value": []}, Page(())),
        ({"value": [{"caller": "a"}]}, Page((Event(caller="a"),))),
        ({"value": [], "nextLink": "https://x"}, Page((), "https://x")),
        ({"value": [], "nextLink": ""}, Page(())),
        ({"value": [{"caller": "a"}, 7]}, Page((Event(caller="a"),), readable=False)),
        ({"value": {}}, Page((), readable=False)),
        ([], Page((), readable=False)),
        (None, Page((), readable=False)),
    ],
)
def test_a_page_knows_whether_it_could_be_read(body: object, page: Page) -> None:
    """The absence of an event on such a page proves nothing."""
    assert Page.from_body(body) == page


def test_events_are_put_in_order_and_duplicates_are_dropped() -> None:
    """The log promises neither order nor uniqueness. An event without a time comes first."""
    first = Event(time=NOON, event_id="1")
    second = Event(time=NOON + timedelta(seconds=1), event_id="2")
    unknown = Event()

    log = ActivityLog.from_events([second, first, second, unknown])

    assert log.events == (unknown, first, second)
    assert log.complete


def test_reimages_by_every_caller_are_listed() -> None:
    """Only those that were taken are listed, so that drift can name their caller."""
    taken = Event(REIMAGE, Status.ACCEPTED, caller="someone", time=NOON)
    others = [
        Event(REIMAGE, Status.FAILED, 409, time=NOON),
        Event(REIMAGE, Status.STARTED, time=NOON),
        Event("Microsoft.Compute/virtualMachines/restart/action", Status.SUCCEEDED, time=NOON),
    ]

    assert ActivityLog.from_events([*others, taken]).reimages == (taken,)


def test_the_url_selects_a_period_and_a_vm() -> None:
    """It has the filter that the Swagger allows, in UTC and with every character encoded."""
    vm_id = VirtualMachineId("s", "rg (ä)", "web")
    since = datetime(2026, 11, 25, 13, tzinfo=timezone(timedelta(hours=1)))

    url = log_url(vm_id, since, NOON + timedelta(seconds=0.5))

    split = urlsplit(url)
    assert split.path == "/subscriptions/s/providers/Microsoft.Insights/eventtypes/management/values"
    assert url.isascii()
    assert parse_qs(split.query) == {
        "api-version": ["2015-04-01"],
        "$filter": [
            (
                "eventTimestamp ge '2026-11-25T12:00:00.000000Z' and "
                "eventTimestamp le '2026-11-25T12:00:00.500000Z' and "
                "resourceUri eq '/subscriptions/s/resourceGroups/rg (ä)/providers/Microsoft.Compute/"
                "virtualMachines/web'"
            )
        ],
    }


def test_a_period_begins_where_the_log_does() -> None:
    """ARM answers 400 to an earlier start."""
    assert earliest_start(NOON - timedelta(days=2), NOON) == NOON - timedelta(days=2)
    assert earliest_start(NOON - timedelta(days=200), NOON) == NOON - timedelta(days=89)
