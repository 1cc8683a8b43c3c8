"""Machines in every condition: stopped, generalized, attached, locked, forbidden, in a scale set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ..client import API_VERSION, World, code

if TYPE_CHECKING:
    from pathlib import Path

    from ..client import FakeNow


def view_of(world: World, name: str) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
    """Return the instance view of a machine."""
    return world.get(f"{world.simulator.machine(name).id}/instanceView?{API_VERSION}").json()


def codes_of(world: World, name: str) -> list[str]:
    """Return the status codes of a machine's instance view."""
    return [status["code"] for status in view_of(world, name)["statuses"]]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"power": "deallocated"}, "since the VM is either deallocated or marked to be deallocated."),
        ({"generalized": True}, "since the VM is generalized."),
        ({"created_from": "Attach"}, "since the VM was not created from an image."),
    ],
)
def test_a_machine_that_cannot_be_reimaged_says_why(world: World, setting: Any, words: str) -> None:  # noqa: ANN401 - settings of several types.
    """The conflict has the code OperationNotAllowed, and nothing starts."""
    world.simulator.change("kept", **setting)
    refused = world.reimage("kept")

    assert (refused.status, code(refused)) == (409, "OperationNotAllowed")
    assert refused.json()["error"]["message"].endswith(words)
    assert world.simulator.machine("kept").provisioning_state == "Succeeded"


def test_a_stopped_machine_runs_after_its_reimage(world: World) -> None:
    """No source is known that forbids it."""
    world.simulator.change("kept", power="stopped")
    before = codes_of(world, "kept")
    world.reimage_to_the_end("kept")

    assert before == ["ProvisioningState/succeeded", "PowerState/stopped"]
    assert codes_of(world, "kept") == ["ProvisioningState/succeeded", "PowerState/running"]


def test_a_generalized_machine_says_so_in_its_instance_view(world: World) -> None:
    """The status is beside its power state."""
    world.simulator.change("kept", generalized=True, power="deallocated")

    assert codes_of(world, "kept") == [
        "ProvisioningState/succeeded",
        "OSState/generalized",
        "PowerState/deallocated",
    ]


def test_a_machine_of_a_specialized_image_has_no_os_profile_and_accepts_none(world: World) -> None:
    """It can be reimaged without one."""
    world.simulator.change("kept", created_from="Specialized")
    refused = world.reimage("kept", {"osProfile": {"adminPassword": "p4ssw0rd!"}})
    accepted = world.reimage("kept")

    assert "osProfile" not in world.vm("kept")["properties"]
    assert (refused.status, code(refused)) == (400, "InvalidParameter")
    assert refused.json()["error"]["message"] == "Parameter 'osProfile' is not allowed."
    assert accepted.status == 202


def test_a_machine_with_an_attached_disk_has_no_image(world: World) -> None:
    """Its disk shows that it was attached."""
    world.simulator.change("kept", created_from="Attach")
    storage = world.vm("kept")["properties"]["storageProfile"]

    assert "imageReference" not in storage
    assert storage["osDisk"]["createOption"] == "Attach"


def test_a_machine_of_a_scale_set_names_it(world: World) -> None:
    """The scale set is in the same resource group."""
    world.simulator.change("kept", scale_set="fleet")
    owner = world.vm("kept")["properties"]["virtualMachineScaleSet"]["id"]

    assert owner.endswith("/resourceGroups/RG-one/providers/Microsoft.Compute/virtualMachineScaleSets/fleet")


@pytest.mark.parametrize(("lock", "status"), [("ReadOnly", 409), ("CanNotDelete", 202)])
def test_only_a_read_only_lock_stops_a_reimage(world: World, lock: str, status: int) -> None:
    """A POST is a write. Reads still work."""
    world.simulator.change("kept", lock=lock)
    answer = world.reimage("kept")

    assert answer.status == status
    assert world.vm("kept")["name"] == "kept"


def test_a_lock_answers_with_its_scope(world: World) -> None:
    """The error has ARM's words."""
    world.simulator.change("kept", lock="ReadOnly")
    refused = world.reimage("kept")

    assert code(refused) == "ScopeLocked"
    assert (
        f"'{world.simulator.machine('kept').id}' cannot perform write" in refused.json()["error"]["message"]
    )


def test_a_failed_machine_says_so_until_a_reimage_succeeds(world: World) -> None:
    """Both of its documents say so, and a repair by hand ends it, too."""
    world.simulator.change("kept", failed=True)
    world.simulator.change("deleted", failed=True)
    before = (world.vm("kept")["properties"]["provisioningState"], codes_of(world, "kept")[0])
    world.reimage_to_the_end("kept")
    world.simulator.change("deleted", failed=False)

    assert before == ("Failed", "ProvisioningState/failed/OSProvisioningInternalError")
    for name in ("kept", "deleted"):
        assert world.vm(name)["properties"]["provisioningState"] == "Succeeded"
        assert codes_of(world, name)[0] == "ProvisioningState/succeeded"
        assert not world.simulator.machine(name).spec.failed


