"""Mutants of the fence: a late POST of an earlier request must not be able to follow ours."""

from pulumi_azure_reimage.reimage import decide, doubt, run

from .mutant import Mutant
from .mutant_stories import CHANGES, KILLS, KILLS_2

FENCE = (
    Mutant(
        "no fence",
        doubt.wait_for_fence,
        "end = since + FENCE_SECONDS * context.time_scale",
        "end = since",
        "once",
        KILLS,
    ),
    Mutant(
        "a fence from the start of the CLI",
        run.Run.updates_since,
        "return clock.monotonic() if self._updates_since is None else self._updates_since",
        "return clock.monotonic() - 120.0",
        "once",
        KILLS,
    ),
    Mutant(
        "a fence not renewed after our own POST",
        doubt.watch_after_send,
        "deadline = context.clock.monotonic() +",
        "deadline = context.run.updates_since(context.clock) +",
        "once",
        KILLS_2,
    ),
    Mutant(
        "no fence after an earlier doubt",
        decide.decide_send,
        "return SendFresh(after_fence=doubt, unsure=unsure)",
        "return SendFresh(after_fence=False, unsure=unsure)",
        "once",
        CHANGES,
    ),
)
