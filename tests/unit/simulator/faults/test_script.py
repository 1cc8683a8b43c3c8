"""Faults by script: when a line takes effect, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import ConnectionCutError, ScriptError, Simulator, UnknownMachineError
from pulumi_azure_reimage.simulator.faults.language import VOCABULARY

from ..client import API_VERSION, World, code, status_url

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_azure_reimage.simulator import Response

    from ..client import FakeNow


def poll_statuses(world: World, accepted: Response, count: int) -> list[int]:
    """Return the HTTP statuses of some polls."""
    return [world.get(status_url(accepted)).status for _ in range(count)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("poll kept: 500", [500, 200, 200, 200]),
        ("poll 1 kept: 500", [500, 200, 200, 200]),
        ("poll 3 kept: 500", [200, 200, 500, 200]),
        ("poll 2-3 kept: 500", [200, 500, 500, 200]),
        ("poll 3+ kept: 500", [200, 200, 500, 500]),
        ("poll every kept: 500", [500, 500, 500, 500]),
        ("Poll 2: 500", [200, 500, 200, 200]),
        ("POLL 2 KEPT: 500", [200, 500, 200, 200]),
        ("poll deleted: 500", [200, 200, 200, 200]),
        ("any 2 kept: 500", [200, 500, 200, 200]),
        ("GET every kept: 500", [200, 200, 200, 200]),
        ("location every kept: 500", [200, 200, 200, 200]),
    ],
)
def test_a_line_says_which_requests_it_happens_to(world: World, line: str, expected: list[int]) -> None:
    """They are counted from when the line was given."""
    accepted = world.reimage("kept")
    world.simulator.script(line)

    assert poll_statuses(world, accepted, 4) == expected


def test_a_line_that_has_happened_is_spent(world: World) -> None:
    """Those that are pending can be listed and removed."""
    accepted = world.reimage("kept")
    world.simulator.script("poll 2: 500", "GET every: 403")
    poll_statuses(world, accepted, 2)
    waiting = world.simulator.pending_script()
    world.simulator.clear_script()

    assert waiting == ["GET every: 403"]
    assert world.simulator.pending_script() == []


def test_the_older_of_two_lines_wins_and_both_count(world: World) -> None:
    """A sequence is written as consecutive lines."""
    accepted = world.reimage("kept")
    world.simulator.script("poll 1: 500", "poll 2: 503", "poll 1-3: 429")

    assert poll_statuses(world, accepted, 4) == [500, 503, 429, 200]


def test_a_line_may_name_a_resource_id(world: World) -> None:
    """This is for names that several groups have."""
    other = world.simulator.add("kept", resource_group="other")
    world.simulator.script(f"GET every {other.id}: 403")
    theirs = world.get(f"{other.id}?{API_VERSION}")
    mine = world.get(f"{world.simulator.machines()[1].id}?{API_VERSION}")

    assert (theirs.status, mine.status) == (403, 200)


def test_an_error_in_place_of_the_answer_means_that_nothing_was_carried_out(world: World) -> None:
    """This is so unless it says after send, which is ARM's 504 while the service continued."""
    world.simulator.script("POST 1: 504", "POST 2: 504 after send")
    first = world.reimage("kept")
    after_first = world.simulator.machine("kept").provisioning_state
    second = world.reimage("kept")
    after_second = world.simulator.machine("kept").provisioning_state

    assert (first.status, code(first), after_first) == (504, "GatewayTimeout", "Succeeded")
    assert (second.status, code(second), after_second) == (504, "GatewayTimeout", "Updating")
    assert [post.status for post in world.simulator.reimage_requests()] == [504, 504]


def test_an_error_may_have_its_own_code_and_message(world: World) -> None:
    """Quotation marks and commas are allowed in the message."""
    world.simulator.script(r'POST: 409 AnotherOperationInProgress "Wait, \"kept\" is busy.", retry-after 7')
    refused = world.reimage("kept")

    assert refused.status == 409
    assert refused.json()["error"] == {
        "code": "AnotherOperationInProgress",
        "message": 'Wait, "kept" is busy.',
    }
    assert refused.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, "ExpiredAuthenticationToken"),
        (403, "AuthorizationFailed"),
        (418, "I'MATeapot"),
        (502, "BadGateway"),
        (599, "Status599"),
    ],
)
def test_every_error_status_has_a_code(world: World, status: int, expected: str) -> None:
    """It is ARM's code if that is known."""
    world.simulator.script(f"POST: {status}")

    assert code(world.reimage("kept")) == expected