def test_a_machine_may_be_failed_from_its_creation(world: World) -> None:
    """It is failed again when it is created again."""
    world.simulator.add("lost", failed=True)
    world.simulator.recreate("lost")

    assert world.vm("lost")["properties"]["provisioningState"] == "Failed"


def test_a_machine_that_is_updating_fails_with_its_operation(world: World) -> None:
    """A setting does not end an operation."""
    world.reimage("kept")
    world.simulator.change("kept", failed=True)
    during = world.vm("kept")["properties"]["provisioningState"]
    world.now.advance(75)

    assert during == "Updating"
    assert world.vm("kept")["properties"]["provisioningState"] == "Succeeded"


def test_data_disks_are_attached_and_stay(world: World) -> None:
    """A reimage only affects the OS disk."""
    world.simulator.change("kept", data_disks=2)
    before = world.vm("kept")["properties"]["storageProfile"]["dataDisks"]
    world.reimage_to_the_end("kept")
    disks = world.simulator.machine("kept").id.replace("virtualMachines/kept", "disks/kept")

    assert before == world.vm("kept")["properties"]["storageProfile"]["dataDisks"]
    assert [(disk["lun"], disk["name"], disk["managedDisk"]["id"]) for disk in before] == [
        (0, "kept_DataDisk_0", f"{disks}_DataDisk_0"),
        (1, "kept_DataDisk_1", f"{disks}_DataDisk_1"),
    ]
    assert [disk["name"] for disk in view_of(world, "kept")["disks"]][1:] == [
        "kept_DataDisk_0",
        "kept_DataDisk_1",
    ]


def test_a_role_that_may_only_read_cannot_reimage(world: World) -> None:
    """The refusal names the action and the scope."""
    world.simulator.change("kept", actions=["*/read"])
    machine = world.simulator.machine("kept")
    refused = world.reimage("kept")
    message = refused.json()["error"]["message"]

    assert (refused.status, code(refused)) == (403, "AuthorizationFailed")
    assert "perform action 'Microsoft.Compute/virtualMachines/reimage/action'" in message
    assert f"over scope '{machine.id}'" in message
    assert world.vm("kept")["name"] == "kept"


def test_a_role_that_may_only_reimage_cannot_read(world: World) -> None:
    """Letter case is ignored."""
    world.simulator.change("kept", actions=["microsoft.compute/virtualmachines/REIMAGE/action"])
    read = world.get(f"{world.simulator.machine('kept').id}?{API_VERSION}")

    assert (read.status, code(read)) == (403, "AuthorizationFailed")
    assert world.reimage("kept").status == 202


def test_the_roles_of_the_inventory_hold_for_what_does_not_exist_too(tmp_path: Path, now: FakeNow) -> None:
    """ARM does not reveal to strangers what exists."""
    (tmp_path / "machines.toml").write_text('actions = ["*/reimage/action"]\n[[machine]]\nname = "one"')
    with World.open(tmp_path / "machines.toml", now) as world:
        machine = world.simulator.machine("one")
        nobody = world.get(f"{machine.id}2?{API_VERSION}")
        disk = world.get(f"{machine.os_disk_id}?api-version=2024-03-02")
        listed = world.get(f"{machine.id.rpartition('/')[0]}?{API_VERSION}")

    assert [code(answer) for answer in (nobody, disk, listed)] == ["AuthorizationFailed"] * 3


def test_a_failed_reimage_is_in_the_instance_view(world: World) -> None:
    """The status has the code of its provisioning error."""
    world.simulator.script("reimage kept: fail OSProvisioningTimedOut")
    world.reimage_to_the_end("kept")
    status = view_of(world, "kept")["statuses"][0]

    assert status["code"] == "ProvisioningState/failed/OSProvisioningTimedOut"
    assert status["level"] == "Error"
    assert "for VM 'kept' did not finish in the allotted time" in status["message"]


def test_the_agent_is_not_ready_during_a_reimage_and_a_while_after(world: World) -> None:
    """The guest is not reported meanwhile, either."""
    world.simulator.change("kept", agent_seconds=30)

    def agent() -> str:
        view = view_of(world, "kept")
        state: str = view["vmAgent"]["statuses"][0]["displayStatus"]
        assert ("osName" in view) == (state == "Ready")
        return state

    states = [agent()]
    world.reimage("kept")
    for seconds in (0, 75, 29, 1):
        world.now.advance(seconds)
        states.append(agent())

    assert states == ["Ready", "Not Ready", "Not Ready", "Not Ready", "Ready"]


def test_the_agent_may_never_be_ready_or_may_not_be_there(world: World) -> None:
    """Not every image has an agent."""
    world.simulator.change("kept", agent="NotReady")
    world.simulator.change("deleted", agent="Absent")

    assert view_of(world, "kept")["vmAgent"]["statuses"][0]["code"] == "ProvisioningState/Unavailable"
    assert "vmAgent" not in view_of(world, "deleted")
