"""The steps of a story that Azure or a stranger takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.engine.stories import program

if TYPE_CHECKING:
    from tests.engine.stories.stage import Stage

Act = Literal["reimage", "deallocate", "start", "extension", "recreate", "finish"]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A stranger does something to the VM."""

    act: Act

    def play(self, stage: Stage) -> None:
        """Do it."""
        simulator, name = stage.simulator, program.NAME
        match self.act:
            case "reimage":
                simulator.reimage(name)
            case "deallocate":
                simulator.change(name, power="deallocated")
            case "start":
                simulator.change(name, power="running")
            case "extension":
                simulator.change_extension(name)
            case "recreate":
                simulator.recreate(name)
            case "finish":
                simulator.finish(name)


@dataclass(frozen=True, slots=True)
class Arrive:
    """The request of a killed run that is on the way arrives now, or never."""

    is_lost: bool = False

    def play(self, stage: Stage) -> None:
        """Do it."""
        assert stage.on_the_way is not None
        if self.is_lost:
            stage.on_the_way.lose()
        else:
            stage.on_the_way.release()
        stage.on_the_way = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something fails in Azure. Each line is one fault, in the language of the simulator's scripts."""

    lines: tuple[str, ...]

    def play(self, stage: Stage) -> None:
        """Do it."""
        stage.simulator.script(*self.lines)


@dataclass(frozen=True, slots=True)
class Heals:
    """A person repairs the VM by hand, so that Azure shows it as succeeded and running."""

    def play(self, stage: Stage) -> None:
        """Do it."""
        stage.simulator.change(program.NAME, failed=False, power="running", agent="Ready")


@dataclass(frozen=True, slots=True)
class TimePasses:
    """Time passes at once on Azure's clock."""

    seconds: float

    def play(self, stage: Stage) -> None:
        """Do it."""
        stage.simulator.advance(self.seconds)


@dataclass(frozen=True, slots=True)
class ReimagesTake:
    """Set how long the next reimages take, in seconds."""

    seconds: float

    def play(self, stage: Stage) -> None:
        """Do it."""
        stage.simulator.set_operation_seconds(None, self.seconds)


def fault(*lines: str) -> Fault:
    """Return faults."""
    return Fault(lines)
