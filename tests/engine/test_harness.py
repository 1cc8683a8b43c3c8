"""The harness: it runs the real engine, reports failures as results, and leaves no process behind."""

import gc
import json
import os
from pathlib import Path

import pulumi

from tests.engine.conftest import NewStack
from tests.engine.harness import EngineStack
from tests.engine.processes import MARK_VARIABLE, processes_of
from tests.engine.trivial_resource import FAIL, Trivial

BLOCKING_PROGRAM = """\
import pulumi
from tests.engine.trivial_resource import Trivial

Trivial("one", pulumi.Config().require("value"))
"""


def test_a_stack_lives_from_up_to_destroy(new_stack: NewStack) -> None:
    """Each step is one call of the real CLI, and its result shows what happened."""
    stack = new_stack(_keep_the_configured_value, config={"value": "a"})

    created = stack.up()
    stack.set_config("value", "b")
    previewed = stack.preview()
    updated = stack.up()
    refreshed = stack.refresh()
    destroyed = stack.destroy()

    assert all(result.ok for result in (created, previewed, updated, refreshed, destroyed))
    assert created.changes == {"create": 2}
    assert created.outputs == {"value": "a", "hidden": "[secret]"}
    assert previewed.changes == {"update": 1, "same": 1}
    assert previewed.outputs == created.outputs
    assert updated.changes == {"update": 1, "same": 1}
    assert updated.outputs["value"] == "b"
    assert refreshed.changes == {"same": 2}
    assert destroyed.changes == {"delete": 2}
    assert stack.resources() == []


def test_a_failure_is_a_result(new_stack: NewStack) -> None:
    """Tests read what went wrong in the text and the diagnostics."""
    stack = new_stack(lambda: _keep(FAIL))

    result = stack.up()

    assert not result.ok
    assert "told to fail" in result.text
    assert [said.severity for said in result.diagnostics if "told to fail" in said.message] == ["error"]


def test_a_failing_program_is_a_result(new_stack: NewStack) -> None:
    """A test may be about an exception of the program."""

    def fail() -> None:
        raise ValueError("the program is wrong")

    result = new_stack(fail).preview()

    assert not result.ok
    assert "the program is wrong" in result.text


def test_a_failure_leaves_nothing_to_the_garbage_collector(new_stack: NewStack) -> None:
    """Resources wait for a failed one. A warning about what they leave would fail this or a later test."""

    def program() -> None:
        failed = Trivial("failed", FAIL)
        for name in ("one", "two"):
            Trivial(name, failed.value)

    result = new_stack(program).up()
    gc.collect()

    assert not result.ok


def test_secrets_are_encrypted_in_the_export(new_stack: NewStack) -> None:
    """So a test can search it for a value in the clear."""
    stack = new_stack(_keep_the_configured_secret)
    stack.set_config("value", "hunter2", secret=True)
    stack.up()

    exported = stack.export()
    shown = stack.export(show_secrets=True)

    assert json.loads(exported.text)["deployment"]["resources"]
    assert "hunter2" not in exported.text
    assert "hunter2" in shown.text


def test_kill_9_leaves_no_process_behind_and_the_stack_heals(new_stack: NewStack, tmp_path: Path) -> None:
    """It is killed in a create. The lock stays, `cancel` removes it, and the next `up` continues."""
    program = tmp_path / "program.py"
    program.write_text(BLOCKING_PROGRAM)
    os.mkfifo(tmp_path / "block")
    stack = new_stack(lambda: _keep(str(tmp_path)), config={"value": str(tmp_path)})

    run = stack.up_in_subprocess(program)
    run.until((tmp_path / "blocked").exists)
    during = _processes(stack)
    run.kill9()
    after = _processes(stack)
    (tmp_path / "block").unlink()
    locked = stack.up()
    cancelled = stack.cancel()
    healed = stack.up()

    assert len(during) >= len(["the runner", "the CLI", "the dynamic host"])
    assert after == []
    assert "locked" in locked.text
    assert not locked.ok
    assert cancelled.ok
    assert healed.ok
    assert healed.changes["create"] == 1


def test_a_run_in_a_subprocess_may_also_end_by_itself(new_stack: NewStack, tmp_path: Path) -> None:
    """Only the process differs from `up`."""
    program = tmp_path / "program.py"
    program.write_text(BLOCKING_PROGRAM)
    stack = new_stack(lambda: None, config={"value": "a"})

    run = stack.up_in_subprocess(program)

    assert run.wait()
    assert "2 created" in run.text
    assert _processes(stack) == []


def _keep_the_configured_secret() -> None:
    _keep(pulumi.Config().require_secret("value"))


def _keep_the_configured_value() -> None:
    _keep(pulumi.Config().require("value"))


def _keep(value: pulumi.Input[str]) -> None:
    pulumi.export("value", Trivial("one", value).value)
    pulumi.export("hidden", pulumi.Output.secret("s3cret"))


def _processes(stack: EngineStack) -> list[int]:
    return processes_of(stack.environment[MARK_VARIABLE])