def test_a_status_that_is_not_an_error_has_no_body(world: World) -> None:
    """A redirect is such a status with a header."""
    world.simulator.script(
        'POST: 307, header Location "https://elsewhere.example/"', "POST 2: 200 after send"
    )
    first, second = world.reimage("kept"), world.reimage("kept")

    assert (first.status, first.body) == (307, b"")
    assert first.headers["location"] == "https://elsewhere.example/"
    assert (second.status, second.body) == (200, b"")
    assert world.simulator.machine("kept").provisioning_state == "Updating"


def test_headers_of_an_answer_are_set_and_left_out(world: World) -> None:
    """The request is carried out anyway."""
    world.simulator.script(
        'POST: without Azure-AsyncOperation, header Location "https://evil.example/x", retry-after soon'
    )
    accepted = world.reimage("kept")

    assert accepted.status == 202
    assert "azure-asyncoperation" not in accepted.headers
    assert accepted.headers["location"] == "https://evil.example/x"
    assert accepted.headers["retry-after"] == "soon"


@pytest.mark.parametrize(
    ("effect", "body"),
    [
        ("body empty", b""),
        ('body "not json"', b"not json"),
        ("body html", b"<html><body><h1>502 Bad Gateway</h1></body></html>"),
    ],
)
def test_the_body_of_an_answer_is_replaced(world: World, effect: str, body: bytes) -> None:
    """Its length is correct."""
    accepted = world.reimage("kept")
    world.simulator.script(f"poll: {effect}")
    answer = world.get(status_url(accepted))

    assert (answer.status, answer.body) == (200, body)
    assert answer.headers["content-length"] == str(len(body))


