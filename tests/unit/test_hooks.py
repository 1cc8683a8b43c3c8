"""What can be a hook of the component. tests/engine/test_hooks.py runs hooks."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import ResourceHookArgs
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.resource_hooks import StubResourceHook

from pulumi_azure_reimage.hooks import (
    END,
    REPEAT,
    HookError,
    HookRun,
    Step,
    check_hooks,
    children_hooks,
    note_decision,
    send_step,
)
from pulumi_azure_reimage.inputs.changes import CREATED
from pulumi_azure_reimage.inputs.parameters import Cause
from pulumi_azure_reimage.options import OptionError
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.repeat import Failure
from pulumi_azure_reimage.reimage.request import Predecessor, Request
from pulumi_azure_reimage.reimage.troubleshooting import Disk
from tests.examples.mocked_program import run_program

from .fakes import disk

LOOK = Look(disk(), "a fingerprint")


def hook(_: object) -> None:
    """Do nothing."""


def options(**hooks: Any) -> pulumi.ResourceOptions:  # noqa: ANN401 - also what is no hook.
    """Return options with hooks."""
    return pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(**hooks))


@pytest.mark.parametrize(
    ("hooks", "said"),
    [
        (
            {"before_update": ["drain.sh"]},
            "before_update must be a list of functions or pulumi.ResourceHook, and it",
        ),
        (
            {"before_delete": [hook]},
            "before_delete must be a list of pulumi.ResourceHook, and it holds a function.",
        ),
        ({"on_error": [hook]}, "on_error must be a list of pulumi.ErrorHook, and it holds a function."),
    ],
)
def test_what_is_not_a_hook_is_refused_by_name(hooks: dict[str, Any], said: str) -> None:
    """The SDK would find it only after the component was registered."""
    with pytest.raises(OptionError) as error:
        check_hooks("web", options(**hooks))

    assert said in str(error.value)
    assert str(error.value).endswith("Nothing was registered.")


@pytest.mark.parametrize(
    "opts", [None, pulumi.ResourceOptions(), options(), pulumi.ResourceOptions.merge(None, None)]
)
def test_without_hooks_the_children_have_none(opts: pulumi.ResourceOptions | None) -> None:
    """So state has no trace of hooks."""
    check_hooks("web", opts)
    given = children_hooks("web", opts)

    assert (given.request, given.operation, given.result, given.names) == (None, None, None, ())


def test_a_hook_of_another_program_is_refused() -> None:
    """A component that runs for a program in another language gets the hook's name, and no function."""

    async def check() -> None:
        check_hooks("web", options(before_update=[StubResourceHook("drain")]))

    with pytest.raises(OptionError, match="drain is a hook of another program"):
        asyncio.run(check())


CHANGED = Request(
    "2", "Reimage", (Cause("triggers.a", "triggers.a changed"),), "host", LOOK, Predecessor("1", LOOK, None)
)
CREATION = Request("1", "Reimage", (CREATED,), "host", LOOK, forecast="A lock refuses it.")
TAKEN = {"operation": Operation("1", "Taken", Record(disk(), "1")).to_state()}
ENDED = {"key": "2/a", "result": {"status": "Succeeded"}}


def step_args(**properties: Any) -> ResourceHookArgs:  # noqa: ANN401 - passed on.
    """Return what the engine passes to a hook of a step."""
    return ResourceHookArgs("urn", "id", "web", "type", **properties)


SENDING = {"new_inputs": {"request": CHANGED.to_state()}, "old_outputs": TAKEN}
ENDING = {"new_inputs": {"request": CHANGED.to_state()}, "new_outputs": ENDED, "old_outputs": {"key": "1/"}}


def called(step: Step, function: Any = None, **properties: Any) -> list[str]:  # noqa: ANN401 - passed on.
    """Return the names with which a hook was called for a step."""
    calls: list[str] = []

    def note(args: ResourceHookArgs) -> None:
        calls.append(args.name)

    asyncio.run(HookRun(function or note, step, "web")(step_args(**properties)))
    return calls


def test_a_hook_is_called_for_the_step_that_it_belongs_to() -> None:
    """Hooks are called before a request, before a repeat, and after a reimage."""
    sent = Operation("2", "Taken", Record(disk(), "2"))
    failure = Failure(Disk.UNTOUCHED, "No room.", 1, LOOK).to_state()
    repeating = {
        "new_inputs": {"request": CHANGED.to_state(), "operation": sent.to_state()},
        "old_outputs": {"key": sent.record.key, "failure": failure},
    }

    assert called(send_step(set()), **SENDING) == ["web"]
    assert called(REPEAT, **repeating) == ["web"]
    assert called(END, **ENDING) == ["web"]


