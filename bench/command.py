"""What the benchmarks that run the engine have in common as commands: `--quick`, an end, and an exit code."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from bench.measurement import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_LIMIT_SECONDS = 40 * 60


def run(name: str, description: str, job: Callable[[bool], None]) -> int:
    """Read the command line, do the job, and return the exit code.

    Args:
        name: How the command is called.
        description: What it does.
        job: Measures and prints; it is told whether a quick run is wanted.
    """
    parser = argparse.ArgumentParser(
        prog=name, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="few machines and short operations, to see that it runs"
    )
    quick: bool = parser.parse_args().quick
    signal.signal(signal.SIGALRM, _end)
    signal.signal(signal.SIGTERM, _end)
    signal.alarm(_LIMIT_SECONDS)
    try:
        job(quick)
    except (BenchmarkError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _end(number: int, _frame: FrameType | None) -> None:
    """End as an error does, so that every process that was started is ended too."""
    raise BenchmarkError(f"ended by {signal.Signals(number).name}")
