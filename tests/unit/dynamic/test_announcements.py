"""What ReimageOperation announces for each way to a request. The update must do what was announced."""

from dataclasses import replace
from typing import Any

import pytest

from pulumi_azure_reimage.simulator import Simulator

from ..fakes import FakeClock
from ..stack import COMPONENT, NOT_KNOWN, WEB, FakeHost, FakeLog, Stack, configured

LEFT = "VM web stays as it is. The update records a new baseline and sends nothing."
INCLUDED = (
    "The new baseline includes what has changed (triggers.a changed), so that is not requested any more."
)
NOT_WAITED_FOR = "This run does not wait for it, because its command line leaves ReimageResult out."
TAKEN_BACK = "The change of VM web was taken back."
IN_DOUBT = "VM web may be reimaged: an earlier run may have requested it."


def announced(stack: Stack, words: str) -> bool:
    """Return whether a warning of the last run has these words."""
    return any(words in text for text in stack.log.warnings)


def decide_and_be_killed(stack: Stack, **inputs: object) -> None:
    """Begin an `up` that is killed before ReimageOperation sends."""
    stack.restart()
    stack.request.apply(stack.inputs(inputs))


def replace_request(stack: Stack) -> None:
    """Make the next run create ReimageRequest again, as `--replace` does."""
    stack.request.inputs, stack.request.outputs = {}, None


def leave_result_out(stack: Stack) -> None:
    """Begin a run whose command line leaves ReimageResult out."""
    stack.restart()
    host = replace(stack.operation.provider.host, leaves_out=lambda urn: "ReimageResult" in urn)
    for resource in (stack.request, stack.operation, stack.result):
        resource.provider.host = host


def to_operation(stack: Stack, triggers: dict[str, Any]) -> dict[str, Any]:
    """Return what ReimageOperation is given after ReimageRequest has decided."""
    return {**stack.inputs({"triggers": triggers}), "request": (stack.request.outputs or {})["request"]}


@pytest.mark.parametrize("creates", [{}, {"reimage_on_create": True}], ids=["", "reimage_on_create"])
def test_a_replaced_request_leaves_the_vm_as_it_is(
    stack: Stack, simulator: Simulator, creates: dict[str, Any]
) -> None:
    """This is the way out that the errors name, and it works with any other inputs."""
    stack.up(triggers={"a": 1})
    decide_and_be_killed(stack, triggers={"a": 2}, **creates)
    replace_request(stack)

    stack.preview(triggers={"a": 2}, **creates)
    before = announced(stack, LEFT)
    replace_request(stack)
    stack.up(triggers={"a": 2}, **creates)

    assert before
    assert stack.told["status"] == "Baseline"
    assert simulator.reimage_requests() == []
    assert stack.preview(triggers={"a": 2}, **creates) == "same"


def test_a_replaced_request_says_what_becomes_of_a_change_beside_it(stack: Stack) -> None:
    """The preview says so, and so does the update, because pipelines may run only that."""
    stack.up(triggers={"a": 1})
    replace_request(stack)
    stack.preview(triggers={"a": 2})
    in_preview = announced(stack, INCLUDED)
    replace_request(stack)
    stack.up(triggers={"a": 2})

    assert in_preview
    assert announced(stack, INCLUDED)


def test_a_run_that_leaves_the_result_out_announces_and_says_that_nothing_waits(
    stack: Stack, simulator: Simulator
) -> None:
    """ReimageResult is neither checked nor updated then. For a baseline there is nothing to wait for."""
    leave_result_out(stack)
    stack.request.apply(stack.inputs({"triggers": {"a": 1}}))
    stack.operation.apply(to_operation(stack, {"a": 1}))
    for_a_baseline = announced(stack, NOT_WAITED_FOR)
    leave_result_out(stack)
    stack.request.apply(stack.inputs({"triggers": {"a": 2}}))
    stack.operation.plan(to_operation(stack, {"a": 1}) | {"request": NOT_KNOWN, "triggers": {"a": 2}})
    was_announced = announced(stack, "VM web will be reimaged: triggers.a changed")
    stack.operation.apply(to_operation(stack, {"a": 2}))

    assert not for_a_baseline
    assert was_announced
    assert announced(stack, NOT_WAITED_FOR)
    assert len(simulator.reimage_requests()) == 1


def test_a_baseline_is_announced_and_reported(stack: Stack, simulator: Simulator) -> None:
    """Preview and update name its disk. An unchanged run says nothing."""
    name = (simulator.machine("web").os_disk_id or "").rpartition("/")[2]
    stack.preview(triggers={"a": 1})
    in_preview = list(stack.log.informed)
    stack.up(triggers={"a": 1})
    in_update = list(stack.log.informed)
    stack.preview(triggers={"a": 1})

    (said,) = in_preview
    assert said.startswith(f"Baseline: OS disk {name}, version ")
    assert in_update == in_preview
    assert stack.log.informed == []


def test_a_change_that_was_taken_back_is_not_announced_as_a_reimage(
    stack: Stack, simulator: Simulator
) -> None:
    """The run that decided on it was killed before it was sent."""
    stack.up(triggers={"a": 1})
    decide_and_be_killed(stack, triggers={"a": 2})

    stack.preview(triggers={"a": 1})
    found = announced(stack, TAKEN_BACK), announced(stack, "will be reimaged")
    stack.up(triggers={"a": 1})

    assert found == (True, False)
    assert announced(stack, "was taken back before it was sent. Nothing is sent.")
    assert simulator.reimage_requests() == []
    assert stack.up(triggers={"a": 1}) == ("same", "same")


