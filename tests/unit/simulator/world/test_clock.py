"""The clock of a simulated world, which a test can advance."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import Simulator, SimulatorError

from ..client import World, status_url

if TYPE_CHECKING:
    from pathlib import Path


def test_an_advanced_clock_ends_a_reimage(world: World) -> None:
    """No time passes on the host, and the operation says when it ended."""
    before = world.simulator.machine("kept").os_disk_name
    accepted = world.reimage("kept")
    world.simulator.advance(74)
    early = world.get(status_url(accepted)).json()
    world.simulator.advance(1)
    late = world.get(status_url(accepted)).json()

    assert (early["status"], late["status"]) == ("InProgress", "Succeeded")
    assert late["endTime"] == "2024-08-26T07:17:11.304804+00:00"
    assert world.simulator.machine("kept").os_disk_name != before


def test_an_operation_that_hangs_ends_after_ten_years(world: World) -> None:
    """So a test of a very patient client need not wait for years."""
    world.simulator.hang("kept")
    accepted = world.reimage("kept")
    world.simulator.advance(10 * 365 * 24 * 3600)

    assert world.get(status_url(accepted)).json()["status"] == "Succeeded"


def test_an_advanced_clock_fills_the_buckets_of_throttling(world: World) -> None:
    """12 updates of a VM are allowed at once, and 4 more in each minute."""
    answers = [world.reimage("kept").status for _ in range(13)]
    throttled = world.reimage("kept")
    world.simulator.advance(float(throttled.headers["retry-after"]))

    assert (answers[0], answers[-1]) == (202, 429)
    assert world.reimage("kept").status == 409  # It is not throttled, but the first one is still running.


def test_every_process_that_shares_the_state_has_the_advanced_time(world: World, tmp_path: Path) -> None:
    """It lasts until a reset."""
    host = world.now.time
    with Simulator.open(tmp_path / "machines.toml", now=world.now) as other:
        moved = world.simulator.advance(60)
        world.now.advance(5)
        seen = other.now()
        other.reset()

    assert moved == host + timedelta(seconds=60)
    assert seen == host + timedelta(seconds=65)
    assert world.simulator.now() == host + timedelta(seconds=5)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e12])
def test_a_clock_runs_neither_backwards_nor_out_of_dates(world: World, seconds: float) -> None:
    """The time stays as it was."""
    with pytest.raises(SimulatorError, match="the clock cannot be advanced by"):
        world.simulator.advance(seconds)

    assert world.simulator.now() == world.now.time


def test_a_clock_is_advanced_by_a_century_at_most(world: World) -> None:
    """The limit is for the total, because dates end with the year 9999."""
    for _ in range(10):
        world.simulator.advance(10 * 365 * 24 * 3600)

    with pytest.raises(SimulatorError, match="cannot be advanced by 1 seconds"):
        world.simulator.advance(1)


def test_whatever_happens_after_an_advance_has_the_advanced_time(world: World) -> None:
    """This holds for added or recreated machines, requests in the log, and changes of a machine."""
    then = world.simulator.advance(3600)
    created = [world.simulator.add("web"), world.simulator.recreate("kept")]
    changed = world.simulator.change("deleted", power="stopped")
    world.vm("web")

    assert {machine.time_created for machine in created} == {"2024-08-26T08:15:56.304804+00:00"}
    assert changed.os_disk_since == "2024-08-26T08:15:56.304804+00:00"
    assert world.simulator.requests()[-1].time == then
