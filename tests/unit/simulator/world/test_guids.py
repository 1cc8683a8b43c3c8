"""Names that repeat from run to run if there is a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import InventoryError, Simulator

from ..client import API_VERSION, World, status_url

if TYPE_CHECKING:
    from pathlib import Path

    from ..client import FakeNow


def life(simulator: Simulator, now: FakeNow, looks: int = 0) -> list[str]:
    """Reimage two machines, one of them twice, with some reads in between, and return all names."""
    world = World(simulator, now)
    simulator.add("web", os_disk="Delete")
    simulator.add("other")
    names = [simulator.machine("web").vm_id, simulator.machine("web").os_disk_name]
    for name in ("web", "other", "web"):
        for _ in range(looks):
            world.get(f"{simulator.machine(name).id}?{API_VERSION}")
        accepted = world.reimage_to_the_end(name)
        names += [simulator.machine(name).os_disk_name, status_url(accepted).partition("?")[0]]
    names.append(simulator.recreate("web").vm_id)
    return names


def test_a_seed_repeats_the_names_of_disks_machines_and_operations(now: FakeNow) -> None:
    """Other requests in between do not matter. Another seed gives other names."""
    with Simulator.in_memory(now=now, seed=7) as first:
        names = life(first, now)
    with Simulator.in_memory(now=now, seed=7) as second:
        again = life(second, now, looks=3)
    with Simulator.in_memory(now=now, seed=8) as third:
        others = life(third, now)

    assert again == names
    assert len(set(names)) == len(names)
    assert set(names) & set(others) == set()


def test_without_a_seed_no_name_repeats(now: FakeNow) -> None:
    """Azure behaves in the same way."""
    with Simulator.in_memory(now=now) as first, Simulator.in_memory(now=now) as second:
        assert set(life(first, now)) & set(life(second, now)) == set()


def test_a_reset_repeats_the_names_too(now: FakeNow) -> None:
    """The seed stays, unless the reset gives another."""
    with Simulator.in_memory(now=now, seed=7) as simulator:
        names = life(simulator, now)
        simulator.reset()
        again = life(simulator, now)
        simulator.reset(seed=8)
        others = life(simulator, now)

    assert again == names
    assert set(names) & set(others) == set()


def test_a_seed_can_be_in_the_inventory(tmp_path: Path) -> None:
    """Each state that is made from it then has the same names. An argument overrides it."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text('seed = 7\n[[machine]]\nname = "web"\n')
    disks = []
    for seed in (None, None, 8):
        with Simulator.open(inventory, in_memory=True, seed=seed) as simulator:
            disks.append(simulator.machine("web").os_disk_name)

    assert disks[0] == disks[1] != disks[2]


def test_a_seed_is_a_whole_number(tmp_path: Path) -> None:
    """The refusal names the key."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text('seed = "x"')

    with pytest.raises(InventoryError, match=r'machines\.toml: "seed" must be a whole number'):
        Simulator.open(inventory)
