"""The activity log: who changed what, how it ended, and when the log shows it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from pulumi_azure_reimage.simulator import ConnectionCutError, ScriptError, SimulatorError

from ..client import API_VERSION, TOKEN, World

if TYPE_CHECKING:
    from pulumi_azure_reimage.simulator import Response

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
LOG = f"{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01"
SINCE = "eventTimestamp ge '2024-08-26T00:00:00Z'"
IDS = {"x-ms-correlation-request-id": "c-1", "x-ms-client-request-id": "r-1"}
REIMAGE = "Microsoft.Compute/virtualMachines/reimage/action"


def ask(world: World, filter_: str = SINCE, **query: str) -> Response:
    """Return the answer to a request for events."""
    further = "".join(f"&${name}={quote(value)}" for name, value in query.items())
    return world.get(f"{LOG}&$filter={quote(filter_)}{further}")


def events(world: World, filter_: str = SINCE) -> list[Any]:
    """Return the events that a filter shows, the oldest first."""
    answer = ask(world, filter_)
    assert answer.status == 200
    return list(reversed(answer.json()["value"]))


def statuses(world: World, filter_: str = SINCE) -> list[str]:
    """Return the statuses of the events, the oldest first."""
    return [event["status"]["value"] for event in events(world, filter_)]


def reimage(world: World, name: str = "kept", **headers: str) -> Response:
    """Request a reimage with ids that the test knows."""
    url = f"{world.simulator.machine(name).id}/reimage?{API_VERSION}"
    return world.send("POST", url, headers={**TOKEN, **IDS, **headers})


def lose(world: World) -> None:
    """Request a reimage whose answer may be lost."""
    with suppress(ConnectionCutError):
        reimage(world)


def _days_ago(world: World, days: int) -> str:
    return (world.now.time - timedelta(days=days)).isoformat()


def test_a_reimage_is_started_accepted_and_succeeded(world: World) -> None:
    """Each event is shown five minutes after it happened, and all three have the ids of the request."""
    reimage(world)
    world.now.advance(299)
    too_early = statuses(world)
    world.now.advance(1.001)
    begun = statuses(world)
    world.now.advance(75)
    all_of_them = events(world)

    assert (too_early, begun) == ([], ["Started", "Accepted"])
    assert [event["status"]["value"] for event in all_of_them] == ["Started", "Accepted", "Succeeded"]
    assert {event["correlationId"] for event in all_of_them} == {"c-1"}
    assert {event["httpRequest"]["clientRequestId"] for event in all_of_them} == {"r-1"}
    assert {event["operationName"]["value"] for event in all_of_them} == {REIMAGE}
    assert len({event["eventDataId"] for event in all_of_them}) == 3


def test_an_event_has_the_form_of_the_published_sample(world: World) -> None:
    """It has the keys, times in 100 ns with a Z, and the HTTP status of an answer."""
    reimage(world)
    world.now.advance(301)
    started, accepted = events(world)

    assert accepted["eventName"] == {"value": "EndRequest", "localizedValue": "End request"}
    assert started["eventName"]["value"] == "BeginRequest"
    assert accepted["subStatus"]["localizedValue"] == "Accepted (HTTP Status Code: 202)"
    assert accepted["properties"] == {"statusCode": "Accepted"}
    assert accepted["eventTimestamp"] == "2024-08-26T07:15:56.3058040Z"
    assert accepted["submissionTimestamp"] == "2024-08-26T07:20:56.3058040Z"
    assert accepted["resourceId"] == world.simulator.machine("kept").id
    assert accepted["resourceType"]["value"] == "Microsoft.Compute/virtualMachines"
    assert accepted["resourceGroupName"] == "RG-one"
    assert accepted["level"] == "Informational"
    sample = """authorization caller claims correlationId description eventDataId eventName httpRequest id
        level resourceGroupName resourceProviderName operationId operationName properties status subStatus
        eventTimestamp submissionTimestamp subscriptionId"""
    assert set(sample.split()) <= set(accepted)


def test_a_failed_operation_says_why(world: World) -> None:
    """The event uses the words of the operation's status."""
    world.simulator.fail("kept", "AllocationFailed", "No room.")
    reimage(world)
    world.now.advance(1000)
    failed = events(world)[-1]

    assert (failed["status"]["value"], failed["level"]) == ("Failed", "Error")
    error = json.loads(failed["properties"]["statusMessage"])["error"]
    assert error == {"code": "AllocationFailed", "message": "No room."}


