"""Pulumi's hooks on the component run around a reimage, once each, and at no other time."""

import json
from pathlib import Path

import pulumi
import pytest

from pulumi_azure_reimage import VirtualMachineReimage
from tests.engine import hooked
from tests.engine.conftest import NewStack
from tests.engine.hooked import Hooked
from tests.engine.reimaging import COMPONENT, OPERATION, REQUEST, RESULT, vm_id

NOT_RUN = "Its after hooks have not run. If its before hooks have run, what they did is still in effect."


def test_hooks_run_once_around_a_reimage_and_not_for_a_baseline_or_a_stored_input(
    new_stack: NewStack,
) -> None:
    """They run before the request is sent and after a success, as functions, coroutines and named hooks."""
    stack = Hooked.start(new_stack, "web")
    fleet = stack.fleet
    disk = fleet.simulator.machine("web").os_disk_id

    assert fleet.up(triggers={"image": "1"}).ok
    for_a_baseline = stack.called()
    assert fleet.up(timeout="50m").ok
    for_a_stored_input = stack.called()
    changed = fleet.up(triggers={"image": "2"})
    seen = [call.disk for call in stack.calls]
    for_a_reimage = stack.called()
    unchanged = fleet.up()
    for_nothing = stack.called()

    assert changed.ok, changed.text
    assert (for_a_baseline, for_a_stored_input, for_nothing) == ([], [], [])
    assert for_a_reimage == [("before_update", "web", 0), ("after_update", "web", 1)]
    assert seen == [disk, fleet.simulator.machine("web").os_disk_id]
    assert set(unchanged.changes) == {"same"}
    before, after = stack.args["before_update"], stack.args["after_update"]
    assert (before.type, after.type) == (OPERATION, RESULT)
    assert (before.new_inputs or {})["vm_id"] == vm_id("web")
    assert (after.new_outputs or {})["result"]["status"] == "Succeeded"


def test_hooks_of_a_creation_run_around_the_reimage_that_it_requests(new_stack: NewStack) -> None:
    """This needs `reimage_on_create`. A second component without it is only recorded."""
    stack = Hooked.start(new_stack, "web", "recorded")
    stack.fleet.inputs["web"]["reimage_on_create"] = True

    created = stack.fleet.up()

    assert created.ok, created.text
    assert stack.called() == [("before_create", "web", 0), ("after_create", "web", 1)]


def test_a_refused_reimage_drains_nothing(new_stack: NewStack) -> None:
    """It is refused by a guard, by a lock in Azure, as current, or on creation by a guard or a lock."""
    stack = Hooked.start(new_stack, "guarded", "locked", "current", "created", "created-locked")
    fleet = stack.fleet
    del fleet.inputs["created"], fleet.inputs["created-locked"]
    assert fleet.up(triggers={"image": "1"}).ok

    fleet.set(triggers={"image": "2"})
    fleet.inputs["guarded"]["allowed_causes"] = ["exact_version"]
    fleet.simulator.change("locked", lock="ReadOnly")
    version = fleet.simulator.machine("current").image_version
    fleet.inputs["current"] |= {"exact_version": version, "skip_if_current": True}
    refused = fleet.stack.up()
    fleet.inputs = {
        "created": {"reimage_on_create": True, "prevent_reimage": True},
        "created-locked": {"reimage_on_create": True},
    }
    fleet.simulator.change("created-locked", lock="ReadOnly")
    creation = fleet.stack.up()

    assert not refused.ok
    assert not creation.ok
    assert fleet.posts == 0
    assert [call for call in stack.called() if "delete" not in call[0]] == []

    fleet.simulator.change("created-locked", lock="CanNotDelete")
    fleet.inputs["created"]["prevent_reimage"] = False
    allowed = fleet.stack.up()

    assert allowed.ok, allowed.text
    assert fleet.posts == 2
    assert sorted(call[:2] for call in stack.called() if call[0] == "before_update") == [
        ("before_update", "created"),
        ("before_update", "created-locked"),
    ]


def test_a_vm_that_is_left_as_it_is_is_not_drained(new_stack: NewStack) -> None:
    """`--replace` of ReimageRequest together with a changed trigger records a new baseline."""
    stack = Hooked.start(new_stack, "web")
    fleet = stack.fleet
    fleet.up(triggers={"image": "1"})

    fleet.set(triggers={"image": "2"})
    left = fleet.stack.up(replace=[fleet.state(REQUEST, "web")["urn"]])

    assert left.ok, left.text
    assert f"Nothing was sent for VM web. {NOT_RUN}" in left.text
    assert [call for call in stack.called() if "delete" not in call[0]] == []
    assert fleet.posts == 0


