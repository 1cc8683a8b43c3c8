"""What must hold from each situation on once nothing disturbs a run: no dead end, and honest previews."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .choices import Choices
from .decisions import difference, noted
from .key import key_of
from .preview import preview
from .promises import broken_promise, dishonesty, names_both_ways
from .steps import run
from .violation import Violation
from .world import Bounds

if TYPE_CHECKING:
    from .situation import Situation

_MOST_RUNS = 10


@dataclass(slots=True)
class Peace:
    """The undisturbed runs from each situation. Where runs meet, the rest is played once.

    Attributes:
        settled: What breaks from a situation on, by the key of the situation.
    """

    settled: dict[bytes, Violation | None] = field(default_factory=dict)

    def check(self, at: Situation, story: list[str]) -> Violation | None:
        """Return what breaks: a run must succeed, or name both ways out, which must end well."""
        view = replace(at.world.view, power="running")
        at = replace(at, guarded=False, world=replace(at.world, bounds=Bounds(), view=view))
        path: list[tuple[bytes, Violation | None]] = []
        end = self._follow(at, story, path)
        for key, found in reversed(path):
            end = self.settled[key] = found or end
        return end

    def _follow(
        self, at: Situation, story: list[str], path: list[tuple[bytes, Violation | None]]
    ) -> Violation | None:
        """Run until the story ends, and record what each run breaks."""
        took_way_out = False
        for _ in range(_MOST_RUNS):
            key = key_of(at) + bytes([took_way_out])
            if key in self.settled:
                return self.settled[key]
            try:
                at, broken = _run(at, story)
            except Violation as violation:
                path.append((key, violation))
                return None
            path.append((key, broken))
            if at.ended == "ok":
                return None
            if names_both_ways(at.ended):
                if took_way_out:
                    return Violation("no dead end", "the way out does not end well")
                took_way_out = True
                at = replace(at, wanted="D")
                story.append("change to D")
        return Violation(
            "no dead end", f"runs go on and neither succeed nor name both ways out: {_sentence(at.ended)}"
        )


def _sentence(error: str) -> str:
    """Return an error without the ids in it, so that one fault is reported once."""
    return error.partition(" (")[0][:160]


def _run(at: Situation, story: list[str]) -> tuple[Situation, Violation | None]:
    """Run a preview and an `up`, and compare what they say and do."""
    with noted(in_preview=True) as decided:
        announced = preview(replace(at, host=None))
    sent_before, promised = len(at.world.ids), at.ended
    with noted(in_preview=False) as done:
        at = run(at, Choices())
    sent = len(at.world.ids) - sent_before
    story.append(f"preview: {announced}; up: {sent} sent -> {at.ended}")
    broken = broken_promise(promised, sent, at.ended, strange=at.world.strange) or dishonesty(
        announced, sent, at.ended
    )
    return at, broken or difference(decided, done)
