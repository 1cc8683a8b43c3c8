"""A VM is started, stopped, restarted, redeployed, generalized, evicted and deleted, as in Azure."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.simulator.client import API_VERSION, World, code, status_url

POSTS = ("start", "powerOff", "deallocate", "restart", "redeploy", "reapply")


def _path(world: World, name: str, action: str = "") -> str:
    return f"{world.simulator.machine(name).id}{action and f'/{action}'}?{API_VERSION}"


def _power(world: World, name: str) -> str:
    view = world.get(_path(world, name, "instanceView")).json()
    return str(view["statuses"][-1]["code"])


def _state(world: World, name: str) -> str:
    return str(world.vm(name)["properties"]["provisioningState"])


@pytest.mark.parametrize("action", POSTS)
def test_a_post_is_accepted_with_both_urls_and_without_a_body(world: World, action: str) -> None:
    """As recorded in 2022, the answer has no `azure-asyncnotification`."""
    accepted = world.send("POST", _path(world, "kept", action))

    assert (accepted.status, accepted.body) == (202, b"")
    assert "monitor=true" in accepted.headers["location"]
    assert "azure-asyncnotification" not in accepted.headers
    assert accepted.headers["x-ms-ratelimit-remaining-resource"] == (
        "Microsoft.Compute/UpdateVMSubscriptionMaximum;1499,Microsoft.Compute/UpdateVMResource;11"
    )
    assert world.get(status_url(accepted)).json()["status"] == "InProgress"
    world.now.advance(75)
    assert world.get(status_url(accepted)).json()["status"] == "Succeeded"
    assert world.get(accepted.headers["location"]).status == 200


@pytest.mark.parametrize(
    ("before", "action", "during", "after"),
    [
        ("deallocated", "start", "starting", "running"),
        ("stopped", "start", "starting", "running"),
        ("running", "powerOff", "stopping", "stopped"),
        ("running", "deallocate", "deallocating", "deallocated"),
        ("stopped", "deallocate", "deallocating", "deallocated"),
        ("running", "restart", "running", "running"),
        ("running", "redeploy", "running", "running"),
        ("stopped", "reapply", "stopped", "stopped"),
    ],
)
def test_the_power_state_changes_on_the_way(
    world: World, before: str, action: str, during: str, after: str
) -> None:
    """The provisioning state is `Updating` meanwhile."""
    world.simulator.change("kept", power=before)

    world.send("POST", _path(world, "kept", action))
    meanwhile = (_state(world, "kept"), _power(world, "kept"))
    world.now.advance(75)

    assert meanwhile == ("Updating", f"PowerState/{during}")
    assert (_state(world, "kept"), _power(world, "kept")) == ("Succeeded", f"PowerState/{after}")


@pytest.mark.parametrize("action", POSTS)
def test_a_post_moves_the_time_of_the_disks_status_but_changes_neither_disk_nor_vm(
    world: World, action: str
) -> None:
    """The disk, the vmId and the time of the VM's creation stay the same, and the etag grows by two."""
    before, looked = world.vm("kept"), world.get(_path(world, "kept", "instanceView")).json()["disks"]
    world.now.advance(3600)

    world.send("POST", _path(world, "kept", action))
    world.now.advance(75)
    after, seen = world.vm("kept"), world.get(_path(world, "kept", "instanceView")).json()["disks"]

    assert seen[0]["name"] == looked[0]["name"]
    assert seen[0]["statuses"][0]["time"] > looked[0]["statuses"][0]["time"]
    assert (before.pop("etag"), after.pop("etag")) == ('"2"', '"4"')
    assert before == after


@pytest.mark.parametrize(
    ("settings", "action", "sentence"),
    [
        ({"power": "stopped"}, "restart", "The operation requires the VM to be running (or set to run)."),
        ({"power": "deallocated"}, "redeploy", "The operation requires the VM to be running"),
        ({"power": "deallocated"}, "powerOff", "since the VM is either deallocated or marked to be"),
        ({"generalized": True}, "start", "Operation 'start' is not allowed on VM 'kept' since the VM is gen"),
        ({}, "generalize", "Operation 'generalize' is not allowed on VM 'kept' since the VM is running."),
    ],
)
def test_a_post_that_the_condition_of_the_vm_forbids_is_refused(
    world: World, settings: dict[str, object], action: str, sentence: str
) -> None:
    """The answer is 409, and nothing changes."""
    world.simulator.change("kept", **settings)  # type: ignore[arg-type] # parametrized
    before = world.vm("kept")

    refused = world.send("POST", _path(world, "kept", action))

    assert (refused.status, code(refused)) == (409, "OperationNotAllowed")
    assert sentence in refused.json()["error"]["message"]
    assert world.vm("kept") == before


