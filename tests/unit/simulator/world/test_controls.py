"""What a test can do to the simulated world, and what it can find out about it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import InventoryError, Simulator, SimulatorError, UnknownMachineError

from ..client import API_VERSION, World, code, status_url

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_azure_reimage.simulator.inventory.specification import MachineSettings


def test_a_recreated_machine_has_a_new_identity_under_the_same_id(world: World) -> None:
    """It has a new vmId, a new time and a new OS disk."""
    old = world.simulator.machine("kept")
    world.now.advance(60)
    new = world.simulator.recreate("kept")

    assert world.simulator.machine("kept") == new
    assert new.id == old.id
    assert new.vm_id != old.vm_id
    assert new.time_created != old.time_created
    assert new.os_disk_id != old.os_disk_id


def test_an_operation_ends_canceled_when_its_machine_is_recreated(world: World) -> None:
    """Its end does not affect the new machine."""
    accepted = world.reimage("kept")
    new = world.simulator.recreate("kept")
    world.now.advance(75)
    status = world.get(status_url(accepted)).json()

    assert status["status"] == "Canceled"
    assert status["error"]["code"] == "OperationPreempted"
    assert world.simulator.machine("kept") == new


def test_a_removed_machine_is_not_found(world: World) -> None:
    """Neither a client nor a test finds it. Its group and its kept disk still exist."""
    machine = world.simulator.machine("kept")
    world.simulator.remove("kept")
    gone = world.get(f"{machine.id}?{API_VERSION}")
    disk = world.get(f"{machine.os_disk_id}?api-version=2024-03-02")

    assert code(gone) == "ResourceNotFound"
    assert disk.status == 200
    with pytest.raises(UnknownMachineError, match=r'"kept" \(known machines: deleted, local\)'):
        world.simulator.machine("kept")


def test_a_removed_machine_stays_removed_when_the_inventory_is_opened_again(
    world: World, tmp_path: Path
) -> None:
    """Deleting it was a command, and the state remembers."""
    world.simulator.remove("kept")

    with Simulator.open(tmp_path / "machines.toml") as again:
        assert [machine.name for machine in again.machines()] == ["deleted", "local"]


def test_a_machine_that_leaves_the_inventory_file_is_gone(world: World, tmp_path: Path) -> None:
    """An added machine stays, because the file never had it."""
    world.simulator.add("extra")
    (tmp_path / "machines.toml").write_text("# None is left.")

    with Simulator.open(tmp_path / "machines.toml") as again:
        assert [machine.name for machine in again.machines()] == ["extra"]


def test_an_added_machine_is_there_for_clients(world: World) -> None:
    """It has the defaults of the inventory."""
    world.simulator.add("extra", os_disk="Delete", operation_seconds=5)
    vm = world.vm("extra")
    accepted = world.reimage("extra")
    world.now.advance(5)

    assert "/resourceGroups/RG-one/" in vm["id"]
    assert vm["properties"]["storageProfile"]["osDisk"]["deleteOption"] == "Delete"
    assert world.get(status_url(accepted)).json()["status"] == "Succeeded"


def test_adding_a_machine_that_exists_is_refused(world: World) -> None:
    """A removed machine may be added again."""
    with pytest.raises(SimulatorError, match="exists"):
        world.simulator.add("KEPT")

    world.simulator.remove("kept")
    assert world.simulator.add("kept").name == "kept"


def test_adding_a_machine_with_a_wrong_setting_names_it(world: World) -> None:
    """The text is the same as for the inventory file."""
    with pytest.raises(
        InventoryError, match='machine "x": "os_disk" must be one of Detach, Delete, Ephemeral'
    ):
        world.simulator.add("x", os_disk="Lost")


def test_a_name_that_two_groups_have_needs_the_resource_id(world: World) -> None:
    """The refusal lists the ids."""
    other = world.simulator.add("kept", resource_group="rg-two")

    assert world.simulator.machine(other.id.upper()) == other
    with pytest.raises(UnknownMachineError, match=r"use the resource id: .*RG-one.*rg-two"):
        world.simulator.machine("kept")


def test_durations_are_set_for_one_machine_for_all_and_back(world: World) -> None:
    """The narrower setting wins."""

    def seconds(name: str) -> float:
        status = status_url(world.reimage(name))
        world.now.advance(100)
        answer = world.get(status).json()
        start, end = (datetime.fromisoformat(answer[key]) for key in ("startTime", "endTime"))
        return (end - start).total_seconds()

    world.simulator.set_operation_seconds(None, 5)
    world.simulator.set_operation_seconds("kept", 2)

    assert (seconds("kept"), seconds("deleted")) == (2, 5)
    world.simulator.set_operation_seconds("kept", None)
    assert seconds("kept") == 5
    world.simulator.set_operation_seconds(None, None)
    assert seconds("kept") == 75


def test_finish_ends_a_running_operation_now(world: World) -> None:
    """Without a running operation, it says so."""
    accepted = world.reimage("kept")

    assert world.simulator.finish("kept")
    assert world.get(status_url(accepted)).json()["status"] == "Succeeded"
    assert not world.simulator.finish("kept")


def test_a_reimage_cannot_take_less_than_no_time_or_forever(world: World) -> None:
    """A script can make one hang."""
    for seconds in (-1, float("inf"), float("nan")):
        with pytest.raises(SimulatorError, match="a reimage cannot take"):
            world.simulator.set_operation_seconds(None, seconds)


def test_an_operation_ends_quietly_when_its_machine_left_the_inventory(world: World, tmp_path: Path) -> None:
    """Its status can still be read."""
    accepted = world.reimage("kept")
    (tmp_path / "machines.toml").write_text("# None is left.")
    with World.open(tmp_path / "machines.toml", world.now) as again:
        again.now.advance(75)

        assert again.get(status_url(accepted)).json()["status"] == "Succeeded"
        assert again.simulator.machines() == []


def test_reset_starts_from_scratch(world: World) -> None:
    """Nothing that happened is left, and old operation URLs are invalid."""
    accepted = world.reimage("kept")
    world.simulator.add("extra")
    world.simulator.reset()

    assert world.simulator.requests() == []
    assert [machine.name for machine in world.simulator.machines()] == ["deleted", "kept", "local"]
    assert world.simulator.machine("kept").provisioning_state == "Succeeded"
    assert world.get(status_url(accepted)).status == 403


def test_a_changed_setting_counts_from_now_on(world: World) -> None:
    """A PATCH of deleteOption has the same effect."""
    old = world.simulator.machine("kept").os_disk_name
    world.simulator.change("kept", os_disk="Delete")
    world.reimage_to_the_end("kept")

    assert world.vm("kept")["properties"]["storageProfile"]["osDisk"]["deleteOption"] == "Delete"
    assert old not in [disk.name for disk in world.simulator.disks()]


def status_time(world: World) -> str:
    """Return the time of the OS disk's status in the instance view."""
    disks = world.get(f"{world.simulator.machine('kept').id}?{API_VERSION}&$expand=instanceView").json()[
        "properties"
    ]["instanceView"]["disks"]
    time: str = disks[0]["statuses"][0]["time"]
    return time


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"power": "deallocated"}, id="deallocated"),
        pytest.param({"power": "stopped"}, id="powered off"),
        pytest.param({"data_disks": 1}, id="changed"),
    ],
)
def test_a_change_of_the_vm_moves_the_time_of_its_os_disk(world: World, settings: MachineSettings) -> None:
    """As recorded, it is the time of a status and not the age of the disk."""
    machine, created = world.simulator.machine("kept"), status_time(world)
    world.now.advance(60)
    world.simulator.change("kept", **settings)
    changed = status_time(world)
    world.now.advance(60)
    world.simulator.change("kept", power="running", data_disks=0)

    assert created < changed < status_time(world)
    assert world.simulator.machine("kept").os_disk_id == machine.os_disk_id


