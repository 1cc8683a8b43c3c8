"""The exploration of every story up to a bound, breadth first. Equal situations are explored once."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .choices import Choices, siblings
from .key import key_of
from .peace import Peace
from .steps import step
from .user import between_runs
from .violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .configuration import Configuration
    from .situation import Situation


@dataclass(slots=True)
class Findings:
    """What an exploration found.

    Attributes:
        complete: Whether it reached its end within its limit.
        broken: The shortest story that breaks each invariant.
    """

    situations: int = 0
    transitions: int = 0
    complete: bool = True
    broken: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a story.

    Attributes:
        words: What happened, in words.
        to: The situation that follows. None if the step breaks an invariant.
    """

    words: str
    to: Situation | None
    broken: Violation | None = None


def explore(
    configuration: Configuration,
    limit: int = 1_000_000,
    *,
    until: str = "",
) -> Findings:
    """Explore a configuration.

    Args:
        configuration: The stories to explore.
        limit: The largest number of situations.
        until: The invariant that ends the exploration once it is broken.
    """
    exploration = _Exploration(configuration)
    while exploration.queue:
        if len(exploration.seen) > limit:
            exploration.found.complete = False
            break
        exploration.go_on()
        if until and any(name.startswith(until) for name in exploration.found.broken):
            break
    exploration.found.situations = len(exploration.seen)
    return exploration.found


class _Exploration:
    """The situations that were seen, and those whose moves have not been played yet."""

    def __init__(self, configuration: Configuration) -> None:
        start = configuration.start()
        self._configuration = configuration
        self._origins: dict[bytes, tuple[bytes, str]] = {}
        self._peace = Peace()
        self.found = Findings()
        self.seen = {key_of(start)}
        self.queue = deque([(key_of(start), start)])

    def go_on(self) -> None:
        """Play every move from the next situation."""
        here, at = self.queue.popleft()
        if at.phase == "idle":
            self._check_in_peace(here, at)
        for move in moves(at, self._configuration):
            self.found.transitions += 1
            if move.broken is not None:
                self.found.broken.setdefault(str(move.broken), [*self._story(here), move.words])
            elif move.to is not None:
                self._reach(here, move.words, move.to)

    def _reach(self, here: bytes, words: str, to: Situation) -> None:
        there = key_of(to)
        if there not in self.seen:
            self.seen.add(there)
            self._origins[there] = (here, words)
            self.queue.append((there, to))

    def _check_in_peace(self, here: bytes, at: Situation) -> None:
        story: list[str] = []
        broken = self._peace.check(at, story)
        if broken is not None:
            self.found.broken.setdefault(str(broken), [*self._story(here), "IN PEACE:", *story])

    def _story(self, here: bytes) -> list[str]:
        words: list[str] = []
        while here in self._origins:
            here, said = self._origins[here]
            words.append(said)
        return words[::-1]


def moves(at: Situation, configuration: Configuration) -> Iterator[Move]:
    """Return every way in which a story continues from a situation."""
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        prefix = waiting.pop()
        choices = Choices(prefix)
        yield _play(at, choices, configuration.values)
        waiting += siblings(choices, len(prefix))


def _play(at: Situation, choices: Choices, values: str) -> Move:
    """Play one step with these choices."""
    try:
        to = between_runs(at, choices, values) if at.phase == "idle" else step(at, choices)
    except Violation as broken:
        return Move(_words(at, choices, None), None, broken)
    return Move(_words(at, choices, to), to)


def _words(at: Situation, choices: Choices, to: Situation | None) -> str:
    said = ", ".join(choices.story)
    ended = f" -> {to.ended}" if to is not None and to.phase == "idle" and at.phase != "idle" else ""
    return f"{at.phase}{f' ({said})' if said else ''}{ended}"