def test_an_ephemeral_disk_cannot_be_deallocated(world: World) -> None:
    """The disk would be lost."""
    refused = world.send("POST", _path(world, "local", "deallocate"))

    assert (refused.status, code(refused)) == (409, "OperationNotAllowed")
    assert "using an ephemeral OS disk" in refused.json()["error"]["message"]


@pytest.mark.parametrize("first", ["restart", "reimage"])
@pytest.mark.parametrize("second", ["restart", "reimage", "generalize", "simulateEviction", ""])
def test_a_second_operation_is_refused_while_one_runs(world: World, first: str, second: str) -> None:
    """This holds for all operations. The empty one is a DELETE."""
    world.simulator.change("kept", power="running" if second != "generalize" else "stopped")
    accepted = world.send("POST", _path(world, "kept", first if second != "generalize" else "reimage"))

    refused = world.send("POST" if second else "DELETE", _path(world, "kept", second))

    assert accepted.status == 202
    assert (refused.status, code(refused)) == (409, "OperationNotAllowed")
    name = second or "delete"
    assert refused.json()["error"]["message"] == (
        f"Operation '{name}' is not allowed on VM 'kept' since another operation is in progress."
    )


def test_a_stopped_vm_can_be_generalized_at_once(world: World) -> None:
    """The answer is 200, and the VM can no longer be started."""
    world.simulator.change("kept", power="stopped")

    answered = world.send("POST", _path(world, "kept", "generalize"))

    assert (answered.status, answered.body) == (200, b"")
    assert world.simulator.machine("kept").spec.generalized
    assert world.send("POST", _path(world, "kept", "start")).status == 409


def test_an_eviction_deallocates_the_vm(world: World) -> None:
    """The answer is 204, without an operation."""
    answered = world.send("POST", _path(world, "kept", "simulateEviction"))

    assert (answered.status, answered.body) == (204, b"")
    assert _power(world, "kept") == "PowerState/deallocated"


def test_the_agent_is_not_ready_before_its_time_after_a_start(world: World) -> None:
    """A reimage has the same effect."""
    world.simulator.change("kept", power="deallocated", agent_seconds=60.0)

    def agent() -> str:
        view = world.get(_path(world, "kept", "instanceView")).json()
        return str(view["vmAgent"]["statuses"][0]["displayStatus"])

    world.send("POST", _path(world, "kept", "start"))
    world.now.advance(75)
    started = agent()
    world.now.advance(60)

    assert (started, agent()) == ("Not Ready", "Ready")


@pytest.mark.parametrize(
    ("method", "action", "status"),
    [("PATCH", "", "Ready"), ("POST", "reapply", "Ready"), ("POST", "restart", "Not Ready")],
)
def test_the_agent_reports_unless_the_operating_system_stops(
    world: World, method: str, action: str, status: str
) -> None:
    """A change of tags does not stop it, but a restart does."""
    assert world.send(method, _path(world, "kept", action), {"tags": {}} if not action else None).status < 300

    agent = world.get(_path(world, "kept", "instanceView")).json()["vmAgent"]["statuses"][0]

    assert agent["displayStatus"] == status


def test_a_script_makes_an_operation_fail(world: World) -> None:
    """A start that finds no capacity leaves the VM deallocated and `Failed`."""
    world.simulator.change("kept", power="deallocated")
    world.simulator.script("operation kept: fail AllocationFailed")

    accepted = world.send("POST", _path(world, "kept", "start"))
    world.now.advance(75)

    assert world.get(status_url(accepted)).json()["error"]["code"] == "AllocationFailed"
    assert (_state(world, "kept"), _power(world, "kept")) == ("Failed", "PowerState/deallocated")


def test_a_script_for_the_reimage_leaves_other_posts_alone(world: World) -> None:
    """`POST` is the request for a reimage, the other POSTs are `action`, and a DELETE has its own word."""
    world.simulator.script("POST kept: 500", "action kept: 502", "DELETE kept: 503")

    answers = [
        world.send("DELETE", _path(world, "kept")).status,
        world.send("POST", _path(world, "kept", "restart")).status,
        world.reimage("kept").status,
    ]

    assert answers == [503, 502, 500]


