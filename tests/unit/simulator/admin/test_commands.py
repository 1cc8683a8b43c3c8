"""The commands of the admin API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import Request

from ..client import API_VERSION, TOKEN, World, status_url

if TYPE_CHECKING:
    from .conftest import Admin


def test_health_says_the_version_the_time_and_how_many_machines_there_are(admin: Admin) -> None:
    """This is for programs that wait until a server is up."""
    assert admin.get("health") == {
        "status": "ok",
        "version": "0.1.0",
        "machines": 3,
        "time": "2024-08-26T07:15:56.304804+00:00",
    }


def test_machines_are_listed_with_disk_power_lock_and_operation(world: World, admin: Admin) -> None:
    """The list has all of them, or one by its name."""
    world.simulator.change("kept", lock="CanNotDelete", power="stopped")
    world.reimage("deleted")
    world.now.advance(15)
    (kept,) = admin.get("machines?name=KEPT")["machines"]
    (deleted,) = admin.get("machines?name=deleted")["machines"]

    assert len(admin.get("machines")["machines"]) == 3
    assert (kept["name"], kept["lock"], kept["power"], kept["operation"]) == (
        "kept",
        "CanNotDelete",
        "stopped",
        None,
    )
    assert deleted["operation"]["kind"] == "reimage"
    assert (deleted["operation"]["progress"], deleted["operation"]["secondsLeft"]) == (0.2, 60)
    assert deleted["osDisk"]["name"] == world.simulator.machine("deleted").os_disk_name


def test_disks_are_listed_with_those_that_were_kept(world: World, admin: Admin) -> None:
    """A kept disk belongs to no machine."""
    before = world.simulator.machine("kept").os_disk_name
    world.reimage_to_the_end("kept")
    owners = {disk["name"]: disk["managed_by"] for disk in admin.get("disks")["disks"]}

    assert owners[before] is None
    assert len([owner for owner in owners.values() if owner]) == 3


def test_a_reset_starts_again(world: World, admin: Admin) -> None:
    """With a seed, the names are the same after each reset."""
    world.simulator.remove("kept")
    first = admin.post("reset", seed=7)
    disk = world.simulator.machine("kept").os_disk_name
    admin.post("reset")

    assert first["machines"] == 3
    assert world.simulator.machine("kept").os_disk_name == disk


def test_a_machine_is_added_changed_recreated_and_removed(world: World, admin: Admin) -> None:
    """Settings have the names of the inventory's keys, and values have JSON types."""
    added = admin.post("add", name="web", os_disk="Delete", data_disks=2, image={"sku": "minimal"})
    changed = admin.post("change", name="web", power="stopped", generalized=True)
    recreated = admin.post("recreate", name="web")
    removed = admin.post("remove", name=added["id"])

    assert (added["settings"]["data_disks"], added["settings"]["image"]["sku"]) == (2, "minimal")
    assert (changed["power"], changed["settings"]["generalized"]) == ("stopped", True)
    assert recreated["vmId"] != added["vmId"]
    assert removed == {"removed": added["id"]}
    assert len(world.simulator.machines()) == 3


def test_time_is_advanced(world: World, admin: Admin) -> None:
    """Operations end when their time has passed."""
    accepted = world.reimage("kept")
    answer = admin.post("advance", seconds=75)

    assert answer == {"time": "2024-08-26T07:17:11.304804+00:00"}
    assert world.get(status_url(accepted)).json()["status"] == "Succeeded"


@pytest.mark.parametrize(("canceled", "status"), [(False, "Failed"), (True, "Canceled")])
def test_the_next_reimage_can_fail(world: World, admin: Admin, canceled: bool, status: str) -> None:  # noqa: FBT001 - a case
    """The fault waits in the script until then, and a running reimage can be ended now."""
    waiting = admin.post("fail", name="kept", code="AllocationFailed", message="No room.", canceled=canceled)
    accepted = world.reimage("kept")
    ended = admin.post("finish", name="kept")
    document = world.get(status_url(accepted)).json()

    assert len(waiting["script"]) == 1
    assert (document["status"], document["error"]["message"]) == (status, "No room.")
    assert ended == {"ended": True}
    assert admin.post("finish", name="kept") == {"ended": False}


