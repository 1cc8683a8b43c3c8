"""The poll of an operation, which answers that it runs, how it ended, or neither."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_azure_reimage.arm.error import ArmError
from pulumi_azure_reimage.arm.lro import Doubt, Failed, Inconclusive, StillRunning, Succeeded

from .documents import RETRY_AFTER, operation_number
from .operations import CODES

if TYPE_CHECKING:
    from pulumi_azure_reimage.arm.lro import Link, PollStep

    from .stage import Stage

_FORGOTTEN = "forgotten"


def poll(stage: Stage, link: Link) -> PollStep:
    """Answer a poll. ARM forgets an operation some time after its end (a recorded 404)."""
    number = operation_number(link)
    end = stage.world.ends[number - 1]
    chosen = stage.choose(_options(stage, is_running=end == "running"))
    if chosen != "polled":
        stage.use("faults")
    match chosen:
        case "poll answered 400":
            return Inconclusive(Doubt.HOPELESS, "HTTP 400", RETRY_AFTER)
        case "operation forgotten":
            stage.change(ends=stage.world.with_end(number, f"{_FORGOTTEN} {end}"))
        case "timeout comes first":
            _outlast(stage)
        case _:
            pass
    return _answer(stage, link, number)


def _options(stage: Stage, *, is_running: bool) -> list[str]:
    if not stage.world.bounds.faults or stage.quiet:
        return ["polled"]
    return ["polled", "poll answered 400", "timeout comes first" if is_running else "operation forgotten"]


def _outlast(stage: Stage) -> None:
    """Make the operation outlast the timeout."""
    stage.sleep(7200.0)
    assert stage.world.running is not None
    stage.change(running=replace(stage.world.running, seen=0))


def _answer(stage: Stage, link: Link, number: int) -> PollStep:
    end = stage.world.ends[number - 1]
    if end.startswith(_FORGOTTEN):
        return Inconclusive(Doubt.GONE, "HTTP 404", RETRY_AFTER)
    if end == "running":
        return StillRunning(link, RETRY_AFTER)
    if end == "ok":
        return Succeeded(str(number), stage.now().isoformat(), stage.now().isoformat())
    return Failed("Failed", ArmError(CODES[end], f"It ended {end}"))
