"""The exploration: every story up to a bound, breadth first, with equal situations explored once."""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from pulumi_azure_reimage.errors import ReimageError
from pulumi_azure_reimage.reimage.look import Look

from .azure import MOST_ATTEMPTS, Azure, Bounds, Broken, Killed, Violation, World
from .choices import Choices, siblings
from .engine import NEXT, Engine, Kept, Situation, begin, first

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|disk-\d+|op-\d+|vm-\d+"
    r"|\d{4}-\d\d-\d\dT[\d:.]+(?:\+00:00)?"
)
_MOST_RUNS = 5
_RESUMES, _GOES_ON = "resumes the wait and sends nothing", "goes on from here and sends nothing"
_REPEATS = "requests the reimage again (attempt"
_PROMISES = (_RESUMES, _GOES_ON, _REPEATS)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is explored.

    Attributes:
        values: The values between which the trigger changes.
    """

    name: str
    bounds: Bounds
    ephemeral: bool = False
    exact: bool = False
    partial: bool = True
    values: str = "BAC"
    on_create: bool = False

    def start(self) -> Situation:
        """Return where its stories begin: B is wanted, and the baseline is A."""
        most = MOST_ATTEMPTS + self.bounds.kills + self.bounds.faults
        world = World(Bounds(), ephemeral=self.ephemeral, exact=self.exact, most=most)
        at = first(world, partial=self.partial)
        return replace(at, wanted="B", on_create=self.on_create, world=replace(at.world, bounds=self.bounds))


@dataclass(slots=True)
class Findings:
    """What an exploration found.

    Attributes:
        broken: The shortest story that breaks each invariant.
    """

    situations: int = 0
    transitions: int = 0
    complete: bool = True
    broken: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a story."""

    words: str
    to: Situation | None
    broken: Violation | None = None


def key_of(at: Situation) -> bytes:
    """Return a digest that is equal for situations that differ only in random ids and in times."""
    world = at.world
    numbers = sorted(
        {world.well, *(post.request for post in world.flight)}
        | ({world.running.request} if world.running else set())
        | {len(at.decided)}
    )
    rank = {number: index for index, number in enumerate(numbers)}
    saved = [(letter, one.inputs, one.outputs) for letter, one in at.saved]
    azure = Azure(world, Choices())
    looks = [
        (view.busy, view.ok, Look.at(azure._document(view)).to_state()) if view else None  # noqa: SLF001
        for view in (world.view, world.late)
    ]
    now = world.elapsed
    text = json.dumps(
        [
            saved,
            looks,
            round(world.late_until - now) if world.late else None,
            [(rank[post.request], post.value, round(post.until - now)) for post in world.flight],
            (
                f"op-{world.running.number}" if world.running.number else "s",
                rank[world.running.request],
                world.running.value,
            )
            if world.running
            else None,
            [
                (f"op-{number}", end)
                for number, end in enumerate(world.ends, 1)
                if any(f'op-{number}"' in one.outputs for _, one in at.saved)
            ],
            [
                world.makers.count(len(at.decided)),
                world.effect,
                world.stays,
                rank[world.well],
                world.excused,
                world.well == len(at.decided),
            ],
            asdict(world.bounds),
            [at.phase, at.wanted, at.guarded, at.mode, _kind(at)],
            (at.host.run_id, sorted(at.host.sent), round((at.host.since or now) - now)) if at.host else None,
        ],
        sort_keys=True,
    )
    names: dict[str, str] = {}
    canonical = _NAMES.sub(lambda found: names.setdefault(found[0], f"#{len(names)}"), text)
    return hashlib.blake2b(canonical.encode(), digest_size=16).digest()


def _kind(at: Situation) -> str:
    """Return what is remembered of how the last run ended: what its error has promised."""
    if at.phase != "idle" or at.ended in {"", "ok", "killed"}:
        return at.ended
    return "".join(str(words in at.ended) for words in _PROMISES)


def moves(at: Situation, configuration: Configuration) -> Iterator[Move]:
    """Return every way in which a story goes on from a situation."""
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        prefix = waiting.pop()
        choices = Choices(prefix)
        yield play(at, choices, configuration.values)
        waiting += siblings(choices, len(prefix))


def play(at: Situation, choices: Choices, values: str = "") -> Move:
    """Play one step with these choices."""
    try:
        to = _between(at, choices, values) if at.phase == "idle" else _step(at, choices)
    except Violation as broken:
        return Move(_words(at, choices, None), None, broken)
    return Move(_words(at, choices, to), to)


def _words(at: Situation, choices: Choices, to: Situation | None) -> str:
    said = ", ".join(choices.story)
    ended = f" -> {to.ended}" if to is not None and to.phase == "idle" and at.phase != "idle" else ""
    return f"{at.phase}{f' ({said})' if said else ''}{ended}"


