"""The stage of a story: a stack on the real engine, a served simulator, and the gate between them."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi_azure_reimage.simulator import Simulator, serve
from tests.engine.stories import program
from tests.engine.stories.gate import Gate, is_look
from tests.engine.stories.saved import Saved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pulumi_azure_reimage.simulator import Request
    from tests.engine.conftest import NewStack
    from tests.engine.harness import EngineResult, EngineStack
    from tests.engine.running_up import RunningUp
    from tests.engine.stories.gate import Hold

_SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
_FENCE = "an earlier request may still arrive"
_LEAVE_IT = re.compile(r"`pulumi up ((?:--replace '[^']+' ?)+)`")


@dataclass
class Stage:
    """What the steps of a story act on.

    Attributes:
        stack: The stack.
        simulator: Azure.
        gate: Where the story stops the requests of a run.
        arguments: The inputs of the VirtualMachineReimage.
        retried: The child whose `on_error` hook repeats a failed step once.
        on_the_way: The reimage request of a killed run that is to arrive later.
        text: What the last run printed.
        sent: How many reimages the story expects Azure to have taken so far.
    """

    stack: EngineStack
    simulator: Simulator
    gate: Gate
    arguments: dict[str, Any] = field(default_factory=lambda: {"triggers": {"image": "1"}})
    retried: str = ""
    on_the_way: Hold | None = None
    text: str = ""
    sent: int = 0

    @classmethod
    @contextmanager
    def open(
        cls, new_stack: NewStack, *, machine: Mapping[str, object], seconds: float, time_scale: str
    ) -> Iterator[Stage]:
        """Serve one machine, and make an empty stack that uses it."""
        simulator = Simulator.in_memory(
            subscription_id=_SUBSCRIPTION,
            operation_seconds=seconds,
            retry_after=1,
            activity_log_seconds=0,
            machine=[{"name": program.NAME, "resource_group": "rg", "agent_seconds": 0, **machine}],
        )
        gate = Gate(simulator)
        with simulator, serve(gate) as server:
            config = {**server.config, "azure-reimage:simulatorTimeScale": time_scale}
            stack = new_stack(lambda: stage.declare(), config=config)  # noqa: PLW0108 - made below
            stage = cls(stack, simulator, gate)
            try:
                yield stage
            finally:
                gate.open()

    def declare(self) -> None:
        """Be the program."""
        program.declare(self.arguments, self.retried)

    def start_up(self) -> RunningUp:
        """Start `pulumi up` in its own process group."""
        told = {"arguments": self.arguments, "retried": self.retried}
        (self.stack.folder / "inputs.json").write_text(json.dumps(told))
        return self.stack.up_in_subprocess(Path(program.__file__))

    def note(self, result: EngineResult) -> EngineResult:
        """Keep what a run printed."""
        self.text = result.text
        return result

    @property
    def saved(self) -> Saved:
        """What the state holds now."""
        return Saved.read(self.stack.checkpoint_file)

    @property
    def taken(self) -> int:
        """How many of our reimage requests Azure has taken."""
        return self.gate.taken

    def expect_sent(self, more: int | None) -> None:
        """Assert how many reimages Azure has taken since the last step; None means any number.

        Raises:
            AssertionError: it has taken another number.
        """
        self.sent = self.taken if more is None else self.sent + more
        assert self.taken == self.sent, self.text

    @property
    def urns_to_leave_it(self) -> list[str]:
        """The URNs in the command of *leave it* that the last run printed."""
        # The engine may break a long line in the log of an error, but not within a word.
        found = _LEAVE_IT.search(" ".join(self.text.split()))
        assert found, self.text
        return re.findall(r"'([^']+)'", found[1])

    def urn(self, child: str) -> str:
        """Return the URN of a child."""
        return next(
            str(found["urn"]) for found in self.stack.resources() if found["type"].endswith(f":{child}")
        )

    def unlock(self) -> None:
        """Remove the lock that a killed run left, as `pulumi cancel` does (test_interruption.py)."""
        for lock in (self.stack.folder / "backend" / ".pulumi" / "locks").rglob("*.json"):
            lock.unlink()

    def deliver_in_fence(self) -> None:
        """Make the request that is on the way arrive during the fence, before the next read of the VM.

        The screen says when the fence begins, so that no earlier read of the VM is mistaken for a later one.
        """
        parcel = self.on_the_way
        assert parcel is not None

        def is_after_fence_began(request: Request) -> bool:
            return is_look(request) and _FENCE in "".join(self.stack.lines)

        self.at(is_after_fence_began, parcel.release)

    def at(self, matches: Callable[[Request], bool], act: Callable[[], None]) -> None:
        """Do something once, just before a request is carried out."""
        is_done = False

        def watch(request: Request) -> bool:
            nonlocal is_done
            if not is_done and matches(request):
                is_done = True
                act()
            return False

        self.gate.hold(watch)

    def see_again(self) -> None:
        """Let Azure show the VM again."""
        kept = [line for line in self.simulator.pending_script() if not line.startswith("GET ")]
        self.simulator.clear_script()
        self.simulator.script(*kept)
