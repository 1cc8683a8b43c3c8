"""The typed calls: each does in Python what a line of the script language does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import ScriptError, Simulator, UnknownMachineError
from pulumi_azure_reimage.simulator.faults.calls import FaultCalls

from ..client import status_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..client import World

CALLS: dict[str, tuple[Callable[[Simulator], None], str]] = {
    "fail": (lambda it: it.fail("kept", "AllocationFailed"), 'reimage 1 {vm}: fail AllocationFailed ""'),
    "cancel": (lambda it: it.cancel("kept"), 'reimage 1 {vm}: cancel OperationPreempted ""'),
    "hang": (lambda it: it.hang("kept", which="2"), "reimage 2 {vm}: hang"),
    "keep_os_disk": (lambda it: it.keep_os_disk("kept"), "reimage 1 {vm}: keep disk"),
    "show_late": (lambda it: it.show_late("kept", 20), "reimage 1 {vm}: show late 20"),
    "forget_operation": (lambda it: it.forget_operation("kept", 9.5), "reimage 1 {vm}: forget after 9.5"),
    "show_stale": (lambda it: it.show_stale("kept", 30, which="2+"), "GET 2+ {vm}: stale 30"),
    "deliver_late": (lambda it: it.deliver_late("kept", 20), "POST 1 {vm}: deliver late 20"),
    "leave": (lambda it: it.leave("kept", "stopped"), "reimage 1 {vm}: leave stopped"),
    "refuse_connection": (lambda it: it.refuse_connection("kept"), "POST 1 {vm}: drop before send"),
    "lose_request": (lambda it: it.lose_request("kept"), "POST 1 {vm}: drop on the way"),
    "lose_answer": (lambda it: it.lose_answer("kept"), "POST 1 {vm}: drop after send"),
    "truncate_answer": (lambda it: it.truncate_answer("kept", request="GET"), "GET 1 {vm}: cut body"),
    "reset_connection": (lambda it: it.reset_connection("kept"), "POST 1 {vm}: reset after send"),
    "time_out": (
        lambda it: it.time_out("kept", request="poll", which="every"),
        "poll every {vm}: timeout after send",
    ),
    "delay_answer": (lambda it: it.delay_answer("kept", 2.5), "POST 1 {vm}: slow 2.5"),
    "reject": (
        lambda it: it.reject("kept", 409, "Conflict", 'Say "no".'),
        'POST 1 {vm}: 409 Conflict "Say \\"no\\"."',
    ),
    "throttle": (lambda it: it.throttle("kept", 20, which="2-3"), "POST 2-3 {vm}: 429, retry-after 20"),
}


@pytest.mark.parametrize(("call", "line"), CALLS.values(), ids=CALLS)
def test_a_call_is_a_line_of_the_script(world: World, call: Callable[[Simulator], None], line: str) -> None:
    """It affects the next request or reimage by default."""
    call(world.simulator)

    assert world.simulator.pending_script() == [line.format(vm=world.simulator.machine("kept").id)]


def test_every_call_is_tested() -> None:
    """A new one needs a line above."""
    public = {name for name in vars(FaultCalls) if not name.startswith("_")}

    assert public - {"inject"} == set(CALLS)


def test_a_failure_without_a_message_has_the_sentence_of_its_code(world: World) -> None:
    """The script language does the same."""
    world.simulator.fail("kept", "AllocationFailed")
    answer = world.get(status_url(world.reimage_to_the_end("kept"))).json()

    assert answer["status"] == "Failed"
    assert answer["error"]["message"].startswith("Allocation failed. We do not have sufficient capacity")


def test_a_rejection_without_a_code_has_that_of_its_status(world: World) -> None:
    """Nothing is carried out."""
    world.simulator.reject("kept", 503)
    refused = world.reimage("kept")

    assert (refused.status, refused.json()["error"]["code"]) == (503, "ServiceUnavailable")
    assert world.simulator.machine("kept").provisioning_state == "Succeeded"


def test_a_name_that_is_not_enough_is_refused(world: World) -> None:
    """A fault affects one machine."""
    world.simulator.add("kept", resource_group="rg-two")

    with pytest.raises(UnknownMachineError, match="use the resource id"):
        world.simulator.lose_answer("kept")
    with pytest.raises(UnknownMachineError, match='no machine is called "wbe"'):
        world.simulator.lose_answer("wbe")


def test_an_argument_that_is_not_understood_is_refused(world: World) -> None:
    """The language refuses it by name."""
    with pytest.raises(ScriptError, match="slow -1"):
        world.simulator.delay_answer("kept", -1)

    assert world.simulator.pending_script() == []
