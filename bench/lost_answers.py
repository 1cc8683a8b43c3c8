"""What it costs to lose the requests of many machines at once, as a number of fences."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.command import Group
from bench.designs import OURS
from bench.engine import quiet_engine
from bench.fleet import served_fleet
from bench.measurement import require_reimages, timed_up
from bench.report import Expectation
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS
from tests.engine.harness import EngineStack

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONDITIONS = f"""\
fence     {FENCE_SECONDS:g} s
lost      every connection breaks after the first POST for a machine, and the simulator does not carry it out.
          Nothing then shows whether Azure would have, until the fence is over.
beyond    what an `up` takes longer than one of the same machines in which nothing is lost
"""


def _lost(quick: bool) -> Iterator[Expectation]:  # noqa: FBT001 - as Figure has it.
    machines, scale = (6, 0.1) if quick else (50, 1.0)
    with (
        quiet_engine() as engine,
        tempfile.TemporaryDirectory(prefix="reimage-bench-") as folder,
        served_fleet(Path(folder), machines, seconds=1, retry_after=1, throttled=False) as fleet,
    ):
        config = {"azure-reimage:simulator": fleet.url, "azure-reimage:simulatorTimeScale": str(scale)}
        stack = EngineStack(engine, Path(folder), lambda: None, config=config)
        try:
            timed_up(stack, fleet, OURS, "1")
            usual = timed_up(stack, fleet, OURS, "2")
            fleet.script(*(f"POST 1 {name}: drop on the way" for name in fleet.vm_ids))
            first = timed_up(stack, fleet, OURS, "3", may_fail=True)
            left = sum(count == 1 for count in fleet.reimages().values())
            second = timed_up(stack, fleet, OURS, "3")
        finally:
            stack.end_processes()
        require_reimages(fleet, 2)
    print(
        f"  {machines} machines: {usual:.1f} s if nothing is lost, {first:.1f} s if all is, and then "
        f"{second:.1f} s for the {left} that are left",
        flush=True,
    )
    fence = FENCE_SECONDS * scale
    for which, seconds in (("that loses them", first), ("after it", second)):
        yield Expectation(
            f"{machines} answers lost: fences beyond, the run {which}",
            "at most",
            1.5,
            (seconds - usual) / fence,
        )


GROUP = Group(_CONDITIONS, {"lost-answers": _lost})
