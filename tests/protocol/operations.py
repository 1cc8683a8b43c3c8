"""Operations on the VM: how each is taken, begins and ends, and what is checked at that moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .log import note, note_end
from .violation import Violation
from .world import Running, View, version_of

if TYPE_CHECKING:
    from .stage import Stage
    from .world import Post, World

# Assumption: this many seconds after a change, every view of the VM is current.
VIEW_AFTER = 30.0
# The error code of each bad end. Of the first two it is only known that the disk may be lost
# (learn.microsoft.com/troubleshoot/azure/virtual-machines). The third itself says that the disk is new.
CODES = {"untouched": "AllocationFailed", "half": "DiskProcessingError", "rebuilt": "OSProvisioningTimedOut"}
_NAMES = {"well": "ok", "half built": "half"}


def arrive(stage: Stage, post: Post, moment: float | None = None) -> bool:
    """Take a POST at a moment that may be in the past, or refuse it with 409.

    Recorded: a VM has one operation at a time, and a second POST is refused and never queued.
    """
    world = stage.world
    if world.running is not None:
        note(stage, post.id, "Failed", 409)
        return False
    _check_taken(stage, post)
    note(stage, post.id, "Accepted")
    number = len(world.ends) + 1
    stage.change(ends=(*world.ends, "running"), makers=(*world.makers, post.request), stays=False)
    begin(stage, Running(number, post.request, post.value, post.id), moment)
    return True


def _check_taken(stage: Stage, post: Post) -> None:
    world = stage.world
    if post.request == world.well:
        raise Violation("once", "a request is taken again after it ended well")
    if post.request < world.well:
        raise Violation("once", "an older request is taken after a newer one ended well")
    if world.effect == post.value == stage.base and world.stays:
        raise Violation("asked", "the value that is, and stayed, in effect is taken again")
    if world.makers.count(post.request) >= world.most:
        raise Violation("bounded", f"a request is taken more than {world.most} times")


def begin(stage: Stage, running: Running, moment: float | None = None) -> None:
    """Begin an operation."""
    view = stage.world.view
    _turn_late(stage, _moment(stage.world) if moment is None else moment)
    # Recorded: an operation moves the etag and status times when it begins and when it ends.
    stage.change(running=running, view=replace(view, busy=True, touched=view.touched + 1))


def end(stage: Stage, how: str) -> None:
    """End the operation: `well`, `untouched`, `half built` or `rebuilt`."""
    world = stage.world
    running = world.running
    assert running is not None
    how = _NAMES.get(how, how)
    ends = world.with_end(running.number, how) if running.number else world.ends
    if how != "ok":
        stage.use("bads")
    if running.rebuilds:
        note_end(stage, running.id, CODES.get(how, ""))
    _turn_late(stage, _moment(world))
    stage.change(running=None, ends=ends, view=_view_after(world, running, how))
    _remember(stage, running, how)


def _view_after(world: World, running: Running, how: str) -> View:
    view = world.view
    if not running.rebuilds:
        return replace(view, busy=False, touched=view.touched + 1)
    # Recorded: each rebuild makes a managed disk with another id. A failure that touches nothing makes none.
    disk = view.disk if how == "untouched" or world.ephemeral else view.disk + 1
    moves = running.value and world.exact and how != "untouched"
    version = version_of(running.value) if moves else view.version
    ok = {"ok": True, "untouched": view.ok}.get(how, False)
    return replace(view, busy=False, touched=view.touched + 1, disk=disk, ok=ok, version=version)


def _remember(stage: Stage, running: Running, how: str) -> None:
    """Remember what the invariants compare with."""
    if running.request and how in {"ok", "rebuilt"}:
        well = max(stage.world.well, running.request)
        stage.change(effect=running.value, well=well, stays=True, excused="", strange=False)
    elif running.request and how == "half":
        stage.change(effect="", excused="", strange=False)
    elif not running.request and running.rebuilds:
        # A disk that a stranger made ends the effect of any request, for the rule about what is taken back.
        stage.change(stays=False, strange=True)


def create_again(stage: Stage, version: str) -> None:
    """Delete the VM and create it again under the same id, by the program's own VM resource or a stranger."""
    view = stage.world.view
    # Assumption: a creation takes a minute.
    stage.sleep(60.0)
    another = View(
        view.vm + 1,
        view.disk + 1,
        view.touched + 1,
        busy=False,
        ok=True,
        version=version,
        created=stage.world.elapsed,
    )
    stage.change(view=another, late=None, stays=False, strange=True)


def _moment(world: World) -> float:
    """Return the moment of something that is chosen now.

    What is chosen before a POST arrives happens no later than that POST, which may have been due for a while.
    """
    return min([world.elapsed, *(post.until for post in world.flight)])


def _turn_late(stage: Stage, moment: float) -> None:
    """Choose whether GETs show the VM as it was before a change for a while (assumption: up to 30 s)."""
    if not stage.world.bounds.lates or stage.world.late is not None:
        return
    if stage.choose(["view is current", "view is late"]) == "view is late":
        stage.use("lates")
        stage.change(late=stage.world.view, late_until=moment + VIEW_AFTER)
