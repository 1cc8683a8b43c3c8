"""The times in the instance view change as recorded: they belong to statuses, and not to the disk."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.unit.simulator.client import API_VERSION, FakeNow, World

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORDING = Path(__file__).parent / "recordings" / "os_disk_status_time_moves.json"
MACHINES: list[Mapping[str, Any]] = json.loads(RECORDING.read_text())["machines"]
DISKS = "api-version=2024-03-02"
EXTENSION = {
    "location": "westeurope",
    "properties": {
        "publisher": "Microsoft.Azure.Extensions",
        "type": "CustomScript",
        "typeHandlerVersion": "2.1",
    },
}
# In one of two recordings of the same test, these did not change the time of the disk's status. The simulator
# always changes it, which a client must tolerate.
LEFT_AS_IT_WAS = {"2020-07-03": {"POST /start", "POST /restart", "POST /redeploy"}}


class Look(NamedTuple):
    """What a client sees: both times, the OS disk, the power state, and the age of the disk."""

    disk_time: str
    vm_time: str | None
    os_disk: str
    power: str
    disk_created: str


def look(world: World) -> Look:
    """Look at the machine and at its disk."""
    machine = world.simulator.machine("vm")
    view = world.get(f"{machine.id}/instanceView?{API_VERSION}").json()
    disk = world.get(f"{machine.os_disk_id}?{DISKS}").json()
    return Look(
        view["disks"][0]["statuses"][0]["time"],
        view["statuses"][0].get("time"),
        view["disks"][0]["name"],
        view["statuses"][-1]["code"].removeprefix("PowerState/"),
        disk["properties"]["timeCreated"],
    )


def carry_out(world: World, request: str) -> None:
    """Send a request of a recording."""
    vm = world.simulator.machine("vm").id
    method, path = request.split(" ", 1)
    changed = {**world.vm("vm"), "tags": {"a": "b"}}
    answer = {
        "PUT /extensions/…": lambda: world.send(method, f"{vm}/extensions/x?{API_VERSION}", EXTENSION),
        "DELETE /extensions/…": lambda: world.send(method, f"{vm}/extensions/x?{API_VERSION}"),
        "PUT (the VM)": lambda: world.send(method, f"{vm}?{API_VERSION}", changed),
    }.get(request, lambda: world.send(method, f"{vm}{path}?{API_VERSION}"))()
    assert answer.status in {200, 201, 202, 204}


@pytest.fixture
def world(tmp_path: Path) -> Any:  # noqa: ANN401 - a generator of worlds.
    """Return a world with one machine."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text('operation_seconds = 60\n[[machine]]\nname = "vm"')
    with World.open(inventory, FakeNow()) as opened:
        yield opened


@pytest.mark.parametrize(
    "recorded",
    MACHINES,
    ids=[f"{one['vm']} {one['looks'][0]['disk_time'][:10]}" for one in MACHINES],
)
def test_the_times_of_statuses_move_as_recorded(world: World, recorded: Mapping[str, Any]) -> None:
    """They change with each operation, on the same disk. The VM's status has none while one runs."""
    looks = recorded["looks"]
    seen = [look(world)]
    for before, after in pairwise(looks):
        for request in after["after"]:
            world.now.advance(30)
            carry_out(world, request)
            world.now.advance(0 if after["vm_time"] is None else 90)
        if not after["after"]:
            world.now.advance(90)
        seen.append(look(world))
        left = LEFT_AS_IT_WAS.get(after["disk_time"][:10], set()) & set(after["after"])
        moved = seen[-2].disk_time != seen[-1].disk_time
        assert left or (before["disk_time"] != after["disk_time"]) == moved
        if after["after"]:
            assert (after["vm_time"] is None) == (seen[-1].vm_time is None), after
            assert after["power"] == seen[-1].power
        assert after["vm_time"] is None or (seen[-1].vm_time or "") >= seen[-1].disk_time

    assert len({one.os_disk for one in seen}) == len({one.disk_created for one in seen}) == 1


def test_every_operation_that_was_recorded_is_replayed() -> None:
    """An extension, start, power off, restart, deallocate, redeploy, an eviction, and a PUT of the VM."""
    assert {request for one in MACHINES for seen in one["looks"] for request in seen["after"]} == {
        "PUT /extensions/…",
        "DELETE /extensions/…",
        "PUT (the VM)",
        "POST /start",
        "POST /powerOff",
        "POST /restart",
        "POST /deallocate",
        "POST /redeploy",
        "POST /simulateEviction",
    }


def test_a_reimage_moves_both_times_and_makes_another_disk(world: World) -> None:
    """The disk has the time of the operation's start, and the VM's status that of its end."""
    before = look(world)
    world.now.advance(100)
    world.reimage("vm")
    during = look(world)
    world.now.advance(60)
    after = look(world)

    assert (during.vm_time, during.disk_time) == (None, before.disk_time)
    assert before.os_disk != after.os_disk
    assert after.disk_created == after.disk_time == "2024-08-26T07:17:36.304804+00:00"
    assert after.vm_time == "2024-08-26T07:18:36.304804+00:00"
