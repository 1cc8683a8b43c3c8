"""Errors on the real engine: one line without a traceback, outputs that survive a failure, and pending waits.

The forms depend on frames of Pulumi's host that are not an interface. These tests pin them for the CLI that
`tools/pulumi-cli` builds and for the SDK in the lock.
"""

from typing import Any

import pulumi
import pytest
from pulumi.runtime.proto import provider_pb2

from tests.engine.conftest import NewStack
from tests.engine.failing_resource import SHOWN, Failing
from tests.engine.harness import Engine, EngineResult, EngineStack
from tests.engine.reimaging import Reimaging, vm_id
from tests.engine.trivial_resource import Trivial
from tools.go_tool import parse_version

# https://github.com/pulumi/pulumi/pull/24694
FIRST_WITH_PENDING = (3, 274, 0)
FAILING = "pulumi-python:dynamic/test:Failing"


class Program:
    """A program with one resource that fails as its input says, and one that is independent of it."""

    told = ""
    ballast = ""

    def __call__(self) -> None:
        """Declare both."""
        failing = Failing("failing", self.told, self.ballast)
        pulumi.export("progress", failing.progress)
        pulumi.export("found", failing.found)
        Trivial("neighbour", self.told)


def start(new_stack: NewStack) -> tuple[EngineStack, Program]:
    """Return a stack whose resources were created without an error."""
    program = Program()
    stack = new_stack(program)
    created = stack.up()
    assert created.ok, created.text
    return stack, program


def shown(result: EngineResult) -> list[str]:
    """Return the messages on the row of the failing resource, without colours."""
    return [
        said.message.strip()
        for said in result.diagnostics
        if said.severity == "error" and (said.urn or "").endswith("::failing")
    ]


def failing(stack: EngineStack) -> dict[str, Any]:
    """Return the failing resource from the state."""
    (found,) = [resource for resource in stack.resources() if resource["type"] == FAILING]
    return found


def knows_pending(engine: Engine) -> bool:
    """Report whether the CLI and the SDK support pending waits. Those of `make test-oldest` do not."""
    version = parse_version(str(engine.command.version))
    return (
        version is not None
        and version >= FIRST_WITH_PENDING
        and hasattr(provider_pb2, "ErrorResourceAwaitFailed")
    )


@pytest.mark.parametrize("method", ["check", "diff", "create", "update", "read"])
def test_an_error_is_one_line_without_a_traceback(new_stack: NewStack, method: str) -> None:
    """This holds in a preview and in an update. The line has ARM's codes and not the secret."""
    stack, program = (new_stack(Program()), Program()) if method == "create" else start(new_stack)
    stack.program = program
    program.told = method

    preview = stack.preview()
    # `read` gets the outputs from state.
    result = stack.up()
    if method == "read":
        result = stack.refresh()

    assert preview.ok is (method not in ("check", "diff"))
    assert not result.ok
    for failed in (preview, result):
        assert "Traceback" not in failed.text
        assert failed.ok or [line for line in shown(failed) if SHOWN in line]
        assert "hunter2" not in failed.text


def test_outputs_of_a_failed_update_are_kept_and_handed_to_the_next_run(new_stack: NewStack) -> None:
    """This works even for a hundred kilobytes, and the next run is an update without changed inputs."""
    stack, program = start(new_stack)
    program.told, program.ballast = "update, keeping", "x" * 100_000

    failed = stack.up()
    kept = failing(stack)
    program.told = "go on"
    resumed = stack.up()

    assert not failed.ok
    assert "Traceback" not in failed.text
    assert SHOWN in failed.text
    assert kept["outputs"]["progress"] == "half way, kept: True"
    assert kept["outputs"]["__provider"] == kept["inputs"]["__provider"]
    assert kept["inputs"]["told"] == ""
    assert kept["initErrors"]
    assert resumed.ok, resumed.text
    assert resumed.outputs["found"] == "half way, kept: True"


def test_outputs_of_a_failed_creation_are_kept(new_stack: NewStack) -> None:
    """The resource exists then, and the next run updates it."""
    program = Program()
    stack = new_stack(program)
    program.told = "create, keeping"

    failed = stack.up()
    kept = failing(stack)
    resumed = stack.up()

    assert not failed.ok
    assert "Traceback" not in failed.text
    assert kept["id"] == "failing"
    assert resumed.ok, resumed.text
    assert resumed.outputs["found"] == "half way, kept: True"


def test_a_refresh_forgets_the_failure_and_not_the_outputs(new_stack: NewStack) -> None:
    """So a repeat must rely on the outputs."""
    stack, program = start(new_stack)
    program.told = "update, keeping"
    stack.up()

    refreshed = stack.refresh()
    kept = failing(stack)
    program.told = "go on"
    resumed = stack.up()

    assert refreshed.ok, refreshed.text
    assert not kept.get("initErrors")
    assert resumed.outputs["found"] == "half way, kept: True"


def test_a_pending_wait_keeps_the_old_state_and_lets_others_continue(
    new_stack: NewStack, engine: Engine
) -> None:
    """If the CLI supports it, it is neither a success nor a failure, and has its own exit code."""
    stack, program = start(new_stack)
    program.told = "update, pending"

    pending = stack.up()
    kept = failing(stack)
    (neighbour,) = [
        {"value": resource["outputs"]["value"]}
        for resource in stack.resources()
        if resource["urn"].endswith("::neighbour")
    ]
    program.told = "go on"
    resumed = stack.up()

    assert not pending.ok
    assert pending.code == (10 if knows_pending(engine) else 1)
    assert "Traceback" not in pending.text
    assert SHOWN in pending.text
    assert kept["outputs"]["progress"] == "ended"
    assert neighbour == {"value": "update, pending"}
    assert resumed.ok, resumed.text


def test_every_error_of_a_reimage_is_one_line(new_stack: NewStack) -> None:
    """A wrong configuration, a VM that does not exist, a request that Azure refuses, and a failure."""
    fleet = Reimaging.start(new_stack, {"web": {}})
    missing = fleet.up(vm_id=vm_id("missing"))
    fleet.up(vm_id=vm_id("web"), triggers={"image": "1"})
    refused = fleet.up(triggers={"image": "2"}, prevent_reimage=True)
    fleet.simulator.script('POST web: 409 RequestDisallowedByPolicy "Not on Mondays."')
    rejected = fleet.up(prevent_reimage=None)
    (fleet.stack.folder / "machines.json").write_text("{")
    unusable = fleet.preview()

    for failed in (missing, refused, rejected, unusable):
        assert not failed.ok
        assert "Traceback" not in failed.text, failed.text