# DELETE


def test_a_vm_is_deleted_by_a_long_running_operation(world: World) -> None:
    """As recorded, the answer is 202 with both URLs and no body. The VM is `Deleting`, and then gone."""
    accepted = world.send("DELETE", _path(world, "kept"))
    path = _path(world, "kept")
    meanwhile = _state(world, "kept")
    world.now.advance(75)

    assert (accepted.status, accepted.body) == (202, b"")
    assert accepted.headers["azure-asyncnotification"] == "Enabled"
    assert accepted.headers["x-ms-ratelimit-remaining-subscription-deletes"] == "199"
    assert "DeleteVMResource;11" in accepted.headers["x-ms-ratelimit-remaining-resource"]
    assert meanwhile == "Deleting"
    assert world.get(status_url(accepted)).json()["status"] == "Succeeded"
    assert code(world.get(path)) == "ResourceNotFound"
    assert "kept" not in [machine.name for machine in world.simulator.machines()]


@pytest.mark.parametrize(("name", "stays"), [("kept", True), ("deleted", False), ("local", False)])
def test_the_os_disk_stays_or_goes_with_its_vm(world: World, name: str, *, stays: bool) -> None:
    """The delete option decides. An ephemeral disk always goes."""
    disk = world.simulator.machine(name).os_disk_name
    world.send("DELETE", _path(world, name))
    world.now.advance(75)

    found = [kept for kept in world.simulator.disks() if kept.name == disk]

    assert [kept.managed_by for kept in found] == ([None] if stays else [])


def test_deleting_what_does_not_exist_is_204(world: World) -> None:
    """ARM's contract says so. A group that does not exist is an error."""
    path = _path(world, "kept")
    nothing = world.send("DELETE", path.replace("/kept?", "/none?"))
    nowhere = world.send("DELETE", path.replace("RG-one", "other"))

    assert (nothing.status, nothing.body) == (204, b"")
    assert (nowhere.status, code(nowhere)) == (404, "ResourceGroupNotFound")


@pytest.mark.parametrize("lock", ["CanNotDelete", "ReadOnly"])
def test_a_lock_stops_a_deletion(world: World, lock: str) -> None:
    """Either level stops it. Only `ReadOnly` stops a restart."""
    world.simulator.change("kept", lock=lock)

    refused = world.send("DELETE", _path(world, "kept"))
    restarted = world.send("POST", _path(world, "kept", "restart"))

    assert (refused.status, code(refused)) == (409, "ScopeLocked")
    assert "cannot perform delete operation" in refused.json()["error"]["message"]
    assert restarted.status == (202 if lock == "CanNotDelete" else 409)


@pytest.mark.parametrize("right", ["delete", "start/action"])
def test_each_operation_needs_its_own_right(world: World, right: str) -> None:
    """Other rights are not enough."""
    world.simulator.change("kept", actions=[f"Microsoft.Compute/virtualMachines/{right}"])
    requests = {"delete": ("DELETE", ""), "start/action": ("POST", "start"), "other": ("POST", "restart")}

    answers = {key: world.send(verb, _path(world, "kept", end)) for key, (verb, end) in requests.items()}

    assert {key for key, answer in answers.items() if answer.status != 403} == {right}


def test_a_deletion_can_be_conditional(world: World) -> None:
    """An etag that is not the VM's prevents it."""
    headers = {"authorization": "Bearer token", "if-match": '"1"'}

    refused = world.send("DELETE", _path(world, "kept"), headers=headers)
    accepted = world.send("DELETE", _path(world, "kept"), headers={**headers, "if-match": '"2"'})

    assert (refused.status, code(refused), accepted.status) == (412, "PreconditionFailed", 202)


def test_a_running_operation_is_not_lost_with_the_process(world: World) -> None:
    """Another simulator with the same inventory sees it end."""
    accepted = world.send("DELETE", _path(world, "deleted"))

    with World.open(Path(world.simulator.config["azure-reimage:simulator"]), world.now) as other:
        world.now.advance(75)
        ended = other.get(status_url(accepted)).json()["status"]
        names = [machine.name for machine in other.simulator.machines()]

    assert (ended, names) == ("Succeeded", ["kept", "local"])
