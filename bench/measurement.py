"""Measures how long a fleet takes with one design, on the real engine."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.fleet import Fleet, served_fleet
from bench.peak_memory import PeakMemory
from pulumi_azure_reimage.clock import SystemClock
from tests.engine.harness import EngineStack

if TYPE_CHECKING:
    from bench.designs import Design
    from tests.engine.harness import Engine


class BenchmarkError(Exception):
    """A run failed or did not do the job, so there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be done.

    Attributes:
        machines: How many machines are reimaged.
        seconds: How long Azure would take for each.
        retry_after: Seconds between two polls of an operation, as the server requests.
    """

    machines: int
    seconds: float
    retry_after: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """How it was done.

    Attributes:
        load: What was done.
        seconds: How long the `up` took that reimages every machine.
        engine_bytes: Peak memory of the engine's process in that `up`.
        state_bytes: Size of the stack's state after it.
        stack_bytes: How much of that is the call stacks that the SDK records.
    """

    load: Load
    seconds: float
    engine_bytes: int
    state_bytes: int
    stack_bytes: int

    @property
    def state_per_machine(self) -> float:
        """State in kB for each machine, including what all of them share."""
        return self.state_bytes / self.load.machines / 1e3

    def __str__(self) -> str:
        """Return the measurement as one line, to be read while others are running."""
        return (
            f"{self.load.machines:5} machines, operations of {self.load.seconds:g} s: {self.seconds:6.1f} s, "
            f"engine {self.engine_bytes / 1e6:.0f} MB, state {self.state_per_machine:.1f} kB each, of which "
            f"{self.stack_bytes / self.load.machines / 1e3:.1f} kB call stacks"
        )


def measure(engine: Engine, design: Design, load: Load) -> Measurement:
    """Record a baseline, then reimage every machine.

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
                # The harness of the tests switches off the backups, which a user's stack has.
                environment={"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "false"},
            )
            try:
                return _measure(stack, fleet, design, load)
            finally:
                stack.end_processes()


def _measure(stack: EngineStack, fleet: Fleet, design: Design, load: Load) -> Measurement:
    timed_up(stack, fleet, design, "1")
    require_reimages(fleet, 0)
    with PeakMemory() as memory:
        seconds = timed_up(stack, fleet, design, "2")
    require_reimages(fleet, 1)
    resources = stack.resources()
    call_stacks = [json.dumps(resource.get("stackTrace"), separators=(",", ":")) for resource in resources]
    return Measurement(
        load=load,
        seconds=seconds,
        engine_bytes=memory.bytes,
        state_bytes=stack.checkpoint_file.stat().st_size,
        stack_bytes=sum(map(len, call_stacks)),
    )


def require_reimages(fleet: Fleet, number: int) -> None:
    """Raise an error unless this many reimages of each machine were accepted.

    Raises:
        BenchmarkError: it was another number.
    """
    wrong = {name: count for name, count in fleet.reimages().items() if count != number}
    if wrong:
        raise BenchmarkError(f"not reimaged {number} times: {wrong}")


def timed_up(
    stack: EngineStack, fleet: Fleet, design: Design, image: str, *, may_fail: bool = False
) -> float:
    """Run `pulumi up` with a value of the trigger, and return how many seconds it took.

    Raises:
        BenchmarkError: it failed and was not allowed to.
    """

    def program() -> None:
        for name, vm_id in fleet.vm_ids.items():
            design.declare(name, vm_id, image)

    stack.program = program
    clock = SystemClock()
    before = clock.monotonic()
    result = stack.up()
    seconds = clock.monotonic() - before
    if not result.ok and not may_fail:
        raise BenchmarkError(f"{design.name}: `pulumi up` failed:\n{result.text}")
    return seconds
