"""The command line of the benchmark: figures, each of which can be measured alone."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measurement import BenchmarkError
from bench.report import Expectation, verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

# Returns promised numbers beside those that were measured. The argument says whether the run is a quick one.
Figure = Callable[[bool], Iterable[Expectation]]

_DESCRIPTION = """\
Measures imports, previews and updates of simulated machines, most of them on the real Pulumi engine, and
prints the numbers beside those that were promised. Needs Linux and about half an hour. Timing decides
nothing: the exit code is 0 unless something failed, such as a machine that was not reimaged exactly once."""
_LIMIT_SECONDS = 90 * 60


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that are measured in the same way.

    Attributes:
        conditions: What readers of the numbers must know.
        figures: What can be measured, by the name under which it can be chosen.
    """

    conditions: str
    figures: Mapping[str, Figure]


def run(groups: Sequence[Group]) -> int:
    """Read the command line, measure, print the results, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="few machines and short operations, to see that it runs"
    )
    every = [name for group in groups for name in group.figures]
    parser.add_argument("--only", action="append", choices=every, help="may be given several times")
    arguments = parser.parse_args()
    signal.signal(signal.SIGALRM, _end)
    signal.signal(signal.SIGTERM, _end)
    signal.alarm(_LIMIT_SECONDS)
    try:
        for group in groups:
            _measure(group, arguments.only or every, arguments.quick)
    except (BenchmarkError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _measure(group: Group, chosen: Sequence[str], quick: bool) -> None:  # noqa: FBT001 - as Figure has it.
    figures = {name: figure for name, figure in group.figures.items() if name in chosen}
    found = [expectation for item in figures.items() for expectation in _measured(*item, quick)]
    if found:
        print(f"\n{group.conditions}\n{verdicts(found)}", flush=True)


def _measured(name: str, figure: Figure, quick: bool) -> list[Expectation]:  # noqa: FBT001 - as Figure has it.
    print(f"\n{name}  ({os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f})", flush=True)
    return list(figure(quick))


def _end(number: int, _frame: FrameType | None) -> None:
    """End with an error, so that every process that was started is ended too."""
    raise BenchmarkError(f"ended by {signal.Signals(number).name}")