def test_a_failed_reimage_leaves_the_machine_drained_says_so_and_its_repeat_runs_the_hooks_again(
    new_stack: NewStack,
) -> None:
    """The machine may be back in service meanwhile, so it is drained before each request."""
    stack = Hooked.start(new_stack, "web")
    fleet = stack.fleet
    fleet.up(triggers={"image": "1"})
    fleet.simulator.fail("web", "AllocationFailed")

    failed = fleet.up(triggers={"image": "2"})
    for_the_failure = stack.called()
    repeated = fleet.up()

    assert not failed.ok
    assert NOT_RUN in failed.text
    assert for_the_failure == [("before_update", "web", 0)]
    assert repeated.ok, repeated.text
    assert stack.called() == [("before_update", "web", 1), ("after_update", "web", 2)]


def test_a_wait_that_is_resumed_runs_the_after_hooks_alone(new_stack: NewStack) -> None:
    """They run when the reimage has succeeded in the later run."""
    stack = Hooked.start(new_stack, "web", seconds=1000)
    fleet = stack.fleet
    fleet.up(triggers={"image": "1"})

    pending = fleet.up(triggers={"image": "2"}, timeout=1)
    in_the_first = stack.called()
    fleet.simulator.finish("web")
    resumed = fleet.up()

    assert not pending.ok
    assert NOT_RUN in pending.text
    assert in_the_first == [("before_update", "web", 0)]
    assert resumed.ok, resumed.text
    assert stack.called() == [("after_update", "web", 1)]


def test_nothing_is_sent_if_a_before_hook_raises_and_the_next_up_begins_with_it(
    new_stack: NewStack,
) -> None:
    """The error says both things."""
    stack = Hooked.start(new_stack, "web")
    fleet = stack.fleet
    fleet.up(triggers={"image": "1"})
    stack.raising.add("before_update")

    failed = fleet.up(triggers={"image": "2"})
    posts = fleet.posts
    stack.raising.clear()
    stack.called()
    done = fleet.up()

    assert not failed.ok
    assert "RuntimeError: before_update raised. This run has not requested a reimage of web." in failed.text
    assert posts == 0
    assert done.ok, done.text
    assert stack.called() == [("before_update", "web", 0), ("after_update", "web", 1)]


def test_a_reimage_is_in_state_if_an_after_hook_raises_and_the_hook_is_not_run_again(
    new_stack: NewStack,
) -> None:
    """The run fails, so a pipeline notices it, and the error says what is still in effect."""
    stack = Hooked.start(new_stack, "web")
    fleet = stack.fleet
    fleet.up(triggers={"image": "1"})
    stack.raising.add("after_update")

    failed = fleet.up(triggers={"image": "2"})
    stack.called()
    stack.raising.clear()
    unchanged = fleet.up()

    assert not failed.ok
    assert "The reimage of web has succeeded and is in state" in failed.text
    assert fleet.told("web")["status"] == "Succeeded"
    assert set(unchanged.changes) == {"same"}
    assert (stack.called(), fleet.posts) == ([], 1)


def test_a_before_hook_whose_errors_are_ignored_lets_the_request_go(new_stack: NewStack) -> None:
    """Pulumi always does this, and no message is false."""
    stack = Hooked.start(new_stack, "web")
    stack.options = pulumi.ResourceHookOptions(ignore_errors=True)
    stack.fleet.up(triggers={"image": "1"})
    stack.raising.add("before_update")

    changed = stack.fleet.up(triggers={"image": "2"})

    assert changed.ok, changed.text
    assert "before_update raised" in changed.text
    assert "has not requested" not in changed.text
    assert stack.fleet.posts == 1


@pytest.mark.parametrize(("stops", "posts"), [("before_update", 0), ("after_update", 1)])
def test_a_run_that_is_killed_in_a_hook_runs_it_again_and_sends_once(
    new_stack: NewStack, stops: str, posts: int
) -> None:
    """So a hook must be safe to run twice."""
    stack = Hooked.start(new_stack, "web")
    fleet = stack.fleet
    fleet.up(triggers={"image": "1"})
    fleet.set(triggers={"image": "2"})
    (fleet.stack.folder / "hooked.json").write_text(json.dumps([fleet.inputs, stops]))
    running = fleet.stack.up_in_subprocess(Path(hooked.__file__))
    running.until((fleet.stack.folder / "stopped").exists)
    running.kill9()
    sent = fleet.posts
    assert fleet.stack.cancel().ok

    done = fleet.stack.up()

    assert sent == posts
    assert done.ok, done.text
    assert fleet.posts == 1
    before = [("before_update", "web", 0)] if posts == 0 else []
    assert stack.called() == [*before, ("after_update", "web", 1)]


