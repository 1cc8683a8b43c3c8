"""A model of the Pulumi engine, which runs one stack with the three shipped providers step by step.

It follows the engine's source (pkg/resource/deploy): a step is saved before its dependents begin, a failed
update with initialization errors keeps the new outputs with the old inputs, and a kill keeps what was saved.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pulumi_azure_reimage.dynamic.operation import ReimageOperationProvider
from pulumi_azure_reimage.dynamic.request import ReimageRequestProvider
from pulumi_azure_reimage.dynamic.result import ReimageResultProvider
from pulumi_azure_reimage.errors import ReimageError
from pulumi_azure_reimage.reimage.run import Run
from tests.unit.stack import FakeLog

from .choices import Choices
from .host import Host, HostMemory, InlinePool, ModelSession
from .program import inputs_of
from .situation import Situation
from .stage import Stage
from .world import VERSIONS

if TYPE_CHECKING:
    from .host import Properties
    from .situation import Saved
    from .world import World

PROVIDERS = {"R": ReimageRequestProvider, "O": ReimageOperationProvider, "Z": ReimageResultProvider}
_VALUES = {version: value for value, version in VERSIONS.items()}


class Kept(Exception):  # noqa: N818 - a failed step whose outputs are kept.
    """A step failed, and the engine kept its outputs."""

    def __init__(self, at: Situation, error: ReimageError) -> None:
        super().__init__(str(error))
        self.at = at
        self.error = error


@dataclass(slots=True)
class Engine:
    """The host process of one step, with fresh providers on a situation.

    Attributes:
        at: The situation.
        stage: The model of Azure.
        log: What the providers logged.
        providers: The providers of a run that keeps them, as the real host does. With None, they are rebuilt.
    """

    at: Situation
    stage: Stage
    log: FakeLog = field(default_factory=FakeLog)
    host: Host = field(init=False)
    providers: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Begin the host process, or continue with what it held."""
        run = Run(self.stage.engine_is_gone, self.stage.cli_age)
        if self.at.host is not None:
            self.at.host.restore(run)
        self.host = Host(self.log, InlinePool(), run)

    @property
    def memory(self) -> HostMemory:
        """What the host process holds."""
        return HostMemory.of(
            self.host.run, self.at.host.started if self.at.host else self.stage.world.elapsed
        )

    def provider(self, letter: str) -> Any:  # noqa: ANN401 - one of three.
        """Return a configured provider, which is a new one each time unless providers are kept."""
        if self.providers is None:
            return self._configured(letter)
        if letter not in self.providers:
            self.providers[letter] = self._configured(letter)
        return self.providers[letter]

    def _configured(self, letter: str) -> Any:  # noqa: ANN401 - one of three.
        provider = PROVIDERS[letter]()
        provider.host = self.host
        started = self.at.host.started if self.at.host else None
        provider.session = ModelSession.on(self.stage, self.host, started)
        return provider

    def refresh(self) -> Situation:
        """Read the resources as a refresh does, and return the situation after it."""
        at = self.at
        for letter, saved in at.saved:
            outputs = self.provider(letter).read(saved.id, json.loads(saved.outputs)).outs
            at = at.keep(letter, json.loads(saved.inputs), {**outputs, "__provider": "x"})
        return at

    def step(self, letter: str) -> Situation:
        """Check, diff and update a resource, and return the situation after its save.

        Raises:
            Killed: the run was killed inside the step.
            ReimageError: the step failed.
            Kept: the step failed, and its outputs are saved.
        """
        saved = dict(self.at.saved).get(letter)
        is_replaced = letter == "R" and self.at.mode == "leave"
        inputs, has_changed = self._plan(letter, saved, is_replaced=is_replaced)
        if saved is None or is_replaced:
            # `pulumi up --replace` creates a resource before it deletes the old one.
            outputs = self._create(letter, inputs)
        elif has_changed:
            outputs = self._update(letter, saved, inputs)
        else:
            outputs = json.loads(saved.outputs)
        return self.at.keep(letter, inputs, {**outputs, "__provider": "x"})

    def _plan(self, letter: str, saved: Saved | None, *, is_replaced: bool) -> tuple[Properties, bool]:
        """Check and diff, while nothing else happens. The step uses the inputs that `check` returns.

        A resource that `--replace` names is checked a second time as a new one, and has no diff
        (pkg/resource/deploy/step_generator.go).
        """
        provider = self.provider(letter)
        self.stage.quiet = True
        declared = inputs_of(self.at, letter)
        checked = provider.check(json.loads(saved.inputs) if saved else {}, declared)
        assert not checked.failures
        if is_replaced:
            checked = provider.check({}, declared)
            assert not checked.failures
        inputs: Properties = checked.inputs
        has_changed = saved is None or is_replaced or differs(provider, saved, inputs)
        self.stage.quiet = False
        return inputs, has_changed

    def _create(self, letter: str, inputs: Properties) -> Properties:
        Host.kept.clear()
        Host.keeps = self.at.partial
        try:
            outputs: Properties = self.provider(letter).create(inputs).outs
        except ReimageError as error:
            if not Host.kept:
                raise
            # The engine saves a resource that was created with errors together with its inputs.
            kept = {**Host.kept.pop(), "__provider": "x"}
            raise Kept(self.at.keep(letter, inputs, kept), error) from error
        return outputs

    def _update(self, letter: str, saved: Saved, inputs: Properties) -> Properties:
        Host.kept.clear()
        Host.keeps = self.at.partial
        try:
            outputs: Properties = (
                self.provider(letter).update(saved.id, json.loads(saved.outputs), inputs).outs
            )
        except ReimageError as error:
            if not Host.kept:
                raise
            kept = {**Host.kept.pop(), "__provider": "x"}
            raise Kept(self.at.keep(letter, json.loads(saved.inputs), kept), error) from error
        return outputs


def differs(provider: Any, saved: Saved, inputs: Properties) -> bool:  # noqa: ANN401 - one of three.
    """Return whether `diff` finds changes. It never asks for a replacement here."""
    diff = provider.diff(saved.id, json.loads(saved.outputs), inputs)
    assert not diff.replaces
    return bool(diff.changes)


def first(world: World, *, partial: bool = True) -> Situation:
    """Return a stack after its first `pulumi up`: a baseline for the value A."""
    at = Situation(world, "idle", (), partial=partial)
    engine = Engine(at, Stage(world, Choices(), wanted="A"))
    for letter in "ROZ":
        engine.at = engine.step(letter)
    return replace(engine.at, world=engine.stage.world, ended="ok")


def begin(at: Situation, choices: Choices) -> Engine:
    """Return an engine for the next step of a situation."""
    decided = {id_[:-12]: (number, value) for number, (id_, value) in enumerate(at.decided, 1)}
    wanted = "none" if at.mode == "leave" else at.wanted if "R" in at.letters else "any"
    stage = Stage(at.world, choices, wanted=wanted, decided=decided, phase=at.phase, guarded=at.guarded)
    if "O" in dict(at.saved):
        outputs = at.outputs("O")
        base: str = outputs["exact_version"] if at.world.exact else outputs["triggers"]["image"]
        stage.base = _VALUES.get(base, base)
    stage.cli_started = at.world.elapsed if at.host is None else at.host.started
    if stage.world.running is not None:
        stage.change(running=replace(stage.world.running, seen=0))
    return Engine(at, stage)
