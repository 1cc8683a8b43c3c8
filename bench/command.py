"""What the benchmarks have in common as commands: figures, `--only`, `--quick`, and an end.

A figure is a name for numbers that are measured together. Each can be measured alone.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from bench.measurement import BenchmarkError
from bench.report import Expectation, verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

# Returns promised numbers beside those that came out; it is told whether a quick run is wanted.
Figure = Callable[[bool], Iterable[Expectation]]

_LIMIT_SECONDS = 40 * 60


def run(name: str, description: str, conditions: str, figures: Mapping[str, Figure]) -> int:
    """Read the command line, measure, print what came out, and return the exit code.

    Args:
        name: How the command is called.
        description: What it does.
        conditions: What a reader of the numbers must know, printed before them.
        figures: What can be measured, by the name under which it can be chosen.
    """
    parser = argparse.ArgumentParser(
        prog=name, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="few machines and short operations, to see that it runs"
    )
    parser.add_argument(
        "--only", action="append", choices=list(figures), help="measure this; may be given several times"
    )
    arguments = parser.parse_args()
    chosen = {figure: figures[figure] for figure in arguments.only or figures}
    signal.signal(signal.SIGALRM, _end)
    signal.signal(signal.SIGTERM, _end)
    signal.alarm(_LIMIT_SECONDS)
    try:
        found = [expectation for item in chosen.items() for expectation in _measured(*item, arguments.quick)]
    except (BenchmarkError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"\n{conditions}\n{verdicts(found)}\n")
    return 0


def _measured(name: str, figure: Figure, quick: bool) -> list[Expectation]:  # noqa: FBT001 - as Figure has it.
    print(f"\n{name}  ({os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f})", flush=True)
    return list(figure(quick))


def _end(number: int, _frame: FrameType | None) -> None:
    """End as an error does, so that every process that was started is ended too."""
    raise BenchmarkError(f"ended by {signal.Signals(number).name}")
