"""What is running, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_azure_reimage.simulator.world.overview import MachineStatus

    from ..client import World


def status(world: World, name: str) -> MachineStatus:
    """Return the status of a machine."""
    (found,) = [found for found in world.simulator.overview().machines if found.machine.name == name]
    return found


def test_a_running_reimage_has_its_progress(world: World) -> None:
    """The progress follows the clock of the world."""
    world.reimage("kept")
    world.now.advance(30)
    running = status(world, "kept").running

    assert running is not None
    assert (running.fraction, running.seconds_left) == (0.4, 45.0)
    assert running.sentence() == "40%, 45 s left"
    assert status(world, "deleted").running is None


def test_a_reimage_that_hangs_has_no_end(world: World) -> None:
    """It does not show a percentage of ten years."""
    world.simulator.hang("kept")
    world.reimage("kept")
    running = status(world, "kept").running

    assert running is not None
    assert running.sentence() == "hangs until it is ended"
    assert running.to_json()["progress"] is None


def test_a_machine_is_written_for_programs_without_its_custom_data(world: World) -> None:
    """Custom data may hold secrets. Everything else in the inventory is there."""
    document = status(world, "deleted").to_json()

    assert document["name"] == "deleted"
    assert document["osDisk"]["name"].startswith("deleted_OsDisk_1_")
    assert document["operation"] is None
    assert document["settings"]["location"] == "westus"
    assert "custom_data" not in document["settings"]


def test_only_the_newest_requests_are_there(world: World) -> None:
    """The oldest comes first."""
    for name in ("kept", "deleted", "local"):
        world.vm(name)

    assert [request.name for request in world.simulator.overview(requests=2).requests] == ["deleted", "local"]
