"""What it costs to import the package, beyond the library that its process loads anyway.

That is Pulumi in a program, and pytest in a test run.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from bench.command import Group
from bench.report import Expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONDITIONS = """\
seconds   processor time of the whole process, the shortest of {rounds} runs of each, taken in turns. The
          table has what is beyond a process that imports only the library. Modules are compiled already.
"""
_ROUNDS = 15
_QUICK_ROUNDS = 2

_PULUMI = "import pulumi"
_PACKAGE = "import pulumi, pulumi_azure_reimage"
_COMPONENT = "import pulumi; from pulumi_azure_reimage import VirtualMachineReimage"
_PYTEST = "import pytest"
_PLUG_IN = "import pytest, pulumi_azure_reimage.simulator.pytest_plugin"
_STATEMENTS = (_PULUMI, _PACKAGE, _COMPONENT, _PYTEST, _PLUG_IN)
_REPORT = "import time; print(time.process_time())"


def _imports(quick: bool) -> Iterator[Expectation]:  # noqa: FBT001 - as Figure has it.
    rounds = _QUICK_ROUNDS if quick else _ROUNDS
    turns = [[_seconds(statement) for statement in _STATEMENTS] for _ in range(rounds + 1)]
    # The first run compiles what is not in the cache yet.
    best = dict(zip(_STATEMENTS, map(min, zip(*turns[1:], strict=True)), strict=True))
    for statement, seconds in best.items():
        print(f"{seconds:6.3f} s  {statement}")
    yield Expectation("package beyond Pulumi, s", "at most", 0.05, best[_PACKAGE] - best[_PULUMI])
    yield Expectation("component beyond Pulumi, s", "at most", 0.05, best[_COMPONENT] - best[_PULUMI])
    yield Expectation("plug-in beyond pytest, s", "at most", 0.02, best[_PLUG_IN] - best[_PYTEST])


def _seconds(statement: str) -> float:
    """Return the processor time of a fresh Python that runs a statement."""
    code = f"{statement}; {_REPORT}"
    return float(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout)


GROUP = Group(_CONDITIONS.format(rounds=_ROUNDS), {"imports": _imports})
