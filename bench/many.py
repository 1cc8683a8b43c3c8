"""A stack with every machine of a fleet, and previews of it."""

from __future__ import annotations

import gc
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from bench.clones import cloned
from bench.measurement import BenchmarkError
from pulumi_azure_reimage.clock import SystemClock
from tests.engine.harness import EngineStack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.designs import Design
    from bench.fleet import Fleet
    from tests.engine.harness import Engine, EngineResult


@dataclass(frozen=True, slots=True)
class Preview:
    """What a preview took.

    Attributes:
        machines: How many machines were previewed.
        seconds: How long `pulumi preview` ran.
        reads: GETs that reached ARM, by the VM that each concerns, or by None if it concerns no VM.
    """

    machines: int
    seconds: float
    reads: Counter[str | None]

    @property
    def reads_per_machine(self) -> float:
        """The GETs about the VM that was read most often, and at least the mean, which counts all GETs."""
        most = max((count for name, count in self.reads.items() if name is not None), default=0)
        return max(most, self.reads.total() / self.machines)


class ManyMachines:
    """A stack of one design."""

    def __init__(self, engine: Engine, folder: Path, fleet: Fleet, design: Design) -> None:
        """Create the stack in a new folder; it is empty."""
        folder.mkdir()
        self._fleet = fleet
        self._design = design
        self._stack = EngineStack(engine, folder, lambda: None, config={"azure-reimage:simulator": fleet.url})

    def up(self, image: str, machines: int = 1) -> None:
        """Run `pulumi up` for the first few machines.

        Raises:
            BenchmarkError: it failed.
        """
        self._declare(image, machines)
        self._succeeded(self._stack.up(), "up")

    def multiply(self, changes: Mapping[str, Mapping[str, str]]) -> None:
        """Give every machine of the fleet the state of the first one.

        Args:
            changes: The texts to replace in a machine's copy, by the machine's name.

        Raises:
            BenchmarkError: the CLI did not accept the state.
        """
        exported = self._succeeded(self._stack.export(), "stack export").text
        (first, *_) = self._fleet.vm_ids
        copies = {name: changes.get(name, {}) for name in self._fleet.vm_ids}
        state = self._stack.folder / "state.json"
        state.write_text(cloned(exported, first, copies))
        self._succeeded(self._stack.cli("stack", "import", "--file", str(state)), "stack import")

    def unchanged(self, image: str) -> Preview:
        """Preview all machines, of which none may change.

        Raises:
            BenchmarkError: it failed, sent something other than a GET, or announced a change.
        """
        machines = len(self._fleet.vm_ids)
        preview, changes = self._preview(image, machines)
        if set(changes) != {"same"}:
            raise BenchmarkError(f"{self._design.name}: a preview without a change announced {changes}")
        return preview

    def changed(self, image: str, machines: int) -> Preview:
        """Preview the first few machines, each of which must be announced to change.

        Raises:
            BenchmarkError: it failed, sent something other than a GET, or announced something else.
        """
        preview, changes = self._preview(image, machines)
        # The three children change; the component and the stack stay as they are.
        if changes != {"update": 3 * machines, "same": machines + 1}:
            raise BenchmarkError(f"{self._design.name}: a preview of {machines} reimages announced {changes}")
        return preview

    def end(self) -> None:
        """End all processes that the runs left behind."""
        self._stack.end_processes()

    def _preview(self, image: str, machines: int) -> tuple[Preview, dict[str, int]]:
        self._declare(image, machines)
        logged = len(self._fleet.requests())
        gc.collect()  # Objects that an earlier run left are not measured.
        clock = SystemClock()
        before = clock.monotonic()
        result = self._stack.preview()
        seconds = clock.monotonic() - before
        self._succeeded(result, "preview")
        requests = self._fleet.requests()[logged:]
        methods = Counter(request.method for request in requests)
        if set(methods) - {"GET"}:
            raise BenchmarkError(f"{self._design.name}: a preview sent {dict(methods)}")
        return Preview(machines, seconds, Counter(request.name for request in requests)), result.changes

    def _declare(self, image: str, machines: int) -> None:
        vm_ids = dict(islice(self._fleet.vm_ids.items(), machines))

        def program() -> None:
            for name, vm_id in vm_ids.items():
                self._design.declare(name, vm_id, image)

        self._stack.program = program

    def _succeeded(self, result: EngineResult, command: str) -> EngineResult:
        if not result.ok:
            raise BenchmarkError(f"{self._design.name}: `pulumi {command}` failed:\n{result.text}")
        return result