def test_half_a_body_is_the_first_half(world: World) -> None:
    """It is no longer JSON."""
    accepted = world.reimage("kept")
    whole = world.get(status_url(accepted)).body
    world.simulator.script("poll: body half")

    assert world.get(status_url(accepted)).body == whole[: len(whole) // 2]


def test_a_text_of_the_body_is_set(world: World) -> None:
    """It can be a different status or a new one. A body that is not an object stays."""
    accepted = world.reimage("kept")
    world.simulator.script(
        "poll: set status Updating", 'poll 2: body "[1]", set status x', "location: set a b"
    )
    answers = [world.get(status_url(accepted)) for _ in range(2)]
    location = world.get(accepted.headers["location"])

    assert answers[0].json()["status"] == "Updating"
    assert answers[0].json()["name"] == accepted.headers["x-ms-request-id"]
    assert answers[1].body == b"[1]"
    assert location.body == b""


@pytest.mark.parametrize("manner", ["drop", "reset", "timeout"])
@pytest.mark.parametrize(
    ("moment", "logged", "state"),
    [
        ("before send", 0, "Succeeded"),
        ("on the way", 1, "Succeeded"),
        ("after send", 1, "Updating"),
        ("", 1, "Updating"),
    ],
)
def test_a_connection_breaks_before_on_the_way_or_after(
    world: World, manner: str, moment: str, logged: int, state: str
) -> None:
    """What was not received is not in the log, and what was carried out continues."""
    world.simulator.script(f"POST kept: {manner} {moment}")

    with pytest.raises(ConnectionCutError, match=f"{manner} {moment or 'after send'}"):
        world.reimage("kept")
    assert [post.status for post in world.simulator.reimage_requests()] == [None] * logged
    assert world.simulator.machine("kept").provisioning_state == state


def test_an_operation_takes_and_ends_as_scripted(world: World) -> None:
    """There is one line for each reimage."""
    world.simulator.script(
        "reimage 1 kept: fail AllocationFailed, take 10",
        'reimage 2 kept: cancel OperationPreempted "Somebody else."',
        "reimage 3 kept: fail",
        "reimage 4 kept: cancel",
    )
    ends = []
    for _ in range(5):
        status = status_url(world.reimage("kept"))
        world.now.advance(75)
        ends.append(world.get(status).json())

    assert [end["status"] for end in ends] == ["Failed", "Canceled", "Failed", "Canceled", "Succeeded"]
    assert [end["error"]["code"] for end in ends[:4]] == [
        "AllocationFailed",
        "OperationPreempted",
        "InternalExecutionError",
        "OperationPreempted",
    ]
    assert ends[0]["endTime"] == "2024-08-26T07:16:06.304804+00:00"
    assert ends[1]["error"]["message"] == "Somebody else."


def test_an_operation_hangs_until_it_is_finished(world: World) -> None:
    """Not even a year ends it."""
    world.simulator.script("reimage: hang")
    status = status_url(world.reimage("kept"))
    world.now.advance(365 * 24 * 3600)

    assert world.get(status).json()["status"] == "InProgress"
    assert world.simulator.finish("kept")
    assert world.get(status).json()["status"] == "Succeeded"


def test_an_operation_that_succeeds_may_keep_the_old_disk(world: World) -> None:
    """This happens once. The next one brings a new disk."""
    world.simulator.script("reimage kept: keep disk")
    old = world.vm("kept")
    status = status_url(world.reimage_to_the_end("kept"))
    kept = world.vm("kept")
    world.reimage_to_the_end("kept")
    new = world.vm("kept")

    assert world.get(status).json()["status"] == "Succeeded"
    assert (old.pop("etag"), kept.pop("etag")) == ('"2"', '"4"')
    assert old == kept
    assert new["properties"]["storageProfile"]["osDisk"] != kept["properties"]["storageProfile"]["osDisk"]
    assert len(world.simulator.disks()) == 4


@pytest.mark.parametrize(
    ("line", "provisioning", "power"),
    [
        ("leave failed", "Failed", "running"),
        ("leave stopped", "Succeeded", "stopped"),
        ("leave deallocated", "Succeeded", "deallocated"),
        ("leave Stopped, leave failed", "Failed", "stopped"),
    ],
)
def test_an_operation_that_succeeds_may_leave_its_machine_broken(
    world: World, line: str, provisioning: str, power: str
) -> None:
    """The machine still gets a new OS disk and the new version."""
    world.simulator.script(f"reimage kept: {line}")
    old = world.simulator.machine("kept").os_disk_id
    status = status_url(world.reimage_to_the_end("kept", {"exactVersion": "24.04.1"}))
    machine = world.simulator.machine("kept")

    assert world.get(status).json()["status"] == "Succeeded"
    assert (machine.provisioning_state, machine.spec.power) == (provisioning, power)
    assert machine.os_disk_id != old
    assert machine.image_version == "24.04.1"


def test_what_is_read_beside_the_machine_can_go_wrong_too(world: World) -> None:
    """Permissions and locks need a machine's name, image versions do not. `any` means any of them."""
    authorization = f"{world.simulator.machine('kept').id}/providers/Microsoft.Authorization"
    publisher = "/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.Compute"
    publisher += "/locations/westus/publishers/p/artifacttypes/vmimage"
    gallery = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/g"
    asked = (
        f"{authorization}/permissions?api-version=2022-04-01",
        f"{authorization}/locks?api-version=2016-09-01",
        f"{publisher}/offers/o/skus/s/versions/1?{API_VERSION}",
        f"{gallery}/images/i/versions/1?api-version=2024-03-03",
    )
    world.simulator.script("permissions kept: 500", "locks kept: 403", "image 1: 502", "image 2: 503")
    world.simulator.script("permissions deleted: 418")

    assert [world.get(url).status for url in asked] == [500, 403, 502, 503]
    assert [world.get(url).status for url in asked] == [200] * 4
    world.simulator.script("any 2 kept: 409", "any 3: 410")
    assert [world.get(url).status for url in asked] == [200, 409, 410, 200]
    assert [request.name for request in world.simulator.requests()] == ["kept", "kept", None, None] * 3


def test_a_reimage_that_is_refused_is_not_counted(world: World) -> None:
    """The line waits for a reimage that begins."""
    world.simulator.script("reimage: fail")
    world.reimage("kept", {"tempDisk": True})

    assert world.simulator.pending_script() == ["reimage: fail"]


def test_a_code_that_is_not_known_has_a_sentence(world: World) -> None:
    """It names the code."""
    world.simulator.script("reimage: fail SomethingNew")
    status = status_url(world.reimage_to_the_end("kept"))

    assert world.get(status).json()["error"]["message"] == "The operation ended with SomethingNew."


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("POST web 500", "a line reads WHAT"),
        ("POST one two three: 500", "a line reads WHAT"),
        (
            "HEAD: 500",
            '"HEAD" is not one of POST, GET, poll, location, permissions, locks, activity, image',
        ),
        ("POST:", "an effect is missing"),
        ("POST: 500,", "an effect is missing"),
        ('POST: 500 Code "text', "a quotation mark is missing"),
        ("POST: explode", '"explode" is not an effect; effects are STATUS, drop, reset'),
        ("POST: 600", '"600" is not an effect'),
        ("POST: drop later", '"drop later" is not understood'),
        ("POST: drop in the end", '"drop in the end" is not understood'),
        ("POST: cut header", '"cut header" is not understood'),
        ("POST: body loud", '"body loud" is not understood'),
        ("POST: header Location", '"header Location" is not understood'),
        (r'POST: header Location "\x"', "is not understood"),
        ("POST: slow down", '"slow down" is not understood'),
        ("POST: slow -1", '"slow -1" is not understood'),
        ("POST: slow nan", '"slow nan" is not understood'),
        ("reimage: take inf", '"take inf" is not understood'),
        ("POST 0: 500", '"0" is not a range that begins with 1 or more'),
        ("POST 3-2: 500", '"3-2" is not a range that begins with 1 or more'),
        ("reimage: 500", "this effect cannot happen to reimage"),
        ("POST: fail", "this effect cannot happen to POST"),
        ("POST: keep disk", "this effect cannot happen to POST"),
        ("reimage: keep calm", '"keep calm" is not understood'),
        ("reimage: keep", '"keep" is not understood'),
        ("reimage: leave running", '"leave running" is not understood'),
        ("image kept: 500", "an image belongs to no VM, so leave the name out"),
    ],
)
def test_a_line_that_is_not_understood_is_refused(world: World, line: str, sentence: str) -> None:
    """No line of the script is accepted."""
    with pytest.raises(ScriptError) as refusal:
        world.simulator.script("POST: 500", line)

    assert str(refusal.value).startswith(f"script line '{line}': ")
    assert sentence in str(refusal.value)
    assert world.simulator.pending_script() == []