@pytest.mark.parametrize("line", [None, 'POST kept: 409 Conflict "No."'])
def test_a_refused_reimage_has_failed(world: World, line: str | None) -> None:
    """It is refused by a lock, or by a script in the role of ARM."""
    if line is None:
        world.simulator.change("kept", lock="ReadOnly")
    else:
        world.simulator.script(line)
    refused = reimage(world)
    world.now.advance(301)
    started, failed = events(world)

    assert (started["status"]["value"], failed["status"]["value"]) == ("Started", "Failed")
    assert failed["subStatus"]["value"] == "Conflict"
    assert json.loads(failed["properties"]["statusMessage"]) == refused.json()


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ("drop on the way", []),
        ("503", []),
        ("drop after send", ["Started", "Accepted", "Succeeded"]),
        ("504 after send", ["Started", "Accepted", "Succeeded"]),
        ("deliver late 20", ["Started", "Accepted", "Succeeded"]),
    ],
)
def test_the_log_knows_what_arrived_and_not_what_its_client_heard(
    world: World, effect: str, expected: list[str]
) -> None:
    """This is its use when an answer is lost."""
    world.simulator.script(f"POST kept: {effect}")
    lose(world)
    world.now.advance(1000)

    assert statuses(world, f"{SINCE} and correlationId eq 'c-1'") == expected


def test_a_request_that_arrives_late_is_logged_when_it_arrives(world: World) -> None:
    """The time is Azure's."""
    world.simulator.deliver_late("kept", 20)
    lose(world)
    world.now.advance(1000)

    assert events(world)[0]["eventTimestamp"] == "2024-08-26T07:16:16.3048040Z"


def test_every_write_is_logged_and_no_read(world: World) -> None:
    """Each has the name of the action."""
    vm = world.simulator.machine("kept").id
    world.vm("kept")
    world.send("POST", f"{vm}/powerOff?{API_VERSION}")
    world.now.advance(75)
    world.send("PATCH", f"{vm}?{API_VERSION}", {"tags": {"a": "b"}})
    world.now.advance(75)
    world.send("DELETE", f"{vm}?{API_VERSION}")
    world.now.advance(1000)
    names = [event["operationName"]["value"] for event in events(world)]

    assert list(dict.fromkeys(names)) == [
        "Microsoft.Compute/virtualMachines/powerOff/action",
        "Microsoft.Compute/virtualMachines/write",
        "Microsoft.Compute/virtualMachines/delete",
    ]


def test_the_log_names_a_stranger_who_reimages(world: World) -> None:
    """The request log does not, because it holds what clients sent here."""
    old = world.simulator.machine("kept").os_disk_id
    world.simulator.reimage("kept", caller="someone@example.com")
    world.now.advance(400)
    caller = {event["caller"] for event in events(world)}

    assert caller == {"someone@example.com"}
    assert world.simulator.machine("kept").os_disk_id != old
    assert world.simulator.reimage_requests() == []


def test_a_stranger_is_refused_like_any_client(world: World) -> None:
    """The refusal has ARM's words."""
    world.simulator.reimage("kept")

    with pytest.raises(SimulatorError, match="the reimage of kept is refused: OperationNotAllowed: "):
        world.simulator.reimage("kept")


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("resourceUri eq '{vm}'", 3),
        ("resourceUri eq '{VM}/'", 3),
        ("resourceId eq '{vm}'", 3),
        ("resourceUri eq '{vm}2'", 0),
        ("correlationId eq 'c-1'", 6),
        ("correlationId eq 'c-2'", 0),
        ("resourceGroupName eq 'rg-ONE'", 6),
        ("resourceProvider eq 'Microsoft.Compute'", 6),
        ("resourceProvider eq 'Microsoft.Storage'", 0),
        ("eventTimestamp le '2024-08-26T07:15:57Z'", 4),
        ("eventTimestamp le 2024-08-26T07:15:57%2B00:00", 4),
        ("status eq 'Accepted' and caller eq '00000000-0000-0000-0000-00000000c11e'", 2),
        ("eventChannels eq 'Admin, Operation'", 6),
    ],
)
def test_a_filter_chooses_events(world: World, condition: str, count: int) -> None:
    """It can use what the specification allows, and what clients send in addition."""
    vm = world.simulator.machine("kept").id
    reimage(world)
    reimage(world, "deleted")
    world.now.advance(1000)
    condition = condition.format(vm=vm, VM=vm.upper()).replace("%2B", "+")

    assert len(events(world, f"{SINCE} and {condition}")) == count


