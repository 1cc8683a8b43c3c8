"""Measures how long a fleet takes on the real engine: `python -m bench`, from the root of the repository."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench import command, report
from bench.designs import OURS
from bench.engine import quiet_engine
from bench.measurement import Load, measure

if TYPE_CHECKING:
    from bench.measurement import Measurement

_DESCRIPTION = """\
Reimages simulated machines on the real Pulumi engine and prints how long `pulumi up` took. Needs Linux
and about five minutes. Timing decides nothing: the exit code is 0 unless something failed."""

_CONDITIONS = """\
An operation takes {seconds:g} s in a simulator that a process of its own serves on the loopback interface.
The simulator answers at once, which Azure does not. It asks clients to come back after {retry_after} s,
which is about the share of an operation that our 10 s are in Azure. State is kept by the file backend with
its default settings.

floor     the operations all at once, plus an `up` in which nothing changes (the shorter of two)
engine    peak memory of the CLI's process during the `up` that reimages
state     the checkpoint file after it, per VM
stacks    what of that is call stacks: Pulumi's SDK records one with every resource, and they are deeper here
          than in a program that the CLI runs
"""

_RETRY_AFTER = 1


def main() -> int:
    """Measure, and print what came out."""
    return command.run("python -m bench", _DESCRIPTION, _run)


def _run(quick: bool) -> None:  # noqa: FBT001 - its caller has no other argument.
    seconds, plan = (2.0, (1, 8)) if quick else (10.0, (1, 10, report.MANY, report.MOST))
    load_average = os.getloadavg()[0]
    print(f"{os.cpu_count()} processors, load average {load_average:.1f} before the start\n", flush=True)
    done: list[Measurement] = []
    with tempfile.TemporaryDirectory(prefix="reimage-bench-home-") as home:
        engine = quiet_engine(Path(home))
        for machines in plan:
            found = measure(engine, OURS, Load(machines, seconds, retry_after=_RETRY_AFTER))
            print(report.line(found), flush=True)
            done.append(found)
    print(f"\n{_CONDITIONS.format(seconds=seconds, retry_after=_RETRY_AFTER)}")
    print(f"Operation URLs have up to {max(found.url_characters for found in done):,} characters.\n")
    print(report.table(done))
    if not quick:
        print(f"\n{report.judged(done)}")


if __name__ == "__main__":
    raise SystemExit(main())