def test_a_reimage_fails_with_a_code_of_ours_when_none_is_named(admin: Admin, world: World) -> None:
    """The code is the same as that of the call in a test."""
    admin.post("fail", name="kept")
    accepted = world.reimage_to_the_end("kept")

    assert world.get(status_url(accepted)).json()["error"]["code"] == "InternalExecutionError"


def test_a_script_is_added_listed_and_cleared(admin: Admin, world: World) -> None:
    """Lines are given as a list of texts or as one text."""
    admin.post("script", lines=["POST kept: 500", "GET every: 503"])
    admin.post("script", lines="poll 3: 500\n\npoll 4: 500\n")
    waiting = admin.get("script")["script"]

    assert waiting == ["POST kept: 500", "GET every: 503", "poll 3: 500", "poll 4: 500"]
    assert admin.post("script", clear=True, lines=["POST: 429"]) == {"script": ["POST: 429"]}
    assert world.reimage("kept").status == 429


def test_requests_are_listed_without_secrets(admin: Admin, world: World) -> None:
    """The list has all, those of a machine, only reimages, or the last ones, and none of the admin API."""
    world.vm("local")
    world.reimage("kept", {"osProfile": {"adminPassword": "p4ssw0rd!"}})
    world.vm("kept")
    everything = admin.get("requests")["requests"]

    assert [(request["method"], request["name"], request["status"]) for request in everything] == [
        ("GET", "local", 200),
        ("POST", "kept", 202),
        ("GET", "kept", 200),
    ]
    assert everything[1]["body"] == '{"osProfile": {"adminPassword": "***"}}'
    assert len(admin.get("requests?name=kept")["requests"]) == 2
    assert len(admin.get("requests?posts=true")["requests"]) == 1
    assert [request["name"] for request in admin.get("requests?limit=1")["requests"]] == ["kept"]
    assert admin.get("requests?limit=0")["requests"] == []


def test_a_reimage_is_requested_as_a_client_does(admin: Admin, world: World) -> None:
    """So the log has the request."""
    started = admin.post("reimage", name="kept")

    assert started["operation"]["progress"] == 0
    assert [request.status for request in world.simulator.reimage_requests("kept")] == [202]


def test_a_reimage_that_is_refused_says_what_arm_said(admin: Admin, world: World) -> None:
    """The causes are a lock, a scripted error, and a scripted broken connection."""
    world.simulator.change("kept", lock="ReadOnly")
    world.simulator.script("POST deleted: 503", "POST 2 deleted: drop", 'POST local: 500, body "oh"')
    refusals = [admin.refused("reimage", name=name) for name in ("kept", "deleted", "deleted", "local")]

    assert refusals[0][0] == 409
    assert refusals[0][1].startswith("The simulated ARM answered 409 to the reimage. ScopeLocked: The scope")
    assert "answered 503 to the reimage. ServiceUnavailable: " in refusals[1][1]
    assert refusals[2] == (502, "A script broke the connection: drop after send.")
    assert refusals[3] == (409, "The simulated ARM answered 500 to the reimage. oh")


