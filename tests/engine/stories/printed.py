"""A story as tests/protocol prints it, turned into a story for the real engine.

The exploration prints one line for each step of a run, such as `O (KILLED before the save) -> killed`, and
`idle (change to C)` between two runs. The real engine is expected to end each run in the same way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.engine.stories.kills import Kill
from tests.engine.stories.points import Point
from tests.engine.stories.steps import Change, MoveState, Refresh, Up, trigger
from tests.engine.stories.story import FENCE_OF_FIVE_SECONDS, Story
from tests.engine.stories.world import Arrive, Stranger, fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.engine.stories.steps import Step

_LINE = re.compile(r"(?P<phase>idle|[ROZ])(?: \((?P<words>.*?)\))?(?: -> (?P<end>.*))?", re.DOTALL)
_PEACEFUL = ("nothing", "operation runs on", "operation ends well", "view is current")
_KILLS = {
    ("R", "KILLED before the save"): Kill(Point.DECIDING, "anything", sends=None),
    ("O", "KILLED before O"): Kill(Point.DECIDED, "anything", sends=None),
    ("O", "KILLED before the POST"): Kill(Point.POSTING, "anything", request="is lost", sends=None),
    ("O", "KILLED, the orphan sends"): Kill(Point.POSTING, "anything", request="is on the way", sends=None),
    ("O", "KILLED when Azure has taken it"): Kill(Point.TAKEN, "anything", sends=None),
    ("O", "KILLED before the save"): Kill(Point.TAKEN, "anything", sends=None, freezes=True),
    ("Z", "KILLED before Z"): Kill(Point.WAITING, "anything", sends=None),
    ("Z", "KILLED at poll"): Kill(Point.WAITING, "anything", sends=None),
    ("Z", "KILLED before the save"): Kill(Point.CHECKING, "anything", sends=None),
}
_ENDS = {
    "operation ends untouched": "fail AllocationFailed, disk untouched",
    "operation ends half built": "fail AllocationFailed, broken",
    "operation ends rebuilt": "fail OSProvisioningTimedOut, new disk",
}
_FAULTS = {
    "refused (4xx)": "POST web: 403 AuthorizationFailed",
    "answer lost, not taken": "POST web: drop on the way",
    "answer lost, taken": "POST web: drop after send",
    "poll answered 400": "poll web: 400 BadRequest",
}
_BETWEEN: dict[str, Step] = {
    "refresh": Refresh(),
    "export and import the state": MoveState(),
    "set prevent_reimage": Change({"prevent_reimage": True}),
    "unset prevent_reimage": Change({"prevent_reimage": None}),
    "a stranger reimages": Stranger("reimage"),
    "a stranger deallocates the VM": Stranger("deallocate"),
    "a stranger starts the VM": Stranger("start"),
    "a stranger adds an extension": Stranger("extension"),
    "the VM is created again before the run": Stranger("recreate"),
    "a POST arrives": Arrive(),
    "a POST is dropped": Arrive(is_lost=True),
}
_ALONE = "no run of the program"
_SENT_BY_THEN = (Point.WAITING, Point.CHECKING)


class UntranslatableError(Exception):
    """A word of the exploration has no counterpart on the real engine, such as a POST not written in 2 s."""


@dataclass
class _Run:
    """One run: what comes before it, its steps, and how it ended."""

    between: list[Step] = field(default_factory=list)
    kill: Kill | None = None
    end: str = ""
    sends: bool = False
    options: dict[str, bool] = field(default_factory=dict)

    def steps(self) -> list[Step]:
        """Return the steps for the real engine."""
        if self.kill is not None:
            return [*self.between, self.kill]
        if self.end in ("", _ALONE):
            return self.between
        return [*self.between, Up(ok=self.end == "ok", sends=None, **self.options)]  # type: ignore[arg-type]


def read_story(title: str, lines: Iterable[str]) -> Story:
    """Return the story that was printed. Its program begins with a baseline for A, and requests B.

    Raises:
        UntranslatableError: it cannot be replayed.
    """
    runs = [_Run([trigger("A")], end="ok"), _Run([trigger("B")])]
    for line in lines:
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise UntranslatableError(line)
        if found["phase"] == "idle" and runs[-1].end:
            runs.append(_Run())
        for word in _words(found["words"] or ""):
            _add(runs, found["phase"], word)
        if found["phase"] == "O":
            earlier = runs[-2].kill
            runs[-1].sends = earlier is None or earlier.at not in _SENT_BY_THEN
        runs[-1].end = runs[-1].end or found["end"] or ""
    steps = tuple(step for run in runs for step in run.steps())
    return Story(title, steps, time_scale=FENCE_OF_FIVE_SECONDS, has_baseline=False)


def _words(text: str) -> list[str]:
    """Split at commas, except within a phrase that has one."""
    phrases = [*_FAULTS, "KILLED, the orphan sends"]
    pattern = "|".join([*map(re.escape, phrases), "[^,]+"])
    return [word for word in (found.strip() for found in re.findall(pattern, text)) if word]


def _add(runs: list[_Run], phase: str, word: str) -> None:
    run = runs[-1]
    if word in _PEACEFUL:
        return
    if (phase, word) in _KILLS:
        run.kill = _KILLS[phase, word]
    elif word in _FAULTS:
        run.between.append(fault(_FAULTS[word]))
    elif word in _ENDS:
        sender = next(run for run in reversed(runs) if run.sends)
        sender.between.append(fault(f"reimage web: {_ENDS[word]}"))
    elif word == "a POST arrives" and phase == "O":
        run.options["arrives_in_fence"] = True
    elif word == "leave it":
        run.options["leaves_it"] = True
    elif word.startswith("change to "):
        run.between.append(trigger(word[-1]))
    elif word in _BETWEEN:
        run.between.append(_BETWEEN[word])
    else:
        raise UntranslatableError(word)
    if word in ("refresh", "export and import the state"):
        run.end = _ALONE
