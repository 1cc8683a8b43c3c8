"""A simulator without a state file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import InventoryError, Simulator, SimulatorError

from ..client import World

if TYPE_CHECKING:
    from pathlib import Path

    from ..client import FakeNow


def test_a_machine_lives_in_memory(now: FakeNow) -> None:
    """It can be reimaged, and has the keys of an inventory."""
    with Simulator.in_memory(now=now, operation_seconds=75.0, location="westus") as simulator:
        before = simulator.add("web").os_disk_name
        World(simulator, now).reimage_to_the_end("web")
        after = simulator.machine("web")

    assert after.os_disk_name != before
    assert after.spec.location == "westus"


def test_an_inventory_without_a_state_file_leaves_its_folder_alone(tmp_path: Path) -> None:
    """Two of them are independent of each other."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text('[[machine]]\nname = "web"\n')
    with Simulator.open(inventory, in_memory=True) as one, Simulator.open(inventory, in_memory=True) as two:
        one.remove("web")

        assert [machine.name for machine in two.machines()] == ["web"]
        assert one.machines() == []
    assert [file.name for file in tmp_path.iterdir()] == ["machines.toml"]


def test_threads_share_it(now: FakeNow) -> None:
    """None of their changes is lost."""
    with Simulator.in_memory(now=now) as simulator, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: simulator.add(f"web-{number}"), range(40)))

        assert len(simulator.machines()) == 40


def test_no_configuration_leads_another_process_there() -> None:
    """It is refused before a program runs against an empty world."""
    with Simulator.in_memory() as simulator, pytest.raises(SimulatorError, match="the memory of one process"):
        simulator.config  # noqa: B018 - a property that refuses.


def test_a_key_that_is_not_understood_is_refused() -> None:
    """The message has another name in place of the file's."""
    with pytest.raises(InventoryError, match='in-memory inventory: unknown key "secs"'):
        Simulator.in_memory(secs=3)