@pytest.mark.parametrize(
    ("filter_", "message"),
    [
        # Recorded: Azure/azure-cli, test_activity_log_list_scenario.yaml.
        (
            "eventTimestamp ge 2018-01-01T00:00:00+00:00 and eventTimestamp le 2999-01-01T00:00:00+00:00",
            "The start time cannot be more than 90 days in the past.",
        ),
        ("", "The filter must have a start time: eventTimestamp ge '...'."),
        ("resourceUri eq '/a'", "The filter must have a start time: eventTimestamp ge '...'."),
        ("eventTimestamp ge 'yesterday'", "'yesterday' is not a time."),
        (f"{SINCE} or caller eq 'a'", None),
        (f"{SINCE} and contains(caller, 'a')", None),
        (f"{SINCE} and level eq 'Error'", "The filter on 'level' with 'eq' is not supported."),
        (f"{SINCE} and resourceUri eq '/a' and correlationId eq 'b'", None),
    ],
)
def test_a_filter_that_the_log_does_not_have_is_refused(
    world: World, filter_: str, message: str | None
) -> None:
    """The refusal has the recorded form, which is not inside an `error`."""
    answer = ask(world, filter_)
    body = answer.json()

    assert (answer.status, sorted(body), body["Code"]) == (400, ["Code", "Message"], "BadRequest")
    assert message is None or body["Message"] == message


def test_the_log_needs_a_right_of_its_own(world: World) -> None:
    """An identity that may reimage and read VMs, like a Virtual Machine Contributor, may not read it."""
    inventory = Path(world.simulator.config["azure-reimage:simulator"])
    inventory.write_text(f'actions = ["Microsoft.Compute/*"]\n{inventory.read_text()}')
    refused = ask(world)

    assert (refused.status, refused.json()["error"]["code"]) == (403, "AuthorizationFailed")
    assert "'Microsoft.Insights/eventtypes/values/read'" in refused.json()["error"]["message"]


def test_the_log_comes_in_pages(world: World) -> None:
    """The newest events come first, and events that arrive meanwhile do not move the pages."""
    for _ in range(60):
        reimage(world)
        world.now.advance(80)
    world.now.advance(1000)
    first = ask(world).json()
    reimage(world)
    world.simulator.set_activity_log_seconds(0)
    second = world.get(first["nextLink"]).json()
    rest = [*first["value"], *second["value"]]

    assert len(first["value"]) == 100
    assert "nextLink" not in second
    assert len({event["eventDataId"] for event in rest}) == len(rest) == 180
    times = [event["eventTimestamp"] for event in rest]
    assert times == sorted(times, reverse=True)


def test_an_invented_skip_token_is_refused(world: World) -> None:
    """It would show the first page again."""
    assert ask(world, skiptoken="7.1").json()["Code"] == "BadRequest"


def test_keys_can_be_selected(world: World) -> None:
    """Clients that need few keys do this."""
    reimage(world)
    world.now.advance(301)

    assert [sorted(event) for event in ask(world, select="status,caller").json()["value"]] == [
        ["caller", "status"]
    ] * 2


def test_the_lateness_is_set_for_a_world(world: World) -> None:
    """It can be set back to that of the inventory."""
    reimage(world)
    world.simulator.set_activity_log_seconds(1)
    world.now.advance(2)
    early = statuses(world)
    world.simulator.set_activity_log_seconds(None)

    assert (early, statuses(world)) == (["Started", "Accepted"], [])
    with pytest.raises(SimulatorError, match="cannot be -1 seconds late"):
        world.simulator.set_activity_log_seconds(-1)


def test_events_may_come_twice_or_later_still(world: World) -> None:
    """A script causes it. The copies are the same event."""
    reimage(world)
    world.now.advance(376)
    world.simulator.script(
        "activity 1: twice", "activity 2: stale 75", "activity 3: 500", "activity 4: body html"
    )
    twice = events(world)
    later = statuses(world)

    assert [event["status"]["value"] for event in twice] == [
        *("Started", "Started", "Accepted", "Accepted", "Succeeded", "Succeeded")
    ]
    assert len({event["eventDataId"] for event in twice}) == 3
    assert later == ["Started", "Accepted"]
    assert ask(world).status == 500
    assert ask(world).body.startswith(b"<html>")
    with pytest.raises(ScriptError, match="the activity log belongs to no VM"):
        world.simulator.script("activity kept: twice")


def test_events_are_kept_for_ninety_days(world: World) -> None:
    """The older of two reimages disappears when it exceeds that age."""
    reimage(world)
    world.now.advance(30 * 24 * 3600)
    reimage(world)
    world.now.advance(60 * 24 * 3600 + 10)

    assert len(events(world, f"eventTimestamp ge '{_days_ago(world, 90)}'")) == 3
    assert events(world, f"eventTimestamp ge '{_days_ago(world, 59)}'") == []


def test_another_subscription_has_its_own_log(world: World) -> None:
    """A subscription that does not exist has none."""
    other = "22222222-2222-2222-2222-222222222222"
    world.simulator.add("other", subscription_id=other)
    reimage(world)
    world.now.advance(1000)

    theirs = world.get(f"{LOG.replace('11111111-1111-1111-1111-111111111111', other)}&$filter={quote(SINCE)}")
    assert theirs.json()["value"] == []
