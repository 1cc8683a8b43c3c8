"""What a failed reimage leaves: the old OS disk, a new one, or a broken machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.reimage.troubleshooting import KNOWN_ERRORS, Disk
from pulumi_azure_reimage.simulator import ScriptError
from pulumi_azure_reimage.simulator.faults.aftermath import Aftermath, aftermath_of

from ..client import API_VERSION, World, status_url

if TYPE_CHECKING:
    from pulumi_azure_reimage.simulator.faults.calls import Leaves

# Whether the disk is new, the power state, and the status of the VM agent.
UNTOUCHED = (False, "running", "Ready")
BROKEN = (True, "stopped", "Not Ready")


def left(world: World, name: str = "kept") -> tuple[bool, str, str]:
    """Reimage a machine that fails, and return its condition."""
    old = world.simulator.machine(name)
    status = status_url(world.reimage_to_the_end(name, {"exactVersion": "24.04.1"}))
    assert world.get(status).json()["status"] in {"Failed", "Canceled"}
    world.now.advance(4)  # As long as a healthy agent needs.
    machine = world.simulator.machine(name)
    new = machine.os_disk_id != old.os_disk_id
    assert machine.provisioning_state == "Failed"
    # The version belongs to the disk.
    assert machine.image_version == ("24.04.1" if new else old.image_version)
    view = world.get(f"{machine.id}/instanceView?{API_VERSION}").json()
    return new, machine.spec.power, view["vmAgent"]["statuses"][0]["displayStatus"]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ("fail InvalidParameter", UNTOUCHED),
        ("fail overconstrainedallocationrequest, disk untouched", UNTOUCHED),
        ("cancel", UNTOUCHED),
        ("fail OSProvisioningTimedOut", (True, "running", "Not Ready")),
        ("fail VMExtensionProvisioningError", (True, "running", "Ready")),
        ('fail AllocationFailed "No room.", new disk', (True, "running", "Not Ready")),
        ("new disk, cancel", (True, "running", "Not Ready")),
        ("fail AllocationFailed", BROKEN),
        ("fail", BROKEN),
        ("fail SomethingNew", BROKEN),
        ("fail OSProvisioningTimedOut, broken, take 10", BROKEN),
    ],
)
def test_a_failed_reimage_leaves_what_its_code_or_the_script_says(
    world: World, effect: str, expected: tuple[bool, str, str]
) -> None:
    """The provisioning state is Failed in any case."""
    world.simulator.script(f"reimage kept: {effect}")

    assert left(world) == expected


@pytest.mark.parametrize(
    ("leaves", "expected"),
    [("disk untouched", UNTOUCHED), ("broken", BROKEN), (None, (True, "running", "Not Ready"))],
)
def test_a_call_chooses_what_a_failure_leaves(
    world: World, leaves: Leaves | None, expected: tuple[bool, str, str]
) -> None:
    """Without a choice, the code decides."""
    world.simulator.fail("kept", "OSProvisioningTimedOut", leaves=leaves)

    assert left(world) == expected


def test_an_untouched_machine_stays_as_it_was_and_not_as_reimages_leave_it(world: World) -> None:
    """A stopped machine does not run because its reimage failed."""
    world.simulator.change("kept", power="stopped")
    world.simulator.fail("kept", "InvalidParameter")

    assert left(world) == (False, "stopped", "Not Ready")


@pytest.mark.parametrize(("name", "kept"), [("kept", True), ("deleted", False)])
def test_the_delete_option_decides_about_the_old_disk_when_the_new_one_fails(
    world: World, name: str, *, kept: bool
) -> None:
    """The new one is a disk like any other."""
    old = world.simulator.machine(name).os_disk_id
    world.simulator.fail(name, "OSProvisioningTimedOut")
    left(world, name)
    disks = {disk.id: disk.managed_by for disk in world.simulator.disks()}

    assert (old in disks) == kept
    assert disks[world.simulator.machine(name).os_disk_id] == world.simulator.machine(name).id


def test_the_reimage_after_a_broken_one_repairs_the_machine(world: World) -> None:
    """It runs, and its agent reports."""
    world.simulator.fail("kept", leaves="broken")
    left(world)
    world.reimage_to_the_end("kept")
    world.now.advance(60)
    machine = world.simulator.machine("kept")
    view = world.get(f"{machine.id}/instanceView?{API_VERSION}").json()

    assert (machine.provisioning_state, machine.spec.power) == ("Succeeded", "running")
    assert view["vmAgent"]["statuses"][0]["displayStatus"] == "Ready"


@pytest.mark.parametrize("effect", ["new disk", "disk untouched, take 5", "broken", "keep disk, broken"])
def test_what_a_failure_leaves_needs_a_failure(world: World, effect: str) -> None:
    """For a successful reimage, there are `keep disk` and `leave`."""
    with pytest.raises(ScriptError, match=r'is what a failure leaves, so it needs "fail" or "cancel"'):
        world.simulator.script(f"reimage kept: {effect}")


EXPECTED = {
    Disk.UNTOUCHED: {Aftermath.UNTOUCHED},
    Disk.IN_DOUBT: {Aftermath.BROKEN},
    Disk.UNKNOWN: {Aftermath.UNTOUCHED, Aftermath.NEW_DISK},
    Disk.REBUILT: {Aftermath.NEW_DISK},
}


@pytest.mark.parametrize(
    ("code", "disk"),
    [(code, known.disk) for known in KNOWN_ERRORS for code in known.codes],
)
def test_a_code_leaves_what_the_table_of_errors_says_of_it(code: str, disk: Disk) -> None:
    """The simulator has its own reading, and this test compares the two."""
    assert aftermath_of(code) in EXPECTED[disk]
