"""How long `pulumi preview` of many machines takes, and how many requests reach ARM in it."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.command import Group
from bench.designs import OURS, TRIVIAL
from bench.engine import quiet_engine
from bench.fleet import served_fleet
from bench.many import ManyMachines
from bench.report import Expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.designs import Design
    from bench.fleet import Fleet
    from bench.many import Preview
    from tests.engine.harness import Engine

_ROUNDS = 3
_ANSWER_SECONDS = 0.2
_CONDITIONS = f"""\
trivial   as many components, each with three dynamic resources that have one input and one output. Their
          provider has a `create` and nothing else: `check` takes every input, `diff` leaves the comparison to
          the engine, and the provider is a secret in state. All of that is Pulumi's default. Ours and the
          trivial ones are declared by the same loop, and as deep in the call stack.
state     that of one machine after a real `up`, multiplied: a preview does not see the difference.
seconds   the shortest of {_ROUNDS} if nothing changes, taken in turns. The program runs in the process of the
          benchmark, which also reads the engine's events. That costs both the same: without it the ratio
          would be a little larger. Neither program reads an output.
due       every read is answered after {_ANSWER_SECONDS:g} s.
requests  all that the simulator counted during a preview. None of them was anything but a GET.
"""


@dataclass(frozen=True, slots=True)
class _Workshop:
    engine: Engine
    folder: Path
    fleet: Fleet
    context: ExitStack

    def stack(self, kind: str, design: Design) -> ManyMachines:
        made = ManyMachines(self.engine, self.folder / kind, self.fleet, design)
        self.context.callback(made.end)
        return made


@contextmanager
def _workshop(machines: int) -> Iterator[_Workshop]:
    with ExitStack() as context:
        engine = context.enter_context(quiet_engine())
        folder = Path(context.enter_context(tempfile.TemporaryDirectory(prefix="reimage-bench-")))
        # Throttling is off, because a refused request is sent again and would be counted twice.
        fleet = context.enter_context(
            served_fleet(folder, machines, seconds=0, retry_after=1, throttled=False)
        )
        yield _Workshop(engine, folder, fleet, context)


def _unchanged(quick: bool) -> Iterator[Expectation]:  # noqa: FBT001 - as Figure has it.
    machines, rounds = (20, 1) if quick else (1_000, _ROUNDS)
    with _workshop(machines) as workshop:
        never, trivial = workshop.stack("never", OURS), workshop.stack("trivial", TRIVIAL)
        for stack in (never, trivial):
            stack.up("1")
            stack.multiply({})
        turns = [
            (_said(never.unchanged("1"), "never reimaged"), _said(trivial.unchanged("1"), "trivial"))
            for _ in range(rounds)
        ]
        ours, theirs = (min(preview.seconds for preview in previews) for previews in zip(*turns, strict=True))
        yield Expectation(f"{machines:,} unchanged: ours / trivial", "at most", 1.3, ours / theirs)
        yield _requests("never reimaged", 0, turns[0][0])
        reimaged = workshop.stack("reimaged", OURS)
        reimaged.up("1")
        reimaged.up("2")
        reimaged.multiply({})
        yield _requests("reimaged just now", 0, _said(reimaged.unchanged("2"), "reimaged just now"))


def _due(quick: bool) -> Iterator[Expectation]:  # noqa: FBT001 - as Figure has it.
    machines = 10 if quick else 300
    with _workshop(machines) as workshop:
        stack = workshop.stack("due", OURS)
        stack.up("1")
        identities = workshop.fleet.identities()
        (first, *_) = identities.values()
        stack.multiply({name: dict(zip(first, own, strict=True)) for name, own in identities.items()})
        workshop.fleet.script(f"any every: slow {_ANSWER_SECONDS}")
        preview = _said(stack.changed("2", machines), "due")
        yield Expectation(f"{machines} due, {_ANSWER_SECONDS:g} s a read, s", "at most", 30, preview.seconds)
        yield _requests("due", 3, preview)


def _said(preview: Preview, what: str) -> Preview:
    """Print a preview as one line, to be read while others are running."""
    print(
        f"{preview.machines:7,} {what + ':':19}{preview.seconds:6.1f} s, {preview.reads.total():,} requests",
        flush=True,
    )
    return preview


def _requests(what: str, limit: int, preview: Preview) -> Expectation:
    return Expectation(f"requests per VM, {what}", "at most", limit, preview.reads_per_machine)


GROUP = Group(_CONDITIONS, {"unchanged": _unchanged, "due": _due})
