"""Measures one design with one number of machines, on the real engine."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.fleet import Fleet, served_fleet
from bench.peak_memory import PeakMemory
from pulumi_azure_reimage.clock import SystemClock
from pulumi_azure_reimage.json_reading import get_str
from tests.engine.harness import EngineStack

if TYPE_CHECKING:
    from bench.designs import Design
    from tests.engine.harness import Engine

_IDLE_RUNS = 2


class BenchmarkError(Exception):
    """A run failed, or did not do the job: there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be done.

    Attributes:
        machines: How many machines are reimaged.
        seconds: How long Azure would take for each.
        retry_after: Seconds between two questions about an operation, as the server asks for.
    """

    machines: int
    seconds: float
    retry_after: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """How it was done.

    Attributes:
        design: The name of the design.
        load: What was done.
        idle_seconds: How long an `up` takes in which nothing changed: the shorter of two.
        reimage_seconds: How long the `up` takes that reimages every machine.
        engine_bytes: Peak memory of the engine's process in that `up`.
        state_bytes: Size of the stack's state after it.
        stack_bytes: What of that is the call stacks that the SDK records.
        url_characters: Length of the longest operation URL in the state; 0 if it has none.
    """

    design: str
    load: Load
    idle_seconds: float
    reimage_seconds: float
    engine_bytes: int
    state_bytes: int
    stack_bytes: int
    url_characters: int

    @property
    def floor(self) -> float:
        """What no design can beat: the operations at once, and an `up` that does nothing else."""
        return self.load.seconds + self.idle_seconds


def measure(engine: Engine, design: Design, load: Load) -> Measurement:
    """Record a baseline, let nothing change twice, then reimage every machine.

    Raises:
        BenchmarkError: a run failed, or a machine was not reimaged exactly once.
    """
    with tempfile.TemporaryDirectory(prefix="reimage-bench-") as folder:
        path = Path(folder)
        with served_fleet(path, load.machines, load.seconds, load.retry_after) as fleet:
            stack = EngineStack(
                engine,
                path,
                lambda: None,
                config={"azure-reimage:simulator": fleet.url},
                # The harness of the tests spares the backups, which a user's stack has.
                environment={"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "false"},
            )
            try:
                return _measure(stack, fleet, design, load)
            finally:
                stack.end_processes()


def _measure(stack: EngineStack, fleet: Fleet, design: Design, load: Load) -> Measurement:
    _up(stack, fleet, design, "1")
    idle_seconds = min(_up(stack, fleet, design, "1") for _ in range(_IDLE_RUNS))
    if any(fleet.reimages().values()):
        raise BenchmarkError(f"{design.name}: a machine was reimaged without a reason")
    with PeakMemory() as memory:
        reimage_seconds = _up(stack, fleet, design, "2")
    wrong = {name: count for name, count in fleet.reimages().items() if count != 1}
    if wrong:
        raise BenchmarkError(f"{design.name}: not reimaged exactly once: {wrong}")
    resources = stack.resources()
    urls = [get_str(resource, "outputs", "record", "operation_url") or "" for resource in resources]
    call_stacks = [json.dumps(resource.get("stackTrace"), separators=(",", ":")) for resource in resources]
    return Measurement(
        design=design.name,
        load=load,
        idle_seconds=idle_seconds,
        reimage_seconds=reimage_seconds,
        engine_bytes=memory.bytes,
        state_bytes=stack.checkpoint_file.stat().st_size,
        stack_bytes=sum(map(len, call_stacks)),
        url_characters=max(map(len, urls)),
    )


def _up(stack: EngineStack, fleet: Fleet, design: Design, image: str) -> float:
    """Run `pulumi up` with a value of the trigger, and return how many seconds it took."""

    def program() -> None:
        for name, vm_id in fleet.vm_ids.items():
            design.declare(name, vm_id, image)

    stack.program = program
    clock = SystemClock()
    before = clock.monotonic()
    result = stack.up()
    seconds = clock.monotonic() - before
    if not result.ok:
        raise BenchmarkError(f"{design.name}: `pulumi up` failed:\n{result.text}")
    return seconds