def _between(at: Situation, choices: Choices, values: str) -> Situation:
    """Choose what the user does, and begin a run."""
    bounds = at.world.bounds
    options = ["up"]
    if bounds.changes:
        options += [f"change to {value}" for value in values if value != at.wanted]
    if bounds.guards:
        options += ["unset prevent_reimage" if at.guarded else "set prevent_reimage"]
    if bounds.skips:
        options += ["up without ReimageRequest"]
    if bounds.leaves:
        options += ["leave it"]
    if bounds.refreshes:
        options += ["refresh"]
    chosen = choices.choose(options)
    world = at.world
    if chosen.startswith("change"):
        at = replace(at, wanted=chosen[-1])
        world = replace(world, bounds=bounds.less("changes"))
    if chosen.endswith("prevent_reimage"):
        at = replace(at, guarded=not at.guarded)
        world = replace(world, bounds=bounds.less("guards"))
    mode = {"up without ReimageRequest": "skip", "leave it": "leave"}.get(chosen, "")
    if mode:
        world = replace(world, bounds=bounds.less("skips" if mode == "skip" else "leaves"))
    fresh = replace(at, world=world, host=None, mode=mode)
    engine = begin(fresh, choices)
    if chosen == "refresh":
        after = engine.refresh()
        return replace(after, world=replace(engine.azure.world, bounds=bounds.less("refreshes")))
    return replace(fresh, phase="O" if mode == "skip" else "R", ended="", host=engine.memory)


def run(at: Situation, choices: Choices, *, keep: bool = False) -> Situation:
    """Play one whole run; `keep` plays it with the same providers throughout."""
    providers: dict[str, object] | None = {} if keep else None
    shared: list[Engine] = []
    at = _between(at, choices, "")
    while True:
        at = _step(at, choices, providers, shared)
        if at.phase == "idle":
            return at


def _step(  # noqa: C901, PLR0911 - the ways in which a step ends.
    at: Situation,
    choices: Choices,
    providers: dict[str, object] | None = None,
    shared: list[Engine] | None = None,
) -> Situation:
    """Play one step of a run."""
    bounds = at.world.bounds
    if bounds.kills and at.phase != "R" and choices.choose(["run", f"KILLED before {at.phase}"]) != "run":
        return _killed(at, at.world)
    engine = begin(at, choices)
    if providers is not None:
        engine = _go_on_with(engine, providers, shared or [])
        if shared is not None and not shared:
            shared.append(engine)
    try:
        after = engine.step(at.phase)
    except Killed:
        return _killed(at, engine.azure.world)
    except Broken:
        # An `on_error` hook of the program lets the engine repeat an update in the same host.
        return replace(at, world=engine.azure.world, host=engine.memory)
    except Kept as kept:
        return _over(kept.at, engine, str(kept.error))
    except ReimageError as error:
        return _over(at, engine, str(error))
    world = engine.azure.world
    changed = after.saved != at.saved
    if changed and world.bounds.kills and choices.choose(["saved", "KILLED before the save"]) != "saved":
        return _killed(at, world)
    if at.phase == "R":
        after = _number(after)
        if at.mode == "leave":
            # The user has said that the disk is what it should be.
            world = replace(world, excused=at.wanted)
    if at.phase == "Z":
        return _over(after, engine, "ok")
    return replace(after, world=_excuse(at, after, world), phase=NEXT[at.phase], host=engine.memory)


def _go_on_with(engine: Engine, providers: dict[str, object], shared: list[Engine]) -> Engine:
    """Return the engine of the steps before, in the situation of this one."""
    if not shared:
        engine.providers = providers
        return engine
    first_engine = shared[0]
    first_engine.at, azure = engine.at, first_engine.azure
    azure.world, azure.phase, azure.decided, azure.base = (
        engine.azure.world,
        engine.azure.phase,
        engine.azure.decided,
        engine.azure.base,
    )
    azure.posts = 0
    return first_engine


def _number(at: Situation) -> Situation:
    id_ = at.outputs("R")["request"]["id"]
    if any(id_ == known for known, _ in at.decided):
        return at
    return replace(at, decided=(*at.decided, (id_, at.wanted)))


def _excuse(at: Situation, after: Situation, world: World) -> World:
    """Allow the stated exception: a stranger began in the seconds in which an answer was lost."""
    if at.phase != "O" or at.world.bounds.strangers == world.bounds.strangers:
        return world
    if after.outputs("O")["operation"]["record"].get("recovered"):
        return replace(world, excused=at.wanted)
    return world


def _killed(at: Situation, world: World) -> Situation:
    world = replace(world, bounds=world.bounds.less("kills"))
    return replace(at, world=world, phase="idle", ended="killed", host=None)


def _over(at: Situation, engine: Engine, ended: str) -> Situation:
    """End a run, and check what must hold when it reports success."""
    world = engine.azure.world
    after = replace(at, world=world, phase="idle", ended=ended, host=None)
    if ended != "ok" or at.mode == "skip":
        return after
    if at.wanted not in {world.effect, world.excused}:
        raise Violation(
            "wanted", f"success for {at.wanted}, and the disk was made for {world.effect or 'nothing'}"
        )
    if world.running is not None and world.running.request and at.mode != "leave":
        raise Violation("wanted", "success while our operation runs")
    announced = begin(replace(after, host=None), Choices()).preview()
    if announced != "nothing":
        raise Violation("calm", f"the preview after a success announces: {announced}")
    return after


