"""One step of a story: the world that it changes, the choices that it makes, and the clock that it reads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .choices import Choices
    from .world import World

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Stage:
    """What all parts of the model of Azure share while one step runs. It is a `Clock`.

    Attributes:
        wanted: The value of today's input, or `any` if a target leaves it out.
        decided: The number and value of each request, by the beginning of its id.
        base: The value that ReimageOperation knows as taken.
        phase: The letter of the resource whose step runs.
        guarded: Whether `prevent_reimage` is set.
        quiet: Whether nothing happens between two reads, as in a preview, whose facts must not change.
        gone: Whether the engine of this run was killed, so that its host process is an orphan.
        left: The world at that moment, which an orphan must not change.
        cli_started: When the CLI of this run started, in seconds since the story began.
    """

    world: World
    choices: Choices
    wanted: str = ""
    decided: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    base: str = ""
    phase: str = ""
    guarded: bool = False
    quiet: bool = False
    gone: bool = False
    left: World | None = None
    cli_started: float = 0.0
    reads: int = 0
    posts: int = 0

    def now(self) -> datetime:
        """Return Azure's time, which is also ours."""
        return START + timedelta(seconds=self.world.elapsed)

    def monotonic(self) -> float:
        """Return the seconds of the monotonic clock."""
        return 5000.0 + self.world.elapsed

    def sleep(self, seconds: float) -> None:
        """Let time pass. What happens in it is chosen at the next request, when it can be seen."""
        self.change(elapsed=self.world.elapsed + max(0.0, seconds))

    def jitter(self, seconds: float) -> float:
        """Return `seconds` unchanged."""
        return seconds

    def engine_is_gone(self) -> str | None:
        """Return why this run must not send any more, if so."""
        return "the Pulumi engine of this run has ended" if self.gone else None

    def cli_age(self) -> float | None:
        """Return the number of seconds since the CLI of this run started."""
        return self.world.elapsed - self.cli_started

    def choose(self, options: Sequence[str]) -> str:
        """Return how the story continues."""
        return self.choices.choose(options)

    def use(self, bound: str) -> None:
        """Use up one of the disturbances that are bounded."""
        self.change(bounds=self.world.bounds.less(bound))

    def change(self, **changes: Any) -> None:  # noqa: ANN401 - fields of World.
        """Change the world."""
        self.world = replace(self.world, **changes)
