"""One step of a run, which is saved, killed, repeated by a hook, or fails with an error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_azure_reimage.errors import ReimageError

from .engine import Kept, begin
from .preview import preview
from .user import between_runs
from .violation import Broken, Killed, Violation
from .world import version_of

if TYPE_CHECKING:
    from .choices import Choices
    from .engine import Engine
    from .situation import Situation
    from .world import World


def step(at: Situation, choices: Choices, shared: list[Engine] | None = None) -> Situation:
    """Play one step of a run.

    Args:
        at: The situation before it.
        choices: What happens in it.
        shared: The engine whose providers all steps of the run use. With None, each step makes its own.
    """
    interrupted = _interrupted(at, choices)
    if interrupted is not None:
        return interrupted
    engine = begin(at, choices) if shared is None else _go_on_with(shared, begin(at, choices))
    try:
        after = _save(at, engine.step(at.phase), engine, choices)
    except Killed:
        return _killed(at, engine.stage.world)
    except (Broken, Kept, ReimageError) as error:
        after = _fail(at, engine, error)
    # The result of an orphan's step is never saved.
    return after if engine.stage.left is None else _killed(at, engine.stage.left)


def _interrupted(at: Situation, choices: Choices) -> Situation | None:
    """Choose whether a run ends between two of our steps."""
    if at.phase == at.letters[0]:
        return None
    if _is_killed(at.world, choices, "run", f"before {at.phase}"):
        return _killed(at, at.world)
    if at.world.bounds.elsewhere and choices.choose(["run", "another resource fails"]) != "run":
        # The engine ends a run when a step fails, unless it runs with `--continue-on-error`.
        world = replace(at.world, bounds=at.world.bounds.less("elsewhere"))
        return replace(at, world=world, phase="idle", ended="stopped", host=None)
    return None


def _fail(at: Situation, engine: Engine, error: Exception) -> Situation:
    """Return the situation after a step that failed."""
    if isinstance(error, Broken):
        # An `on_error` hook of the program makes the engine repeat an update in the same host.
        return replace(at, world=engine.stage.world, host=engine.memory)
    if isinstance(error, Kept):
        return _over(error.at, engine.stage.world, str(error.error))
    return _over(at, engine.stage.world, str(error))


def run(at: Situation, choices: Choices, *, keep: bool = False) -> Situation:
    """Play one whole run. With `keep`, all its steps use the same providers."""
    shared: list[Engine] | None = [] if keep else None
    at = between_runs(at, choices)
    while True:
        at = step(at, choices, shared)
        if at.phase == "idle":
            return at


def _save(at: Situation, after: Situation, engine: Engine, choices: Choices) -> Situation:
    """Save a step that ended well, unless a kill comes before that."""
    world = engine.stage.world
    if after.saved != at.saved and _is_killed(world, choices, "saved", "before the save"):
        return _killed(at, world)
    if at.phase == "R":
        after = _number(after)
    world = _excuse(at, after, world)
    if at.next_phase == "idle":
        return _over(after, world, "ok")
    return replace(after, world=world, phase=at.next_phase, host=engine.memory)


def _go_on_with(shared: list[Engine], engine: Engine) -> Engine:
    """Return the engine of the earlier steps, in the situation of this one."""
    if not shared:
        engine.providers = {}
        shared.append(engine)
        return engine
    stage, now = shared[0].stage, engine.stage
    shared[0].at = engine.at
    stage.world, stage.phase, stage.decided, stage.base = now.world, now.phase, now.decided, now.base
    stage.posts = 0
    return shared[0]


def _number(at: Situation) -> Situation:
    """Record a request that was decided, with its value."""
    id_ = at.outputs("R")["request"]["id"]
    if any(id_ == known for known, _ in at.decided):
        return at
    return replace(at, decided=(*at.decided, (id_, at.wanted)))


def _excuse(at: Situation, after: Situation, world: World) -> World:
    """Return the world with the value that counts as done without a reimage of ours."""
    if at.phase == "R" and (at.mode == "leave" or _is_baseline(at, after, world)):
        return replace(world, excused=at.wanted)
    if at.phase == "R" or at.world.bounds.strangers == world.bounds.strangers:
        return world
    # The stated exception: a stranger began in the seconds in which an answer was lost.
    outputs = after.outputs(at.phase)
    kept = outputs["operation"]["record"] if at.phase == "O" else outputs["result"]
    is_recovered = kept.get("recovered") and (at.phase == "O" or world.ids != at.world.ids)
    return replace(world, excused=at.wanted) if is_recovered else world


def _is_killed(world: World, choices: Choices, peaceful: str, where: str) -> bool:
    return bool(world.bounds.kills) and choices.choose([peaceful, f"KILLED {where}"]) != peaceful


def _is_baseline(at: Situation, after: Situation, world: World) -> bool:
    """Return whether a baseline is right, because the VM is new to the stack or was created in this run."""
    if after.outputs("R")["request"]["kind"] != "Baseline":
        return False
    if "R" not in dict(at.saved):
        return not at.on_create
    is_new = at.host is not None and world.view.created > at.host.started
    return is_new and (not world.exact or world.view.version == version_of(at.wanted))


def _killed(at: Situation, world: World) -> Situation:
    world = replace(world, bounds=world.bounds.less("kills"))
    return replace(at, world=world, phase="idle", ended="killed", host=None)


def _over(at: Situation, world: World, ended: str) -> Situation:
    """End a run, and check what must hold when it reports success."""
    after = replace(at, world=world, phase="idle", ended=ended, host=None)
    if ended == "ok" and at.letters == "ROZ":
        _check_success(after)
    return after


def _is_assumed(at: Situation) -> bool:
    """Return whether a success is covered by the assumption about operations without a witness.

    If Azure has forgotten the operation, or the answer that names it was lost, and the log cannot be read or
    does not show yet that Azure accepted the request, another disk is the only witness (docs/architecture.md,
    "What is assumed").
    """
    record = at.outputs("O")["operation"]["record"]
    number = record.get("operation_url", "").rpartition("-")[2]
    is_forgotten = number.isdecimal() and at.world.ends[int(number) - 1].startswith("forgotten")
    # Azure must have taken our request, because a request that it never took is not such an operation.
    ours = [place for place, (id_, _) in enumerate(at.decided, 1) if id_ == record.get("request_id")]
    is_lost = record.get("recovered") is True and any(place in at.world.makers for place in ours)
    prefix = record.get("client_request_id") or record["request_id"]
    accepted = [one for one in at.world.log if one.status == "Accepted" and one.id.startswith(prefix)]
    return at.world.strange and (is_forgotten or is_lost) and not any(one.shown for one in accepted)


def _check_success(at: Situation) -> None:
    world = at.world
    if at.wanted not in {world.effect, world.excused} and not _is_assumed(at):
        made_for = world.effect or "nothing"
        raise Violation("wanted", f"success for {at.wanted}, and the disk was made for {made_for}")
    if world.running is not None and world.running.request and at.mode != "leave":
        raise Violation("wanted", "success while our operation runs")
    announced = preview(at)
    if announced != "nothing":
        raise Violation("calm", f"the preview after a success announces: {announced}")
