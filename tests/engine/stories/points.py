"""The points of a run at which a story can stop it. Each is a request, and what the state holds by then."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tests.engine.stories.gate import is_look, is_poll, is_reimage

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_azure_reimage.simulator import Request
    from tests.engine.stories.gate import Hold
    from tests.engine.stories.stage import Stage


class Point(Enum):
    """Where a run is stopped."""

    DECIDING = "ReimageRequest reads the VM, and has decided nothing"
    DECIDED = "ReimageRequest is saved, and ReimageOperation reads the VM"
    POSTING = "the reimage request is under way, and Azure has not taken it"
    TAKEN = "Azure has taken the request, and its answer is under way"
    WAITING = "ReimageOperation is saved, and ReimageResult polls"
    CHECKING = "the operation has ended, and ReimageResult reads the VM"


def hold_at(stage: Stage, point: Point) -> Hold:
    """Stop the next run at a point."""
    return stage.gate.hold(matcher(stage, point), when_taken=point is Point.TAKEN)


def matcher(stage: Stage, point: Point) -> Callable[[Request], bool]:
    """Return a function that recognizes the request at which the next run reaches a point."""
    before = stage.saved

    def is_new() -> bool:
        return stage.saved.request != before.request

    def matches(request: Request) -> bool:
        match point:
            case Point.DECIDING:
                return is_look(request)
            case Point.DECIDED:
                return is_look(request) and is_new()
            case Point.POSTING | Point.TAKEN:
                return is_reimage(request)
            case Point.WAITING:
                return is_poll(request)
            case Point.CHECKING:
                return is_look(request) and bool(stage.saved.sent) and is_new()

    return matches