@pytest.mark.parametrize(
    ("command", "values", "status", "sentence"),
    [
        (
            "remove",
            {"name": "nobody"},
            404,
            'no machine is called "nobody" (known machines: deleted, kept, local)',
        ),
        ("remove", {}, 400, '"name" is missing.'),
        ("remove", {"name": 5}, 400, '"name" must be a string.'),
        (
            "remove",
            {"name": "kept", "force": True},
            400,
            '"force" is not a key of this request; keys are: name',
        ),
        ("add", {"name": "kept", "resource_group": "RG-one"}, 400, "the machine /subscriptions/"),
        ("add", {"name": "web", "os_disk": "Keep"}, 400, 'machine "web": "os_disk" must be one of Detach'),
        (
            "add",
            {"name": "web", "data_disks": "2"},
            400,
            'machine "web": "data_disks" must be a whole number',
        ),
        ("change", {"name": "kept", "location": [1]}, 400, 'machine "kept": "location" must be a string'),
        ("advance", {}, 400, '"seconds" must be a number.'),
        ("advance", {"seconds": True}, 400, '"seconds" must be a number.'),
        ("advance", {"seconds": [1]}, 400, '"seconds" must be a number.'),
        ("advance", {"seconds": 10**400}, 400, '"seconds" must be a number.'),
        ("advance", {"seconds": "soon"}, 400, '"seconds" must be a number.'),
        ("advance", {"seconds": -1}, 400, "the clock cannot be advanced by -1.0 seconds"),
        ("reset", {"seed": 1.5}, 400, '"seed" must be a whole number.'),
        ("reset", {"seed": True}, 400, '"seed" must be a whole number.'),
        ("script", {"lines": [5]}, 400, '"lines" must be a list of texts.'),
        ("script", {"lines": ["POST kept 500"]}, 400, "script line 'POST kept 500': a line reads"),
        ("fail", {"name": "kept", "code": "a b c"}, 400, "script line "),
    ],
)
def test_a_mistake_is_one_sentence(
    admin: Admin, command: str, values: dict[str, object], status: int, sentence: str
) -> None:
    """Nothing was changed."""
    refusal = admin.refused(command, **values)

    assert refusal[0] == status
    assert refusal[1].startswith(sentence)
    assert admin.get("health")["machines"] == 3
    assert admin.get("script")["script"] == []


def test_arm_is_answered_beside_it(admin: Admin, world: World) -> None:
    """The same handler answers at every other address."""
    url = f"http://127.0.0.1:8080{world.simulator.machine('kept').id}?{API_VERSION}"

    assert admin.application.handle(Request("GET", url, TOKEN)).json()["name"] == "kept"
    assert admin.application.handle(Request("GET", "http://127.0.0.1/_simulators", TOKEN)).status == 400


def test_fail_says_what_the_failure_leaves(world: World, admin: Admin) -> None:
    """This overrides what its code would leave."""
    old = world.simulator.machine("kept").os_disk_name
    admin.post("fail", name="kept", code="AllocationFailed", leaves="disk untouched")
    world.reimage_to_the_end("kept")

    assert world.simulator.machine("kept").os_disk_name == old
    assert admin.refused("fail", name="kept", leaves="hang") == (
        400,
        '"leaves" must be one of disk untouched, new disk, broken.',
    )


def test_a_reimage_can_be_that_of_another_client(world: World, admin: Admin) -> None:
    """The request log does not have it. ARM refuses it for the same reasons as a client's."""
    admin.post("reimage", name="kept", caller="ann@example.com", exact_version="1.2.3")

    assert world.simulator.reimage_requests() == []
    assert admin.refused("reimage", name="kept", caller="ann@example.com")[0] == 409
    assert world.simulator.finish("kept")
    assert world.simulator.machine("kept").image_version == "1.2.3"


def test_set_goes_back_to_the_inventory_with_null(world: World, admin: Admin) -> None:
    """This is for servers in memory, whose inventory cannot be edited."""
    before = admin.post("reimage", name="kept")["operation"]["secondsLeft"]
    admin.post("set", operation_seconds=9000, activity_log_seconds=0)
    assert admin.post("reimage", name="deleted")["operation"]["secondsLeft"] == 9000
    admin.post("set", operation_seconds=None)
    world.simulator.finish("deleted")

    assert admin.post("reimage", name="deleted")["operation"]["secondsLeft"] == before


def test_a_flag_is_true_or_false(admin: Admin) -> None:
    """Otherwise any other word would be read as one of them."""
    assert admin.refused("script", clear="maybe") == (400, '"clear" must be true or false.')
