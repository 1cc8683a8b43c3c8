"""The simulator's activity log as the provider reads it. Each interprets the documents independently."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from pulumi_azure_reimage.arm.activity_log import ActivityLog, Event, Page, Status, log_url
from pulumi_azure_reimage.arm.resource_id import VirtualMachineId
from tests.unit.simulator.client import API_VERSION, BASE, TOKEN, FakeNow, World

if TYPE_CHECKING:
    from pathlib import Path

IDS = {"x-ms-correlation-request-id": "c-1", "x-ms-client-request-id": "r-1"}


def test_the_provider_reads_what_the_simulator_logs(tmp_path: Path) -> None:
    """There is a reimage that fails, one that is refused, and one by a stranger, with every event twice."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text('operation_seconds = 60\n[[machine]]\nname = "vm"')
    with World.open(inventory, FakeNow()) as world:
        begun, vm = world.now.time, world.simulator.machine("vm").id
        world.simulator.fail("vm", "AllocationFailed", "No room.")
        for _ in range(2):
            world.send("POST", f"{vm}/reimage?{API_VERSION}", headers={**TOKEN, **IDS})
            world.now.advance(1)
        world.now.advance(60)
        world.simulator.reimage("vm", caller="someone@example.com")
        world.now.advance(1000)
        world.simulator.script("activity: twice")
        url = log_url(VirtualMachineId.parse(vm), begun - timedelta(days=1), world.now.time)
        page = Page.from_body(world.get(f"{BASE}{url}").json())

    log = ActivityLog.from_events(page.events)
    ours = [event for event in log.events if event.correlation_id == "c-1"]
    assert (page.readable, len(page.events)) == (True, 16)
    assert all(event.is_reimage and event.time for event in log.events)
    assert [event.status for event in ours] == [
        *(Status.STARTED, Status.ACCEPTED, Status.STARTED, Status.FAILED, Status.FAILED)
    ]
    assert [event.client_request_id for event in ours] == ["r-1"] * 5
    assert [_told(event) for event in ours if event.status is Status.FAILED] == [
        (409, True, "OperationNotAllowed"),
        (None, False, "AllocationFailed"),
    ]
    assert [event.caller for event in log.reimages][-1] == "someone@example.com"


def _told(event: Event) -> tuple[int | None, bool, str | None]:
    return event.http_status, event.is_refusal, event.error.code if event.error else None


def test_the_recorded_refusal_has_its_recorded_form(tmp_path: Path) -> None:
    """Azure/azure-cli, test_activity_log_list_scenario.yaml, 2019-06-14."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text('[[machine]]\nname = "vm"')
    period = "eventTimestamp ge 2018-01-01T00:00:00+00:00 and eventTimestamp le 2999-01-01T00:00:00+00:00"
    path = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/microsoft.insights"
    with World.open(inventory, FakeNow()) as world:
        answer = world.get(
            f"{path}/eventtypes/management/values?api-version=2015-04-01&$filter={quote(period, safe='')}"
        )

    assert answer.status == 400
    assert (
        answer.body
        == b'{"Code":"BadRequest","Message":"The start time cannot be more than 90 days in the past."}'
    )
    assert answer.headers["content-length"] == "89"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
