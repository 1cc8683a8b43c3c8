"""Measures `pulumi preview` of many machines: `python -m bench.preview`, from the root of the repository."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench import command
from bench.designs import OURS, TRIVIAL
from bench.engine import quiet_engine
from bench.fleet import served_fleet
from bench.many import ManyMachines
from bench.report import Expectation, verdicts
from pulumi_azure_reimage.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.designs import Design
    from bench.fleet import Fleet
    from bench.many import Preview
    from tests.engine.harness import Engine

_DESCRIPTION = """\
Previews simulated machines on the real Pulumi engine. Prints how long a preview takes in which nothing
changes, beside one of components that do nothing, and how many requests reach ARM in a preview. Needs Linux
and about four minutes. Neither times nor counts decide anything: the exit code is 0 unless a preview failed,
sent something other than a GET, or announced a change where there is none."""

_CONDITIONS = """\
trivial   as many components, each with two dynamic resources that have one input and one output. Their
          provider has a `create` and nothing else: `check` takes every input, `diff` leaves the comparison to
          the engine, and the provider is a secret in state. All of that is Pulumi's default. Ours and the
          trivial ones are declared by the same loop, and as deep in the call stack.
state     that of one machine after a real `up`, multiplied: a preview does not see the difference.
seconds   the shortest of {rounds}, taken in turns. The program runs in the process of the benchmark, which
          also reads the engine's events. That costs both the same: without it the ratio would be a little
          larger.
          Neither program reads an output.
requests  all that the simulator counted during a preview. None of them was anything but a GET.
"""


@dataclass(frozen=True, slots=True)
class _Plan:
    machines: int
    rounds: int
    changed: int


_FULL = _Plan(machines=1_000, rounds=3, changed=50)
_QUICK = _Plan(machines=20, rounds=1, changed=5)


def main() -> int:
    """Measure, and print what came out."""
    return command.run("python -m bench.preview", _DESCRIPTION, _run)


def _run(quick: bool) -> None:  # noqa: FBT001 - its caller has no other argument.
    plan = _QUICK if quick else _FULL
    with ExitStack() as context:
        home = context.enter_context(tempfile.TemporaryDirectory(prefix="reimage-bench-home-"))
        folder = context.enter_context(tempfile.TemporaryDirectory(prefix="reimage-bench-"))
        # Nobody throttles: a request that is refused is sent again, and would be counted twice.
        fleet = context.enter_context(
            served_fleet(Path(folder), plan.machines, seconds=0, retry_after=1, throttled=False)
        )
        workshop = _Workshop(quiet_engine(Path(home)), Path(folder), fleet, context)
        expectations = list(_measured(workshop, plan))
    print(f"\n{_CONDITIONS.format(rounds=plan.rounds)}")
    print(verdicts(expectations))


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


def _measured(workshop: _Workshop, plan: _Plan) -> Iterator[Expectation]:
    """Take one preview after the other; each number comes when it is known."""
    never, trivial = workshop.stack("never", OURS), workshop.stack("trivial", TRIVIAL)
    for stack in (never, trivial):
        stack.up("1")
        stack.multiply({})
    turns = [
        (_said(never.unchanged("1"), "never reimaged"), _said(trivial.unchanged("1"), "trivial"))
        for _ in range(plan.rounds)
    ]
    ours, theirs = (min(preview.seconds for preview in previews) for previews in zip(*turns, strict=True))
    yield Expectation(f"{plan.machines:,} unchanged: ours / trivial", "at most", 1.3, ours / theirs)
    yield _requests("never reimaged", 0, turns[0][0])
    yield _requests("reimaged two days ago", 0, _said(_reimaged_long_ago(workshop), "reimaged two days ago"))
    yield _requests("reimaged just now", 1, _said(_reimaged_just_now(workshop), "reimaged just now"))
    changed = workshop.stack("changed", OURS)
    changed.up("1", plan.changed)
    yield _requests(
        "about to be reimaged", 3, _said(changed.changed("2", plan.changed), "about to be reimaged")
    )


def _reimaged_long_ago(workshop: _Workshop) -> Preview:
    stack = workshop.stack("long-ago", OURS)
    requested_at, _ = _reimaged(stack)
    long_ago = (SystemClock().now() - timedelta(days=2)).isoformat()
    stack.multiply({name: {requested_at: long_ago} for name in workshop.fleet.vm_ids})
    return stack.unchanged("2")


def _reimaged_just_now(workshop: _Workshop) -> Preview:
    stack = workshop.stack("just-now", OURS)
    _, operation_url = _reimaged(stack)
    stack.multiply({name: {operation_url: url} for name, url in workshop.fleet.reimage().items()})
    return stack.unchanged("2")


def _reimaged(stack: ManyMachines) -> tuple[str, str]:
    """Reimage the first machine; return when that was requested, and where its operation is asked after."""
    stack.up("1")
    stack.up("2")
    record = stack.outputs(":ReimageOperation")["record"]
    return record["requested_at"], record["operation_url"]


def _said(preview: Preview, what: str) -> Preview:
    """Print a preview as one line, for who waits for the others."""
    print(
        f"{preview.machines:5,} {what + ':':24}{preview.seconds:6.1f} s, {preview.reads.total():,} requests",
        flush=True,
    )
    return preview


def _requests(what: str, limit: int, preview: Preview) -> Expectation:
    return Expectation(f"requests per VM, {what}", "at most", limit, preview.reads_per_machine)


if __name__ == "__main__":
    raise SystemExit(main())
