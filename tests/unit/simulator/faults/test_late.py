"""What comes late: the view of a VM, the end of an operation, and the request itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_azure_reimage.simulator import ConnectionCutError, ScriptError

from ..client import API_VERSION, World, code, status_url

VIEW = f"instanceView?{API_VERSION}"


def disk_name(world: World) -> str:
    """Return the OS disk that a client sees."""
    name: str = world.vm("kept")["properties"]["storageProfile"]["osDisk"]["name"]
    return name


def states(world: World) -> tuple[str, str]:
    """Return the provisioning state and the power state that a client sees."""
    statuses = world.get(f"{world.simulator.machine('kept').id}/{VIEW}").json()["statuses"]
    return statuses[0]["code"].split("/")[1], statuses[-1]["code"].split("/")[1]


def test_a_stale_view_shows_the_vm_as_it_was_that_long_ago(world: World) -> None:
    """At 80 s, the reimage of 75 s has ended. It was running 10 s ago, and had not begun 90 s ago."""
    old = disk_name(world)
    world.now.advance(60)
    world.simulator.script("GET 1 kept: stale 10", "GET 2 kept: stale 90")
    world.reimage("kept")
    world.now.advance(80)
    views = [world.vm("kept") for _ in range(3)]

    assert [view["properties"]["provisioningState"] for view in views] == [
        "Updating",
        "Succeeded",
        "Succeeded",
    ]
    assert [view["etag"] for view in views] == ['"3"', '"2"', '"4"']
    names = [view["properties"]["storageProfile"]["osDisk"]["name"] for view in views]
    assert names[:2] == [old, old]
    assert names[2] != old


def test_a_stale_instance_view_is_as_old_as_the_view(world: World) -> None:
    """The power state and the agent are those at that time."""
    world.reimage_to_the_end("kept")
    world.simulator.show_stale("kept", 5)

    assert states(world) == ("updating", "starting")
    assert states(world) == ("succeeded", "running")


def test_a_stale_view_goes_back_as_far_as_is_known(world: World) -> None:
    """The creation is the first state of a VM."""
    first = world.vm("kept")
    world.simulator.change("kept", data_disks=1)
    world.simulator.show_stale("kept", 1000)

    assert world.vm("kept") == first


def test_a_vm_that_was_deleted_is_still_there_in_a_stale_view(world: World) -> None:
    """It is gone in the next view."""
    url = f"{world.simulator.machine('kept').id}?{API_VERSION}"
    world.simulator.script("GET: stale 30")
    world.now.advance(60)
    world.simulator.remove("kept")

    assert [world.get(url).status for _ in range(2)] == [200, 404]


def test_old_states_of_a_vm_are_bounded(world: World) -> None:
    """Only the last sixteen changes are kept."""
    for count in range(1, 40):
        world.now.advance(60)
        world.simulator.change("kept", data_disks=count)
    world.simulator.show_stale("kept", 3600)

    assert len(world.vm("kept")["properties"]["storageProfile"]["dataDisks"]) == 23


def test_an_operation_may_end_before_its_vm_shows_it(world: World) -> None:
    """The status says Succeeded, the VM is updating with its old disk for a while."""
    old = disk_name(world)
    world.simulator.show_late("kept", 20)
    status = status_url(world.reimage_to_the_end("kept"))
    world.now.advance(19)
    before = (world.get(status).json()["status"], states(world)[0], disk_name(world) == old)
    world.now.advance(1)

    assert before == ("Succeeded", "updating", True)
    assert (states(world)[0], disk_name(world) == old) == ("succeeded", False)


def test_finish_brings_a_late_view_up_to_its_operation(world: World) -> None:
    """How the operation ended stays as it is."""
    world.simulator.script("reimage kept: show late 3600")
    status = status_url(world.reimage_to_the_end("kept"))
    ended = world.get(status).json()
    world.now.advance(10)

    assert world.simulator.finish("kept")
    assert states(world)[0] == "succeeded"
    assert world.get(status).json() == ended


@pytest.mark.parametrize(("seconds", "statuses"), [(10, [200, 404, 404]), (80, [200, 200, 404])])
def test_an_operation_may_be_forgotten_early(world: World, seconds: float, statuses: list[int]) -> None:
    """Both of its addresses are gone, and its VM continues."""
    old = disk_name(world)
    world.simulator.forget_operation("kept", seconds)
    accepted = world.reimage("kept")
    asked = []
    for wait in (9, 66, 5):
        world.now.advance(wait)
        asked.append(world.get(status_url(accepted)).status)

    assert asked == statuses
    assert world.get(accepted.headers["location"]).status == 404
    assert disk_name(world) != old


def test_a_running_vm_stops_and_starts_again_while_it_is_reimaged(world: World) -> None:
    """Its power state shows it. It is running before and after."""
    powers = [states(world)[1]]
    world.reimage("kept")
    for wait in (0, 37, 1, 37):
        world.now.advance(wait)
        powers.append(states(world)[1])

    assert powers == ["running", "stopping", "stopping", "starting", "running"]


def test_a_stopped_vm_has_nothing_to_stop(world: World) -> None:
    """The VM only starts."""
    world.simulator.change("kept", power="stopped")
    world.reimage("kept")
    first = states(world)[1]
    world.now.advance(60)

    assert (first, states(world)[1]) == ("stopped", "starting")


def test_the_agent_is_not_ready_at_once(world: World) -> None:
    """In a recording, it reports four seconds after the VM is ready."""
    url = f"{world.simulator.machine('kept').id}/{VIEW}"
    world.reimage_to_the_end("kept")
    first = world.get(url).json()
    world.now.advance(4)

    assert first["statuses"][0]["code"] == "ProvisioningState/succeeded"
    assert first["vmAgent"]["statuses"][0]["displayStatus"] == "Not Ready"
    assert world.get(url).json()["vmAgent"]["statuses"][0]["displayStatus"] == "Ready"


def test_a_request_may_arrive_after_its_client_gave_up(world: World) -> None:
    """The client gets no answer, nothing happens for a while, and then the request is carried out."""
    world.simulator.deliver_late("kept", 20)
    with pytest.raises(ConnectionCutError, match="timeout on the way"):
        world.reimage("kept", {"exactVersion": "24.04.1"})
    world.now.advance(19)
    before = states(world)
    world.now.advance(6)
    during = states(world)
    world.now.advance(70)

    assert (before, during) == (("succeeded", "running"), ("updating", "stopping"))
    assert world.simulator.machine("kept").image_version == "24.04.1"
    # It began when it arrived, and not when the VM was read.
    assert [disk.time_created[11:19] for disk in world.simulator.disks() if disk.managed_by].count(
        "07:16:16"
    ) == 1
    assert [post.status for post in world.simulator.reimage_requests()] == [None]


@pytest.mark.parametrize(
    ("effects", "answer"),
    [
        ("drop on the way, deliver late 20", "drop on the way"),
        ("deliver late 20, reset", "reset after send"),
        ("504, deliver late 20", "504"),
        ("deliver late 20, 202", "202"),
    ],
)
def test_what_a_client_sees_of_a_late_request_can_be_chosen(world: World, effects: str, answer: str) -> None:
    """It is a broken connection or a status."""
    world.simulator.script(f"POST kept: {effects}")
    try:
        seen = str(world.reimage("kept").status)
    except ConnectionCutError as cut:
        seen = str(cut)
    at_once = states(world)[0]
    world.now.advance(20)

    assert (seen, at_once, states(world)[0]) == (answer, "succeeded", "updating")


def test_a_late_request_is_refused_like_any_other(world: World) -> None:
    """Another reimage began in the meantime, so the late one is refused, and no client gets the refusal."""
    world.simulator.deliver_late("kept", 20)
    with pytest.raises(ConnectionCutError):
        world.reimage("kept")
    accepted = world.reimage("kept")
    world.now.advance(75)

    assert world.get(status_url(accepted)).json()["status"] == "Succeeded"
    assert world.simulator.machine("kept").etag == 4


def test_a_late_request_finds_its_way_through_a_restart_of_the_simulator(world: World) -> None:
    """The request is kept in the state, without its token."""
    world.simulator.deliver_late("kept", 20)
    with pytest.raises(ConnectionCutError):
        world.reimage("kept")
    inventory = Path(world.simulator.config["azure-reimage:simulator"])
    world.simulator.close()
    world.now.advance(30)

    with World.open(inventory, world.now) as again:
        assert again.simulator.machine("kept").provisioning_state == "Updating"


def test_only_a_get_can_be_stale(world: World) -> None:
    """Everything else is carried out now or late."""
    with pytest.raises(ScriptError, match='only a GET and the activity log can be "stale"'):
        world.simulator.script("POST kept: stale 30")


@pytest.mark.parametrize(
    "line",
    ["POST: deliver 20", "POST: deliver early 20", "GET: stale", "reimage: forget 3", "reimage: show late x"],
)
def test_half_a_phrase_is_refused(world: World, line: str) -> None:
    """The refusal quotes it."""
    with pytest.raises(ScriptError, match="is not understood"):
        world.simulator.script(line)


def test_a_second_reimage_during_a_late_view_is_a_conflict(world: World) -> None:
    """For the VM, the first one is still running."""
    world.simulator.show_late("kept", 20)
    world.reimage_to_the_end("kept")

    assert code(world.reimage("kept")) == "OperationNotAllowed"