def explore(
    configuration: Configuration,
    limit: int = 1_000_000,
    *,
    until: str = "",
    known: frozenset[str] = frozenset(),
) -> Findings:
    """Explore a configuration."""
    found = Findings()
    start = configuration.start()
    origins: dict[bytes, tuple[bytes, str]] = {}
    seen = {key_of(start): start.phase}
    queue = deque([(key_of(start), start)])
    settled: dict[bytes, Violation | None] = {}
    while queue:
        if len(seen) > limit:
            found.complete = False
            break
        here, at = queue.popleft()
        if at.phase == "idle":
            story: list[str] = []
            broken = in_peace(at, settled, story)
            if broken is not None and str(broken) not in found.broken:
                found.broken[str(broken)] = [*_story(origins, here), "IN PEACE:", *story]
        for move in moves(at, configuration):
            found.transitions += 1
            if move.broken is not None:
                name = str(move.broken)
                found.broken.setdefault(name, [*_story(origins, here), move.words])
            elif move.to is not None and (there := key_of(move.to)) not in seen:
                seen[there] = move.to.phase
                origins[there] = (here, move.words)
                queue.append((there, move.to))
        if until and any(name.startswith(until) and name not in known for name in found.broken):
            break
    found.situations = len(seen)
    return found


def _story(origins: dict[bytes, tuple[bytes, str]], here: bytes) -> list[str]:
    words: list[str] = []
    while here in origins:
        here, said = origins[here]
        words.append(said)
    return words[::-1]


def in_peace(at: Situation, settled: dict[bytes, Violation | None], story: list[str]) -> Violation | None:
    """Return what breaks when nothing hinders any more: no dead end, and honest previews.

    At most five runs reach success, or an error that names both ways out; then each of them ends well.
    """
    at = replace(at, guarded=False, world=replace(at.world, bounds=Bounds()))
    path: list[tuple[bytes, Violation | None]] = []
    end: Violation | None = None
    way = False
    for _ in range(2 * _MOST_RUNS):
        key = key_of(at) + bytes([way])
        if key in settled:
            end = settled[key]
            break
        try:
            at, dishonest = _run_in_peace(at, story)
        except Violation as broken:
            path.append((key, broken))
            break
        path.append((key, dishonest))
        if at.ended == "ok":
            break
        if _names_both_ways(at.ended):
            if way:
                end = Violation("no dead end", "the way out does not end well")
                break
            way = True
            at = replace(at, wanted="D")
            story.append("change to D")
    else:
        end = Violation(
            "no dead end", f"runs go on and neither succeed nor name both ways out: {_sentence(at.ended)}"
        )
    for key, found in reversed(path):
        end = settled[key] = found or end
    return end


def _names_both_ways(error: str) -> bool:
    return "change a trigger" in error and "--replace" in error and "The next `pulumi up`" not in error


def _sentence(error: str) -> str:
    """Return an error without the ids in it, so that one fault is reported once."""
    return error.partition(" (")[0][:160]


def _run_in_peace(at: Situation, story: list[str]) -> tuple[Situation, Violation | None]:
    """Run a preview and an `up`, and compare what they say and do."""
    announced = begin(replace(at, host=None), Choices()).preview()
    before, promised = len(at.world.ids), at.ended
    at = _between(at, Choices(), "")
    said = [f"preview: {announced}"]
    while True:
        at = _step(at, Choices())
        if at.phase == "idle":
            break
    sent = len(at.world.ids) - before
    story.append(f"{said[0]}; up: {sent} sent -> {at.ended}")
    return at, _broken_promise(promised, sent, at.ended) or _dishonesty(announced, sent, at.ended)


def _broken_promise(promised: str, sent: int, ended: str) -> Violation | None:
    """Return where a run does something else than the error of the run before has said."""
    if (_GOES_ON in promised or _RESUMES in promised) and (sent or "may have been" in ended):
        return Violation(
            "promise", "the error promises to go on and to send nothing, and the next run does not"
        )
    if _REPEATS in promised and not sent:
        return Violation("promise", "the error promises another request, and the next run sends none")
    return None


def _dishonesty(announced: str, sent: int, ended: str) -> Violation | None:
    """Return where a preview has said something else than its update did."""
    if sent and announced not in {"send", "doubt"}:
        return Violation("honest", f"the preview announces: {announced}, and the update sends")
    if announced == "send" and not sent:
        return Violation("honest", "the preview announces a reimage, and the update sends nothing")
    if announced.startswith("nothing") and ended != "ok":
        return Violation("honest", "the preview announces nothing, and the update fails")
    return None