def test_a_decision_of_a_killed_run_is_announced_as_a_doubt_and_sent(
    stack: Stack, simulator: Simulator
) -> None:
    """Azure accepted nothing, so the VM is unchanged."""
    stack.up(triggers={"a": 1})
    decide_and_be_killed(stack, triggers={"a": 2})

    planned = stack.preview(triggers={"a": 2})
    found = announced(stack, IN_DOUBT)
    stack.up(triggers={"a": 2})

    assert (planned, found) == ("update", True)
    assert len(simulator.reimage_requests()) == 1
    assert stack.told["status"] == "Succeeded"


def test_a_creation_of_a_killed_run_is_announced_as_a_doubt_and_sent(
    stack: Stack, simulator: Simulator
) -> None:
    """ReimageOperation is not in state yet."""
    decide_and_be_killed(stack, reimage_on_create=True)

    stack.preview(reimage_on_create=True)
    found = announced(stack, IN_DOUBT)
    stack.up(reimage_on_create=True)

    assert found
    assert len(simulator.reimage_requests()) == 1
    assert stack.told["status"] == "Succeeded"


def test_a_creation_that_is_not_wanted_any_more_is_announced_as_left(
    stack: Stack, simulator: Simulator
) -> None:
    """The run that decided on it was killed before the send."""
    decide_and_be_killed(stack, reimage_on_create=True)

    stack.preview()
    found = announced(stack, LEFT)
    stack.up()

    assert found
    assert stack.told["status"] == "Baseline"
    assert simulator.reimage_requests() == []


def test_a_change_after_a_killed_creation_is_announced(stack: Stack, simulator: Simulator) -> None:
    """ReimageRequest is in state and changes, and ReimageOperation is not in state."""
    decide_and_be_killed(stack, triggers={"a": 1})

    stack.preview(triggers={"a": 2})
    found = announced(stack, "be reimaged: triggers.a changed")
    stack.up(triggers={"a": 2})

    assert found
    assert len(simulator.reimage_requests()) == 1


@pytest.mark.parametrize(("creates", "said"), [(True, True), (False, False)], ids=["wanted", "not wanted"])
def test_the_reimage_of_a_vm_that_is_created_with_it_is_announced_without_a_look(
    stack: Stack, *, creates: bool, said: bool
) -> None:
    """There is no VM to look at yet."""
    given = {"vm_id": NOT_KNOWN, "component_urn": COMPONENT, "reimage_on_create": creates}
    stack.request.provider.check({}, given)

    stack.operation.provider.check({}, {**given, "request": NOT_KNOWN})

    assert announced(stack, "VM (not known yet) may be reimaged: created with reimage_on_create.") is said


def test_a_diff_that_is_repeated_announces_once(stack: Stack) -> None:
    """The engine may call `diff` again."""
    stack.up(triggers={"a": 1})
    stack.restart()
    unknown = stack._to_operation({"triggers": {"a": 2}}, NOT_KNOWN)  # noqa: SLF001 - what it is given.

    planned = [stack.operation.plan(unknown), stack.operation.plan(unknown)]
    stack.operation.provider.host.previews.wait(COMPONENT)

    assert planned == ["update", "update"]
    assert sum("will be reimaged" in text for text in stack.log.warnings) == 1


# What was refused


def test_a_refusal_that_is_taken_back_leaves_everything_as_it_was(stack: Stack, simulator: Simulator) -> None:
    """The refused change has touched nothing, so there is nothing to send when it is taken back."""
    stack.up(triggers={"a": 1})
    before = stack.told
    stack.try_up(triggers={"a": 2}, prevent_reimage=True)

    planned = stack.preview(triggers={"a": 1})
    done = stack.up(triggers={"a": 1})

    assert planned == "update"
    assert done == ("update", "same")
    assert stack.told == before
    assert simulator.reimage_requests() == []
    assert stack.up(triggers={"a": 1}) == ("same", "same")


def test_a_refusal_is_raised_by_the_result_in_every_run_and_sent_when_it_is_lifted(
    stack: Stack, simulator: Simulator
) -> None:
    """ReimageRequest decides again in each run."""
    stack.up(triggers={"a": 1})
    for _ in range(2):
        stack.try_up(triggers={"a": 2}, prevent_reimage=True)
    sent = len(simulator.reimage_requests())

    stack.up(triggers={"a": 2})

    assert sent == 0
    assert len(simulator.reimage_requests()) == 1


def test_an_engine_that_ends_before_the_post_leaves_a_request_that_the_next_run_sends(
    stack: Stack, simulator: Simulator, clock: FakeClock
) -> None:
    """The host lives on for a while and must not send for a run that is over."""
    stack.up(triggers={"a": 1})
    decide_and_be_killed(stack, triggers={"a": 2})
    host = stack.operation.provider.host
    gone = FakeHost(FakeLog(), run=replace(host.run, engine_is_gone=lambda: "the engine has ended"))
    configured(stack.operation.provider, stack._settings, gone, clock)  # noqa: SLF001 - as `restart` does.
    stack.operation.apply(stack._to_operation({}))  # noqa: SLF001 - what it is given.
    sent = len(simulator.reimage_requests())

    stack.up(triggers={"a": 2})

    assert sent == 0
    assert len(simulator.reimage_requests()) == 1
    assert stack.operation.id == WEB
