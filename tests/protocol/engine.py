"""A model of the Pulumi engine: one stack with the three shipped providers, step by step.

What it does was read in the engine's source (pkg/resource/deploy): a step is saved before its dependents
begin, a failed update with initialization errors keeps new outputs with old inputs, and a kill keeps what
was saved.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_azure_reimage.dynamic.host import HostProcess
from pulumi_azure_reimage.dynamic.operation import ReimageOperationProvider
from pulumi_azure_reimage.dynamic.preview_pool import PreviewPool
from pulumi_azure_reimage.dynamic.request import ReimageRequestProvider
from pulumi_azure_reimage.dynamic.result import ReimageResultProvider
from pulumi_azure_reimage.dynamic.session import Session
from pulumi_azure_reimage.errors import ReimageError
from pulumi_azure_reimage.reimage.run import Run
from tests.unit.stack import COMPONENT, NOT_KNOWN, WEB, FakeLog

from .azure import START, VERSIONS, Azure, World, version_of
from .choices import Choices

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from pulumi_azure_reimage.arm.client import ArmClient

Properties = dict[str, Any]
PROVIDERS = {"R": ReimageRequestProvider, "O": ReimageOperationProvider, "Z": ReimageResultProvider}
_VALUES = {version: value for value, version in VERSIONS.items()}
NEXT = {"R": "O", "O": "Z", "Z": "idle"}


class InlinePool(PreviewPool):
    """Previews that run at once, so that a story has one order of events."""

    def __init__(self) -> None:
        self._ended: dict[str, tuple[Hashable, BaseException | None]] = {}

    def has_begun(self, urn: str, subject: Hashable) -> bool:
        """Return whether the latest preview is the one of `subject`."""
        return urn in self._ended and self._ended[urn][0] == subject

    def begin(self, urn: str, subject: Hashable, preview: Callable[[], None]) -> None:
        """Run it and keep what it raises."""
        try:
            preview()
        except ReimageError as error:
            self._ended[urn] = (subject, error)
        else:
            self._ended[urn] = (subject, None)

    def wait(self, urn: str) -> None:
        """Raise what it raised, once."""
        error = self._ended.pop(urn, (None, None))[1]
        if error is not None:
            raise error


class Host(HostProcess):
    """A host process that keeps failures, or does not."""

    kept: ClassVar[list[Properties]] = []
    keeps: ClassVar[bool] = True

    def keep_failure(self, error: ReimageError, inputs: Properties, outputs: Properties) -> ReimageError:  # noqa: ARG002 - as in HostProcess.
        """Keep the outputs, where the engine can."""
        if self.keeps:
            self.kept.append(outputs)
        return error


class ModelSession(Session):
    """A session whose ARM is the model."""

    azure: Azure

    @property
    def arm(self) -> ArmClient:
        """The model."""
        return self.azure  # type: ignore[return-value]

    def require_configuration(self) -> None:
        """There is none."""

    @property
    def _time_scale(self) -> float:
        return 1.0


@dataclass(frozen=True, slots=True)
class HostMemory:
    """What a host process holds between two steps of its run."""

    run_id: str
    sent: frozenset[str]
    since: float | None
    started: float


@dataclass(frozen=True, slots=True)
class Saved:
    """A resource in the stack's state, as JSON."""

    id: str
    inputs: str
    outputs: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything at a step boundary: a story that reaches an equal one is explored once.

    Attributes:
        phase: The step that comes next; `idle` between two runs.
        saved: State, by the letter of the resource.
        wanted: The value of the trigger, or of `exact_version`, in the program.
        guarded: Whether `prevent_reimage` is set.
        partial: Whether the engine keeps failures.
        on_create: Whether `reimage_on_create` is set by now.
        decided: The ids of the requests in their order, each with its value.
        ended: How the last run ended: empty before the first, `ok`, `killed` or the error.
        mode: What this run does with ReimageRequest: `skip` leaves it out (--target), `leave` replaces it.
    """

    world: World
    phase: str
    saved: tuple[tuple[str, Saved], ...]
    wanted: str = "A"
    guarded: bool = False
    partial: bool = True
    on_create: bool = False
    decided: tuple[tuple[str, str], ...] = ()
    ended: str = ""
    host: HostMemory | None = None
    mode: str = ""

    def outputs(self, letter: str) -> Properties:
        """Return the outputs of a resource in state."""
        parsed: Properties = json.loads(dict(self.saved)[letter].outputs)
        return parsed

    def keep(self, letter: str, inputs: Properties, outputs: Properties) -> Situation:
        """Return it with a resource saved."""
        entry = Saved(WEB, dump(inputs), dump(outputs))
        return replace(self, saved=tuple(sorted({**dict(self.saved), letter: entry}.items())))


def dump(value: object) -> str:
    """Return JSON as the host passes it on: numbers are floats, and what is None is absent."""
    return json.dumps(_wire(value), sort_keys=True)


def _wire(value: object) -> object:
    match value:
        case dict():
            return {key: _wire(item) for key, item in value.items() if item is not None}
        case list() | tuple():
            return [_wire(item) for item in value]
        case bool():
            return value
        case int():
            return float(value)
        case _:
            return value


@dataclass(slots=True)
class Engine:
    """The host process of one step: fresh providers on a situation.

    Attributes:
        at: The situation.
        azure: The model of Azure.
        log: What was said.
        providers: The providers of a run that keeps them, as the host does; None rebuilds them.
    """

    at: Situation
    azure: Azure
    log: FakeLog = field(default_factory=FakeLog)
    host: Host = field(init=False)
    providers: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Begin the host process, or go on with what it held."""
        memory = self.at.host
        run = Run(lambda: None, lambda: None)
        if memory is not None:
            run.id, run._sent, run._updates_since = memory.run_id, set(memory.sent), memory.since  # noqa: SLF001
        self.host = Host(self.log, InlinePool(), run)

    @property
    def memory(self) -> HostMemory:
        """What the host process holds."""
        run = self.host.run
        started = self.at.host.started if self.at.host else self.azure.world.elapsed
        return HostMemory(run.id, frozenset(run._sent), run._updates_since, started)  # noqa: SLF001

    def provider(self, letter: str) -> Any:  # noqa: ANN401 - one of three.
        """Return a provider after its `configure`: another one each time, unless they are to be kept."""
        if self.providers is None:
            return self._configured(letter)
        if letter not in self.providers:
            self.providers[letter] = self._configured(letter)
        return self.providers[letter]

    def _configured(self, letter: str) -> Any:  # noqa: ANN401 - one of three.
        provider = PROVIDERS[letter]()
        provider.host = self.host
        session = ModelSession(lambda _name: None, {}, self.log, self.azure)
        session.azure = self.azure
        if self.at.host is not None:
            session._started_at = START + timedelta(seconds=self.at.host.started)  # noqa: SLF001
        provider.session = session
        return provider

    def inputs(self, letter: str) -> Properties:
        """Return what the component passes to a resource, with what its dependencies have put out."""
        at = self.at
        guards: Properties = {"prevent_reimage": True} if at.guarded else {}
        program = (
            {"exact_version": version_of(at.wanted)} if at.world.exact else {"triggers": {"image": at.wanted}}
        )
        common = {"vm_id": WEB, "component_urn": COMPONENT, "__provider": "x", **guards}
        if letter == "R":
            created: Properties = {"reimage_on_create": True} if at.on_create else {}
            return {**common, **program, **created}
        known = at.outputs("R") if "R" in dict(at.saved) else {}
        given: Properties = {"request": known.get("request")}
        if letter == "O":
            given |= {name: known.get(name) for name in ("triggers", "exact_version")}
        else:
            operation = at.outputs("O") if "O" in dict(at.saved) else {}
            given |= {
                "operation": operation.get("operation"),
                "exact_version": operation.get("exact_version"),
            }
        wired: Properties = json.loads(dump({**common, **given}))
        return wired

    def preview(self) -> str:
        """Return what a preview of `pulumi up` announces, in one word."""
        self.azure.quiet = True
        try:
            return self._preview()
        finally:
            self.azure.quiet = False

    def _preview(self) -> str:
        before = self.azure.reads
        changed = ""
        try:
            for letter in "ROZ":
                provider, inputs = self.provider(letter), self.inputs(letter)
                saved = dict(self.at.saved)[letter]
                if letter == "Z" or not changed:
                    if changed:
                        inputs = {**inputs, "request" if changed == "R" else "operation": NOT_KNOWN}
                    checked = provider.check(json.loads(saved.inputs), inputs)
                    if checked.failures:
                        return "refuse"
                if not changed and self._differs(provider, saved, inputs):
                    changed = letter
        except ReimageError:
            return "refuse"
        if not changed:
            return "nothing" if self.azure.reads == before else "nothing, with reads"
        said = " ".join(self.log.warnings)
        if "will be reimaged" in said:
            return "send"
        if "was taken back" in said:
            return "withdraw"
        return "doubt" if "may have requested" in said else "go on"

    @staticmethod
    def _differs(provider: Any, saved: Saved, inputs: Properties) -> bool:  # noqa: ANN401
        diff = provider.diff(saved.id, json.loads(saved.outputs), inputs)
        assert not diff.replaces
        return bool(diff.changes)

    def refresh(self) -> Situation:
        """Read the resources as a refresh does, and return the situation after it."""
        at = self.at
        for letter in "ROZ":
            saved = dict(at.saved)[letter]
            outputs = self.provider(letter).read(saved.id, json.loads(saved.outputs)).outs
            at = at.keep(letter, json.loads(saved.inputs), {**outputs, "__provider": "x"})
        return at

    def step(self, letter: str) -> Situation:
        """Check, diff and update a resource, and return the situation after its save.

        Raises:
            Killed: the run was killed inside the step.
            ReimageError: the step failed; what the engine keeps is saved.
        """
        provider, inputs = self.provider(letter), self.inputs(letter)
        saved = dict(self.at.saved).get(letter)
        olds = json.loads(saved.inputs) if saved else {}
        self.azure.quiet = True
        assert not provider.check(olds, inputs).failures
        differs = saved is None or self._differs(provider, saved, inputs)
        self.azure.quiet = False
        if saved is None or (letter == "R" and self.at.mode == "leave"):
            # `pulumi up --replace` creates a resource before it deletes the old one.
            return self.at.keep(letter, inputs, {**provider.create(inputs).outs, "__provider": "x"})
        outputs = json.loads(saved.outputs)
        if differs:
            Host.kept.clear()
            Host.keeps = self.at.partial
            try:
                outputs = provider.update(saved.id, outputs, inputs).outs
            except ReimageError as error:
                if Host.kept:
                    kept = self.at.keep(letter, olds, {**Host.kept.pop(), "__provider": "x"})
                    raise Kept(kept, error) from error
                raise
        return self.at.keep(letter, inputs, {**outputs, "__provider": "x"})


