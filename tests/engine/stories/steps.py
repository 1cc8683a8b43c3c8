"""The steps of a story that run Pulumi without killing it, and what each asserts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol

from tests.engine.stories import program
from tests.engine.stories.gate import is_reimage
from tests.engine.stories.points import matcher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.engine.harness import EngineResult
    from tests.engine.stories.points import Point
    from tests.engine.stories.stage import Stage

Child = Literal["ReimageRequest", "ReimageOperation", "ReimageResult"]
BOTH_WAYS = ("change a trigger", "pulumi up --replace")
"""What an error that a user must decide names: *do it*, and *leave it*."""

_REFUSED = "GET {} web: 403 AuthorizationFailed"


class Step(Protocol):
    """One step."""

    def play(self, stage: Stage) -> None:
        """Run it, and assert the expected result.

        Raises:
            AssertionError: the result is different.
        """


@dataclass(frozen=True, slots=True)
class Change:
    """Change inputs of the reimage; None removes one."""

    inputs: Mapping[str, object]

    def play(self, stage: Stage) -> None:
        """Do it."""
        stage.arguments.update(self.inputs)
        for name in [name for name, value in stage.arguments.items() if value is None]:
            del stage.arguments[name]


def trigger(value: str) -> Change:
    """Return a change of the trigger."""
    return Change({"triggers": {"image": value}})


@dataclass(frozen=True, slots=True)
class Up:
    """Run `pulumi up`.

    Attributes:
        ok: Whether it succeeds.
        sends: How many reimages Azure takes meanwhile; None means any number.
        says: What the screen shows.
        never: What the screen does not show.
        target: The only child that is updated; empty for all.
        leaves_it: Whether it is run with the option that the last run printed: `--replace` of ReimageRequest.
        arrives_in_fence: Whether a request of a killed run arrives while this one waits for the fence.
        stumbles_at: The point at which Azure refuses once to show the VM; None means no point.
        blind_after_post: Whether Azure refuses to show the VM from the POST until the end of the run.
    """

    ok: bool = True
    sends: int | None = 0
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    target: Child | Literal[""] = ""
    leaves_it: bool = False
    arrives_in_fence: bool = False
    stumbles_at: Point | None = None
    blind_after_post: bool = False

    def play(self, stage: Stage) -> None:
        """Do it."""
        if self.arrives_in_fence:
            stage.deliver_in_fence()
        if self.stumbles_at:
            stage.at(matcher(stage, self.stumbles_at), partial(stage.simulator.script, _REFUSED.format(1)))
        if self.blind_after_post:
            stage.at(is_reimage, partial(stage.simulator.script, _REFUSED.format("every")))
        target = [stage.urn(self.target)] if self.target else None
        replace = stage.urns_to_leave_it if self.leaves_it else None
        result = stage.note(stage.stack.up(target=target, replace=replace))
        if self.blind_after_post:
            stage.see_again()
        assert_shown(result, ok=self.ok, says=self.says, never=self.never)
        stage.expect_sent(self.sends)


@dataclass(frozen=True, slots=True)
class Preview:
    """Run `pulumi preview`, which never sends anything."""

    ok: bool = True
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def play(self, stage: Stage) -> None:
        """Do it."""
        result = stage.note(stage.stack.preview())
        assert_shown(result, ok=self.ok, says=self.says, never=self.never)
        stage.expect_sent(0)


@dataclass(frozen=True, slots=True)
class Refresh:
    """Run `pulumi refresh`, which never sends anything."""

    says: tuple[str, ...] = ()

    def play(self, stage: Stage) -> None:
        """Do it."""
        assert_shown(stage.note(stage.stack.refresh()), ok=True, says=self.says, never=())
        stage.expect_sent(0)


@dataclass(frozen=True, slots=True)
class MoveState:
    """Export the state and import it, as when a stack moves to another backend."""

    def play(self, stage: Stage) -> None:
        """Do it."""
        before = stage.saved
        for verb in ("export", "import"):
            moved = stage.stack.cli("stack", verb, "--file", "moved.json")
            assert moved.ok, moved.text
        assert stage.saved == before


@dataclass(frozen=True, slots=True)
class WithoutKey:
    """Edit the state by hand: remove a key from the outputs of our resources."""

    key: str

    def play(self, stage: Stage) -> None:
        """Do it."""
        checkpoint = stage.stack.checkpoint_file
        state = json.loads(checkpoint.read_text())
        for resource in state["checkpoint"]["latest"]["resources"]:
            resource["outputs"] = _without(resource.get("outputs", {}), self.key)
        checkpoint.write_text(json.dumps(state))


@dataclass(frozen=True, slots=True)
class RetryOnError:
    """Repeat a failed step of a child once, from now on, with an `on_error` hook of the program."""

    child: Child

    def play(self, stage: Stage) -> None:
        """Do it."""
        stage.retried = self.child


@dataclass(frozen=True, slots=True)
class Set:
    """Set variables in the environment of all runs from now on; None removes one."""

    variables: Mapping[str, str | None] = field(default_factory=dict)

    def play(self, stage: Stage) -> None:
        """Do it."""
        for name, value in self.variables.items():
            if value is None:
                del stage.stack.environment[name]
            else:
                stage.stack.environment[name] = value


@dataclass(frozen=True, slots=True)
class Calm:
    """Assert that all is over: the state is true, and a preview changes and reads nothing.

    Attributes:
        status: What the result says.
        version: The image version that the VM has; empty for any.
    """

    status: str = "Succeeded"
    version: str = ""

    def play(self, stage: Stage) -> None:
        """Do it."""
        disk = stage.simulator.machine(program.NAME).os_disk_name
        assert stage.saved.status == self.status
        assert stage.saved.disk == disk
        assert self.version in ("", stage.simulator.machine(program.NAME).image_version)
        known = len(stage.simulator.requests())
        result = stage.stack.preview()
        assert result.ok, result.text
        assert set(result.changes) == {"same"}, result.text
        assert len(stage.simulator.requests()) == known


def _without(value: object, key: str) -> object:
    match value:
        case dict():
            return {name: _without(item, key) for name, item in value.items() if name != key}
        case list():
            return [_without(item, key) for item in value]
        case _:
            return value


def assert_shown(result: EngineResult, *, ok: bool, says: tuple[str, ...], never: tuple[str, ...]) -> None:
    """Assert how a run ended and what it showed. Each error is a sentence without a traceback."""
    text = " ".join(result.text.split())
    assert result.ok is ok, result.text
    assert "Traceback" not in text, result.text
    assert [sentence for sentence in says if sentence not in text] == [], result.text
    assert [sentence for sentence in never if sentence in text] == [], result.text