@pytest.mark.parametrize("step", [send_step(set()), REPEAT, END])
def test_a_hook_is_not_called_for_other_steps_or_for_state_that_cannot_be_read(step: Step) -> None:
    """The provider refuses such state."""
    baseline = replace(CHANGED, kind="Baseline").to_state()

    assert called(step, new_inputs={"request": baseline}, new_outputs={}, old_outputs=TAKEN) == []
    assert called(step, new_inputs={"request": {}}, new_outputs={}, old_outputs={"operation": {}}) == []


def test_what_the_sdk_wraps_as_secret_is_read_too() -> None:
    """A transform can make any input secret."""

    async def run() -> list[str]:
        calls: list[str] = []
        inputs = {"request": pulumi.Output.secret(CHANGED.to_state())}
        hook = HookRun(lambda args: calls.append(args.name), send_step(set()), "web")
        await hook(step_args(new_inputs=inputs, old_outputs=TAKEN))
        return calls

    assert asyncio.run(run()) == ["web"]


def test_what_is_forecast_holds_for_what_this_run_has_decided() -> None:
    """ReimageRequest's step is recorded before ReimageOperation's begins."""
    decided: set[str] = set()
    creating = {"new_inputs": {"request": CREATION.to_state(), "reimage_on_create": True}}

    before = called(send_step(decided), **creating)
    asyncio.run(note_decision(decided, step_args(new_outputs={"request": CREATION.to_state()})))
    asyncio.run(note_decision(decided, step_args(new_outputs={})))
    after = called(send_step(decided), **creating)

    assert (before, decided, after) == (["web"], {"1"}, [])


@pytest.mark.parametrize("is_async", [False, True])
def test_what_a_hook_raises_is_shown_with_what_follows(is_async: bool) -> None:  # noqa: FBT001 - a parameter.
    """Either nothing was sent, or the hook will not run again."""

    def fail(_: ResourceHookArgs) -> None:
        raise ValueError("No answer.")

    async def fail_later(args: ResourceHookArgs) -> None:
        fail(args)

    function = fail_later if is_async else fail
    with pytest.raises(HookError) as before:
        called(send_step(set()), function, **SENDING)
    with pytest.raises(HookError) as after:
        called(END, function, **ENDING)

    assert str(before.value) == (
        "ValueError: No answer. This run has not requested a reimage of web. The next `pulumi up` runs the "
        "hook again."
    )
    assert str(after.value).startswith("ValueError: No answer. The reimage of web has succeeded")


PROGRAM = """
import pulumi
from pulumi_azure_reimage import VirtualMachineReimage

VM = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Compute"

def hook(_):
    pass

named = pulumi.ResourceHook("named", hook, pulumi.ResourceHookOptions(ignore_errors=True))
hooks = pulumi.ResourceHookBinding(
    before_create=[hook], after_create=[hook], before_update=[named, hook], after_update=[hook],
    before_delete=[named],
)
VirtualMachineReimage(
    "web",
    pulumi.ResourceOptions(
        parent=pulumi.ComponentResource("test:index:Site", "site"),
        hooks=hooks,
        ignore_changes=["exact_version", "triggers.a", "vm_id", "timeout"],
    ),
    vm_id=f"{VM}/virtualMachines/web",
)
"""


@pytest.mark.skipif(
    not hasattr(MockMonitor, "RegisterResourceHook"),
    reason="the mocks of this SDK know no hooks: those of 3.259 end in 'No callback server registered'",
)
def test_a_program_on_mocks_gives_hooks_and_what_is_ignored_to_the_children(tmp_path: Path) -> None:
    """They are as the engine would get them. Inputs that only ReimageRequest has are ignored only there."""
    (tmp_path / "__main__.py").write_text(PROGRAM)

    registered = run_program(tmp_path, {})

    children = {
        name: registered[f"pulumi-python:dynamic/azure-reimage:{name}"]
        for name in ("ReimageRequest", "ReimageOperation", "ReimageResult")
    }
    around = ["before_create", "before_update", "after_create", "after_update"]
    for child in children.values():
        assert child.inputs["hooks"] == around
        assert child.inputs["ignore_changes"] == ["exact_version", "triggers.a"]
    assert children["ReimageRequest"].ignored == ("vm_id", "timeout")
    assert children["ReimageOperation"].ignored == children["ReimageResult"].ignored == ("timeout",)