class Kept(Exception):  # noqa: N818 - a failed step of which something is kept.
    """A step failed, and the engine kept its outputs."""

    def __init__(self, at: Situation, error: ReimageError) -> None:
        super().__init__(str(error))
        self.at = at
        self.error = error


def first(world: World, *, partial: bool = True) -> Situation:
    """Return a stack after its first `pulumi up`: a baseline for the value A."""
    at = Situation(world, "idle", (), partial=partial)
    engine = Engine(at, Azure(world, Choices(), wanted="A"))
    for letter in "ROZ":
        engine.at = engine.step(letter)
    return replace(engine.at, world=engine.azure.world, ended="ok")


def begin(at: Situation, choices: Choices) -> Engine:
    """Return an engine for the next step of a situation."""
    decided = {id_[:-12]: (number, value) for number, (id_, value) in enumerate(at.decided, 1)}
    wanted = {"skip": "any", "leave": "none"}.get(at.mode, at.wanted)
    azure = Azure(at.world, choices, wanted=wanted, decided=decided, phase=at.phase, guarded=at.guarded)
    if "O" in dict(at.saved):
        outputs = at.outputs("O")
        base: str = outputs["exact_version"] if at.world.exact else outputs["triggers"]["image"]
        azure.base = _VALUES.get(base, base)
    if azure.world.running is not None:
        azure.world = replace(azure.world, running=replace(azure.world.running, seen=0))
    return Engine(at, azure)
