"""What happens between two of our requests: operations end, POSTs arrive, and strangers act."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .log import note
from .operations import arrive, begin, create_again, end
from .violation import Killed
from .world import VERSIONS, Running, version_of

if TYPE_CHECKING:
    from .stage import Stage
    from .world import Bounds, World

# This is longer than the timeout of any step here.
_TIMEOUT = 7200.0
# The ids of a stranger's request.
_STRANGER = "ffffffff-0000-4000-8000-000000000000"


def happen(stage: Stage, where: str) -> None:
    """Choose what has happened since the last request."""
    if stage.quiet:
        return
    if _is_killed(stage, where):
        raise Killed
    while (event := stage.choose(_events(stage.world))) != "nothing":
        _do(stage, event)
        if event in {"operation runs on", "the timeout comes first"}:
            break


def _is_killed(stage: Stage, where: str) -> bool:
    # A kill at a read before the first POST has the same effect as a kill before the step.
    if not stage.world.bounds.kills or not stage.posts or where in {"POST", "between runs"}:
        return False
    return stage.choose(["on", f"KILLED at {where}"]) != "on"


def _events(world: World) -> list[str]:
    """Return what may happen now. The first event is the peaceful one: what is under way ends."""
    events = list[str]()
    if world.flight:
        events += ["a POST arrives", "a POST is dropped"]
    if world.running is not None:
        events += _ends(world.running, world.bounds)
    else:
        events += ["a stranger reimages"] if world.bounds.strangers else []
        events += _activities(world)
    if _must_go_on(world):
        return events
    if world.running is not None:
        return [*events, "operation runs on", *(["the timeout comes first"] if world.bounds.busys else [])]
    return [*events, "nothing"] if world.flight else ["nothing", *events]


def _activities(world: World) -> list[str]:
    """Return what strangers may do to the VM without rebuilding anything."""
    events = list[str]()
    if world.bounds.acts:
        power = "starts" if world.view.power == "deallocated" else "deallocates"
        # Azure would not keep the ephemeral disk of a deallocated VM, so it does not deallocate such a VM.
        acts = [] if world.ephemeral else [f"a stranger {power} the VM"]
        events += ["VM activity", "a stranger adds an extension", *acts]
    if world.bounds.recreations:
        events += ["the VM is created again"]
        events += ["the VM is created again, as another version"] if world.exact else []
    return events


def _ends(running: Running, bounds: Bounds) -> list[str]:
    if bounds.bads and running.request:
        bad = ["operation ends untouched", "operation ends half built", "operation ends rebuilt"]
        return ["operation ends well", *bad]
    return ["operation ends well"]


def _must_go_on(world: World) -> bool:
    """Return whether something is due now: a POST whose time is over, or the end of an operation."""
    is_due = any(post.until <= world.elapsed for post in world.flight)
    return is_due or (world.running is not None and world.running.seen > world.bounds.long)


def _do(stage: Stage, event: str) -> None:
    world = stage.world
    match event:
        case "a POST arrives":
            post, rest = world.flight[0], world.flight[1:]
            stage.change(flight=rest)
            arrive(stage, post, min(post.until, world.elapsed))
        case "a POST is dropped":
            stage.change(flight=world.flight[1:])
        case "operation runs on":
            assert world.running is not None
            stage.change(running=replace(world.running, seen=world.running.seen + 1))
        case "a stranger reimages":
            stage.use("strangers")
            note(stage, _STRANGER, "Accepted")
            begin(stage, Running(0, 0, "", _STRANGER))
        case "the timeout comes first":
            assert world.running is not None
            stage.use("busys")
            stage.sleep(_TIMEOUT)
            stage.change(running=replace(world.running, seen=0))
        case _ if event.startswith("operation ends"):
            end(stage, event.rpartition("ends ")[2])
        case _ if event.startswith("the VM is created again"):
            stage.use("recreations")
            create_again(stage, _version_of_another(stage, event))
        case _:
            stage.use("acts")
            _act(stage, event)


def _act(stage: Stage, event: str) -> None:
    """Do something to the VM that rebuilds nothing. Recorded: it moves the times and leaves the disk."""
    view = stage.world.view
    match event:
        case "a stranger adds an extension":
            begin(stage, Running(0, 0, "", rebuilds=False))
        case "a stranger deallocates the VM":
            stage.change(view=replace(view, touched=view.touched + 1, power="deallocated"))
        case "a stranger starts the VM":
            stage.change(view=replace(view, touched=view.touched + 1, power="running"))
        case _:
            stage.change(view=replace(view, touched=view.touched + 1))


def _version_of_another(stage: Stage, event: str) -> str:
    """Return the image version of a VM that is created again: the program's, or another one."""
    if event.endswith("another version"):
        return "9.0.0"
    return version_of(stage.wanted) if stage.wanted in VERSIONS else stage.world.view.version
