"""What happens by itself between two requests: operations end, POSTs arrive, and strangers act."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .log import note
from .operations import arrive, begin, end
from .violation import Killed
from .world import Running

if TYPE_CHECKING:
    from .stage import Stage
    from .world import World

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
        if event == "operation runs on":
            break


def _is_killed(stage: Stage, where: str) -> bool:
    # A kill at a read before the first POST leaves what a kill before the step leaves.
    if not stage.world.bounds.kills or not stage.posts or where in {"POST", "between runs"}:
        return False
    return stage.choose(["on", f"KILLED at {where}"]) != "on"


def _events(world: World) -> list[str]:
    """Return what may happen now; the first is peaceful: what is under way comes to its end."""
    events = list[str]()
    if world.flight:
        events += ["a POST arrives", "a POST is dropped"]
    if world.running is not None:
        events += _ends(world)
    else:
        events += ["a stranger reimages"] if world.bounds.strangers else []
        events += ["VM activity"] if world.bounds.acts else []
    if _must_go_on(world):
        return events
    if world.running is not None:
        return [*events, "operation runs on"]
    return [*events, "nothing"] if world.flight else ["nothing", *events]


def _ends(world: World) -> list[str]:
    assert world.running is not None
    if world.bounds.bads and world.running.request:
        bad = ["operation ends untouched", "operation ends half built", "operation ends rebuilt"]
        return ["operation ends well", *bad]
    return ["operation ends well"]


def _must_go_on(world: World) -> bool:
    """Return whether something is due now: a POST is gone after its time, and an operation ends some time."""
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
        case "VM activity":
            # Recorded: a deallocation and a start move times, not the disk.
            stage.use("acts")
            stage.change(view=replace(world.view, touched=world.view.touched + 1))
        case _:
            end(stage, event.rpartition("ends ")[2])
