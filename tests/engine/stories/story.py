"""A story, and how it is replayed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.engine.stories.stage import Stage
from tests.engine.stories.steps import Up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.engine.conftest import NewStack
    from tests.engine.stories.steps import Step

FENCE_OF_A_SECOND, FENCE_OF_FIVE_SECONDS = "0.01", "0.05"


@dataclass(frozen=True, slots=True)
class Story:
    """One story: what happens to the reimage of one VM, and what is expected of each step.

    By default it begins with a baseline, and the identity may not read the activity log.

    Attributes:
        title: The promise, as a sentence.
        steps: The steps after the baseline.
        machine: Settings of the VM in the inventory.
        seconds: How long a reimage takes.
        time_scale: The setting azure-reimage:simulatorTimeScale.
        has_baseline: Whether it begins with a baseline; if not, it begins with an empty stack.
        log_is_readable: Whether the identity may read the activity log, which then shows everything at once.
    """

    title: str
    steps: tuple[Step, ...]
    machine: Mapping[str, object] = field(default_factory=dict)
    seconds: float = 0.0
    time_scale: str = FENCE_OF_A_SECOND
    has_baseline: bool = True
    log_is_readable: bool = False

    def __str__(self) -> str:
        """Return the title as the id of a test."""
        return self.title.replace(" ", "-").replace("`", "")


def replay(story: Story, new_stack: NewStack) -> None:
    """Play a story on the real engine.

    Raises:
        AssertionError: a step had a different result; the notes name the step.
    """
    settings = {"machine": story.machine, "seconds": story.seconds, "time_scale": story.time_scale}
    with Stage.open(new_stack, **settings) as stage:  # type: ignore[arg-type]
        if not story.log_is_readable:
            stage.simulator.script("activity every: 403 AuthorizationFailed")
        if story.has_baseline:
            Up().play(stage)
        for number, step in enumerate(story.steps, 1):
            try:
                step.play(stage)
            except AssertionError as error:
                error.add_note(f"in step {number}: {step}")
                raise
