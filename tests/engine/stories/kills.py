"""The step of a story that kills a run at a point, and asserts what the saved state then holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.engine.stories.points import Point, hold_at

if TYPE_CHECKING:
    from tests.engine.running_up import RunningUp
    from tests.engine.stories.gate import Hold
    from tests.engine.stories.saved import Saved
    from tests.engine.stories.stage import Stage

Victim = Literal["group", "CLI", "host"]
"""The process group of the CLI and then the dynamic host, the CLI alone, or the dynamic host alone."""

Holds = Literal["what it held", "a decision", "an operation", "anything"]
Fate = Literal["goes on", "is lost", "is on the way"]


@dataclass(frozen=True, slots=True)
class Kill:
    """Run `pulumi up`, and kill -9 it at a point.

    Attributes:
        at: Where it is killed.
        holds: What the state holds afterwards. A kill that came too late would leave more.
        victim: What is killed.
        request: What happens to the request at which the run was stopped.
        freezes: Whether the CLI is suspended before the request continues, so that the dynamic host gets the
            answer and the CLI does not save it.
        sends: How many reimages Azure has taken in the end; None means any number.
    """

    at: Point
    holds: Holds
    victim: Victim = "group"
    request: Fate = "goes on"
    freezes: bool = False
    sends: int | None = 0

    def play(self, stage: Stage) -> None:
        """Do it."""
        before = stage.saved
        hold = hold_at(stage, self.at)
        running = stage.start_up()
        running.until(hold.reached.is_set)
        if self.freezes:
            running.freeze_cli()
            hold.release()
        self._kill(stage, running, hold)
        stage.text = running.text
        stage.unlock()
        assert self.holds in ("anything", what_it_holds(before, stage.saved)), running.text
        stage.expect_sent(self.sends)

    def _kill(self, stage: Stage, running: RunningUp, hold: Hold) -> None:
        match self.victim:
            case "group":
                running.kill9()
                self._let_go(stage, hold)
            case "CLI":
                running.kill9_cli()
                self._let_go(stage, hold)
                running.end_orphan()
            case "host":
                running.kill9_host()
                self._let_go(stage, hold)
                assert not running.wait()

    def _let_go(self, stage: Stage, hold: Hold) -> None:
        match self.request:
            case "goes on":
                hold.release()
            case "is lost":
                hold.lose()
            case "is on the way":
                stage.on_the_way = hold


def what_it_holds(before: Saved, now: Saved) -> Holds:
    """Return how far a run got, from the states before and after it.

    Raises:
        AssertionError: the run reached its end.
    """
    if now == before:
        return "what it held"
    if now.sent and not now.ended:
        return "an operation"
    assert not now.ended, "the run was killed after all was saved"
    return "a decision"