def test_a_change_that_is_taken_back_after_a_kill_says_what_the_hooks_have_left(new_stack: NewStack) -> None:
    """Nothing is sent, so no after hook runs, and the machine stays as the killed run has left it."""
    stack = Hooked.start(new_stack, "web")
    fleet = stack.fleet
    fleet.up(triggers={"image": "1"})
    fleet.set(triggers={"image": "2"})
    (fleet.stack.folder / "hooked.json").write_text(json.dumps([fleet.inputs, "before_update"]))
    running = fleet.stack.up_in_subprocess(Path(hooked.__file__))
    running.until((fleet.stack.folder / "stopped").exists)
    running.kill9()
    assert fleet.stack.cancel().ok

    withdrawn = fleet.up(triggers={"image": "1"})

    assert withdrawn.ok, withdrawn.text
    assert f"Nothing was sent for VM web. {NOT_RUN}" in withdrawn.text
    assert fleet.posts == 0
    assert "after_update" not in [call[0] for call in stack.called()]


def test_delete_hooks_run_before_the_first_and_after_the_last_of_the_children(new_stack: NewStack) -> None:
    """Each runs once, and nothing is sent. Pulumi requires the hooks to be in the program still."""
    stack = Hooked.start(new_stack, "web")
    stack.fleet.up(triggers={"image": "1"})
    stack.declares = False

    deleted = stack.fleet.stack.up()

    assert deleted.ok, deleted.text
    before, after = stack.calls
    assert (before.hook, before.children) == (
        "before_delete",
        tuple(sorted([COMPONENT, OPERATION, REQUEST, RESULT])),
    )
    assert after.hook == "after_delete"
    assert set(after.children) <= {COMPONENT, REQUEST}
    assert stack.args["after_delete"].type == REQUEST
    assert (stack.args["after_delete"].old_inputs or {})["vm_id"] == vm_id("web")
    assert stack.fleet.posts == 0


def test_hooks_run_in_a_preview_only_if_they_ask_for_it_and_a_reimage_may_be_due(
    new_stack: NewStack,
) -> None:
    """They have `on_dry_run`, and are given what the preview knows at that point."""
    stack = Hooked.start(new_stack, "web")
    fleet = stack.fleet
    stack.options = pulumi.ResourceHookOptions(on_dry_run=True)
    for_a_baseline = fleet.preview(triggers={"image": "1"}), stack.called()
    fleet.up()
    unchanged = fleet.preview(), stack.called()
    changed = fleet.preview(triggers={"image": "2"}), stack.called()
    stack.options = pulumi.ResourceHookOptions()
    not_asked = fleet.preview(), stack.called()

    for preview, _ in (for_a_baseline, unchanged, changed, not_asked):
        assert preview.ok, preview.text
    assert for_a_baseline[1] == []
    assert unchanged[1] == []
    assert changed[1] == [("before_update", "web", 0)]
    assert not_asked[1] == []


def test_an_error_hook_is_called_for_each_failed_step_and_its_repeat_sends_nothing_twice(
    new_stack: NewStack,
) -> None:
    """The hook is set on all three children."""
    stack = Hooked.start(new_stack, "web")
    fleet = stack.fleet
    heard: list[tuple[str, str]] = []

    def on_error(args: pulumi.ErrorHookArgs) -> bool:
        heard.append((args.type, args.errors[0]))
        return len(heard) == 1

    def program() -> None:
        hooks = pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("heard", on_error)])
        options = pulumi.ResourceOptions(hooks=hooks)
        VirtualMachineReimage("web", options, **{"vm_id": vm_id("web"), **fleet.inputs["web"]})

    fleet.stack.program = program
    fleet.up(triggers={"image": "1"})
    fleet.simulator.fail("web", "AllocationFailed")
    failed = fleet.up(triggers={"image": "2"})

    assert not failed.ok
    assert [type_ for type_, _ in heard] == [RESULT, RESULT]
    assert "AllocationFailed" in heard[0][1]
    assert fleet.posts == 1


def test_hooks_of_components_with_one_name_under_two_parents_do_not_collide(new_stack: NewStack) -> None:
    """Pulumi requires a unique name for each hook."""
    stack = Hooked.start(new_stack, "web", "other")
    fleet = stack.fleet
    called: list[str] = []
    release = {"value": "1"}

    def program() -> None:
        hooks = pulumi.ResourceHookBinding(before_update=[lambda args: called.append(args.urn)])
        for kind, machine in (("Blue", "web"), ("Green", "other")):
            site = pulumi.ComponentResource(f"test:index:{kind}", "site")
            options = pulumi.ResourceOptions(parent=site, hooks=hooks)
            VirtualMachineReimage("vm", options, vm_id=vm_id(machine), triggers={"release": release["value"]})

    fleet.stack.program = program
    assert fleet.stack.up().ok
    release["value"] = "2"
    changed = fleet.stack.up()

    assert changed.ok, changed.text
    assert sorted(urn.partition("$")[0].rpartition("::")[2] for urn in called) == [
        "test:index:Blue",
        "test:index:Green",
    ]