def test_an_edit_of_the_inventory_file_moves_the_time_of_the_os_disk_too(
    world: World, tmp_path: Path
) -> None:
    """It is a change like any other."""
    inventory = tmp_path / "machines.toml"
    created = status_time(world)
    world.now.advance(60)
    inventory.write_text(inventory.read_text().replace('name = "kept"', 'name = "kept"\npower = "stopped"'))

    with World.open(inventory, world.now) as again:
        assert created < status_time(again)


def test_an_extension_moves_the_time_of_the_os_disk(world: World) -> None:
    """This happens when it is put and when it is deleted."""
    created = status_time(world)
    world.now.advance(60)
    changed = world.simulator.change_extension("kept")

    assert created < status_time(world)
    assert world.simulator.machine("kept") == changed


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"power": "running"}, id="no change"),
        pytest.param({"lock": "ReadOnly"}, id="a lock"),
        pytest.param({"agent": "NotReady"}, id="the agent"),
    ],
)
def test_what_requests_nothing_of_the_vm_leaves_the_time_of_its_os_disk(
    world: World, settings: MachineSettings
) -> None:
    """A lock is another resource, and what happens inside the VM is not a request."""
    created = status_time(world)
    world.now.advance(60)
    world.simulator.change("kept", **settings)

    assert status_time(world) == created


def test_a_changed_image_version_is_shown(world: World) -> None:
    """It looks as if the model of the machine had been updated."""
    world.simulator.change("kept", image_version="1.2.3")

    assert world.simulator.machine("kept").image_version == "1.2.3"


def test_the_resource_id_of_a_machine_cannot_be_changed(world: World) -> None:
    """Azure does not allow it either."""
    with pytest.raises(SimulatorError, match="resource_group is part of the resource id"):
        world.simulator.change("kept", resource_group="other")