def test_a_line_that_names_an_unknown_machine_is_refused(world: World) -> None:
    """It could never take effect."""
    with pytest.raises(UnknownMachineError, match='no machine is called "keept"'):
        world.simulator.script("POST keept: 500")


def test_a_script_outlives_its_process_and_continues_to_count(world: World, tmp_path: Path) -> None:
    """The state remembers how often a line matched."""
    accepted = world.reimage("kept")
    world.simulator.script("poll 2: 500")
    first = poll_statuses(world, accepted, 1)

    with World.open(tmp_path / "machines.toml", world.now) as again:
        assert first + poll_statuses(again, accepted, 2) == [200, 500, 200]


def test_the_script_of_the_inventory_is_armed_once(tmp_path: Path, now: FakeNow) -> None:
    """Opening the file again repeats no fault. A new line in the file is armed, and a removed one goes."""
    path = tmp_path / "machines.toml"
    machine = '\n[[machine]]\nname = "one"'
    path.write_text('script = ["POST: 500", "GET every: 503"]' + machine)
    with World.open(path, now) as world:
        first = world.reimage("one").status
    with World.open(path, now) as world:
        second = world.reimage("one").status
    path.write_text('script = ["POST: 500", "POST: 409"]' + machine)
    with World.open(path, now) as world:
        waiting = world.simulator.pending_script()

    assert (first, second) == (500, 202)
    assert waiting == ["POST: 409"]


def test_reset_arms_the_script_of_the_inventory_again(tmp_path: Path) -> None:
    """It drops all other lines."""
    path = tmp_path / "machines.toml"
    path.write_text('script = ["POST: 500"]\n[[machine]]\nname = "one"')
    with Simulator.open(path) as simulator:
        simulator.clear_script()
        simulator.script("GET: 500")
        simulator.reset()

        assert simulator.pending_script() == ["POST: 500"]


def test_the_vocabulary_names_every_effect() -> None:
    """The help shows what exists."""
    for word in ("STATUS", "drop", "reset", "timeout", "cut", "header", "without", "retry-after", "body"):
        assert word in VOCABULARY
    for word in ("set", "slow", "fail", "cancel", "take", "hang", "keep", "leave"):
        assert word in VOCABULARY
