"""Scripted faults on the real engine: no fault makes a changed trigger wipe the disk twice."""

import pytest

from pulumi_azure_reimage.simulator import serve
from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging

ONE: dict[str, dict[str, object]] = {"web": {}}
LOST_ANSWERS = {
    "drop": "POST drop: drop after send",
    "reset": "POST reset: reset after send",
    "timeout": "POST timeout: timeout after send",
    "gateway": "POST gateway: 504 GatewayTimeout after send",
}
BAD_POLLS = {
    "broken": "poll 1-2 broken: 500, retry-after 1",
    "gone": "poll 1-3 gone: 404, retry-after 1",
    "garbled": "poll garbled: body html, retry-after 1",
    "throttled": "poll throttled: 429 TooManyRequests, retry-after 1",
}


def recovered(fleet: Reimaging, name: str) -> bool:
    """Report from the state whether the VM was the witness of a reimage."""
    return bool(fleet.told(name)["recovered"])


def test_a_lost_answer_sends_nothing_again_and_the_vm_is_the_witness(new_stack: NewStack) -> None:
    """There is one POST for each way to lose it, and the result names the new disk."""
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in LOST_ANSWERS}, seconds=0)
    fleet.simulator.script(*LOST_ANSWERS.values())

    result = fleet.up(triggers={"image": "2"})

    assert result.ok, result.text
    assert fleet.simulator.pending_script() == []
    assert sorted(LOST_ANSWERS) == sorted(post.name or "" for post in fleet.simulator.reimage_requests())
    for name in LOST_ANSWERS:
        assert recovered(fleet, name)
        assert fleet.outputs(name)["status"] == "Succeeded"
        assert fleet.outputs(name)["os_disk_id"] != fleet.outputs(name)["os_disk_id_before"]
        assert fleet.simulator.machine(name).os_disk_id == fleet.outputs(name)["os_disk_id"]


def test_a_connection_that_really_breaks_sends_nothing_again(new_stack: NewStack) -> None:
    """It uses HTTP, where the server closes the socket instead of answering."""
    fleet = Reimaging.start(new_stack, ONE, seconds=0)
    with serve(fleet.simulator) as server:
        fleet.stack.set_config("azure-reimage:simulator", server.url)
        fleet.up(triggers={"image": "1"})
        fleet.simulator.script("POST web: drop after send")
        result = fleet.up(triggers={"image": "2"})

    assert result.ok, result.text
    assert fleet.posts == 1
    assert recovered(fleet, "web")


def test_bad_answers_about_an_operation_do_not_fail_the_update(new_stack: NewStack) -> None:
    """After a 5xx, a temporary 404, a body that is not a status, or a throttled poll, the wait continues."""
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in BAD_POLLS}, seconds=0)
    fleet.simulator.script(*BAD_POLLS.values())

    result = fleet.up(triggers={"image": "2"})

    assert result.ok, result.text
    assert fleet.simulator.pending_script() == []
    assert sorted(BAD_POLLS) == sorted(post.name or "" for post in fleet.simulator.reimage_requests())
    for name in BAD_POLLS:
        assert fleet.outputs(name)["operation_id"]
        assert not recovered(fleet, name)


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        ("POST web: 429 TooManyRequests, retry-after 1", [429, 202]),
        # What never arrived is not in the log.
        ("POST 1-2 web: drop before send", [202]),
    ],
    ids=["throttled", "no-connection"],
)
def test_only_what_azure_certainly_did_not_carry_out_is_sent_again(
    new_stack: NewStack, fault: str, answers: list[int]
) -> None:
    """It is sent after the pause that Azure requests, or when a connection succeeds."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=0)
    fleet.simulator.script(fault)

    result = fleet.up(triggers={"image": "2"})

    assert result.ok, result.text
    assert fleet.simulator.pending_script() == []
    assert [post.status for post in fleet.simulator.reimage_requests()] == answers
    assert fleet.simulator.machine("web").etag == 4
    assert not recovered(fleet, "web")


def test_a_canceled_operation_is_reported_with_its_code_and_not_repeated(new_stack: NewStack) -> None:
    """What happened to the disk is unknown, so the next `up` only looks. A changed trigger reimages again."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=0)
    fleet.simulator.script("reimage web: cancel")

    canceled = fleet.up(triggers={"image": "2"})
    looked = fleet.up()
    posts_until_then = fleet.posts
    changed = fleet.up(triggers={"image": "3"})

    assert not canceled.ok
    assert "Azure ended the reimage of web with Canceled: The operation has been preempted" in canceled.text
    assert "OperationPreempted" in canceled.text
    assert not looked.ok
    for said in (canceled.text, looked.text):
        assert "The VM is not reimaged again automatically." in said
        assert "change a trigger" in said
        assert "pulumi up --replace" in said
    assert posts_until_then == 1
    assert changed.ok, changed.text
    assert fleet.posts == 2
