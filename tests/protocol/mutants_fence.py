"""Mutants of the fence, which keeps a late POST of an earlier request from following ours."""

from pulumi_azure_reimage.reimage import decide, doubt, run

from .mutant import Mutant
from .mutant_stories import CHANGES, KILLS, KILLS_2, RETRIES

FENCE = (
    Mutant(
        "no fence",
        doubt.wait_for_fence,
        "end = context.last_moment + FENCE_SECONDS * context.time_scale",
        "end = context.last_moment",
        "once",
        KILLS,
    ),
    Mutant(
        "a fence from the start of the CLI",
        run.Run.last_moment,
        "return max(began, self._posted.get(vm, began))",
        "return clock.monotonic() - 120.0",
        "once",
        KILLS,
    ),
    Mutant(
        "a fence not renewed after our own POST",
        doubt.watch_after_send,
        "deadline = context.run.watched_until(context.clock, fence)",
        "deadline = gone_at = context.run._first['updates'] + fence",
        "once",
        KILLS_2,
    ),
    Mutant(
        "a fence that a hook's repeat does not renew",
        run.Run.last_moment,
        "return max(began, self._posted.get(vm, began))",
        "return began",
        "once",
        RETRIES,
    ),
    Mutant(
        "no fence after an earlier doubt",
        decide.decide_send,
        "return SendFresh(after_fence=doubt, unsure=unsure) if",
        "return SendFresh(after_fence=False, unsure=unsure) if",
        "once",
        CHANGES,
    ),
)
