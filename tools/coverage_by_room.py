"""Measures how many branches the tests run in each room of the package: `make coverage`.

`tests/coverage.toml` holds the figure of each room. The command fails if a room is below its figure, so no
room can fall unnoticed; `make coverage ARGS=--write` stores what it measures. In the rooms of `EXPLAINED`,
every branch that no test runs has its reason in a comment at its line or above it: `Not covered: why`.

Only tests that run the code in their own process are measured. The engine tests run it in Pulumi's host,
which the engine may kill at any moment, so their measurement would differ from run to run.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "provider" / "pulumi_azure_reimage"
FIGURES = ROOT / "tests" / "coverage.toml"
SUITES = ("unit", "faults", "contract", "signin", "examples")
TOP = "top"
# These rooms decide whether a disk is wiped, so every branch without a test needs a reason here.
EXPLAINED = frozenset({"arm", "inputs", "reimage"})
REASON = "# Not covered: "

_HEAD = """\
# Branches that the tests run, in percent, for each room of the package.
# `make coverage` fails below a figure; `make coverage ARGS=--write` writes them.
"""


@dataclass(frozen=True, slots=True)
class Room:
    """A folder of the package, or the files beside the folders.

    Attributes:
        name: The folder's name, or `top`.
        branches: How many branches the room has.
        covered: How many of them the tests run.
        excluded: How many comments exclude code from the measurement.
    """

    name: str
    branches: int
    covered: int
    excluded: int

    @property
    def percent(self) -> float:
        """Covered branches in percent, rounded down to a tenth, so that 100 means all of them."""
        return math.floor(1000 * self.covered / self.branches) / 10 if self.branches else 100.0


def main() -> int:
    """Run the tests, print a line for each room, and return 1 if one of them has fallen."""
    parser = argparse.ArgumentParser(prog="python -m tools.coverage_by_room")
    parser.add_argument("--write", action="store_true", help="store the figures instead of comparing them")
    write: bool = parser.parse_args().write
    report = _measured()
    if report is None:
        return 1
    found = rooms(report, PACKAGE)
    figures: dict[str, float] = tomllib.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    for room in found:
        print(
            f"{room.name:<10}{room.covered:6,} of {room.branches:5,} branches {room.percent:6.1f} %"
            f"  figure {figures.get(room.name, 0.0):5.1f} %  no cover: {room.excluded}"
        )
    unexplained = without_reason(report, PACKAGE)
    for sentence in unexplained:
        print(sentence, file=sys.stderr)
    if write:
        FIGURES.write_text(_HEAD + "".join(f"{room.name} = {room.percent}\n" for room in found))
        return int(bool(unexplained))
    wrong = fallen(found, figures)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return int(bool(wrong or unexplained))


def rooms(report: dict[str, Any], package: Path) -> list[Room]:
    """Sum up coverage's JSON report by room; `top` holds the files outside any folder."""
    branches, covered, excluded = Counter[str](), Counter[str](), Counter[str]()
    for name, file in report["files"].items():
        path = (ROOT / name).relative_to(package)
        room = path.parts[0] if len(path.parts) > 1 else TOP
        branches[room] += file["summary"]["num_branches"]
        covered[room] += file["summary"]["covered_branches"]
        excluded[room] += (package / path).read_text(encoding="utf-8").count("pragma: no cover")
    return [Room(name, branches[name], covered[name], excluded[name]) for name in sorted(branches)]


def fallen(found: list[Room], figures: dict[str, float]) -> list[str]:
    """Return one sentence for each room that has no figure, is below it, or is gone."""
    names = {room.name for room in found}
    sentences = [f"{name} has a figure but no code." for name in figures if name not in names]
    for room in found:
        if room.name not in figures:
            sentences.append(f"{room.name} has no figure in {FIGURES.name}.")
        elif room.percent < figures[room.name]:
            sentences.append(f"{room.name} fell from {figures[room.name]} % to {room.percent} %.")
    return sentences


def without_reason(report: dict[str, Any], package: Path) -> list[str]:
    """Return one sentence for each branch without a reason, and for each reason without a branch."""
    sentences: list[str] = []
    for name, file in report["files"].items():
        path = (ROOT / name).relative_to(package)
        if path.parts[0] in EXPLAINED:
            lines = (package / path).read_text(encoding="utf-8").splitlines()
            reasons = {number for number, line in enumerate(lines, 1) if REASON in line}
            missing = [_places(*branch) for branch in file["missing_branches"]]
            found = [
                *(
                    (min(places), "is a branch that no test runs")
                    for places in missing
                    if not places & reasons
                ),
                *((line, "is covered by now") for line in reasons.difference(*missing)),
            ]
            sentences += [f"{path}:{line} {what}; see `{REASON.strip()}`." for line, what in sorted(found)]
    return sentences


def _places(start: int, end: int) -> set[int]:
    """Return the lines that may hold the reason for a branch; a negative `end` leaves the function."""
    line = end if end > 0 else start
    return {line - 1, line}


def _measured() -> dict[str, Any] | None:
    """Run the tests in a fixed order with fixed random data; return the report, or None if a test failed."""
    with tempfile.TemporaryDirectory(prefix="coverage-") as folder:
        data, report = Path(folder) / "data", Path(folder) / "report.json"
        suites = [str(ROOT / "tests" / suite) for suite in SUITES]
        coverage = [sys.executable, "-m", "coverage"]
        tests = ["-m", "pytest", "--quiet", "-p", "no:randomly", "--hypothesis-seed=0", *suites]
        measure = ["run", "--branch", f"--source={PACKAGE}", f"--data-file={data}", *tests]
        if subprocess.run([*coverage, *measure], cwd=ROOT, check=False).returncode:
            return None
        told = ["json", "--quiet", f"--data-file={data}", "-o", str(report)]
        subprocess.run([*coverage, *told], cwd=ROOT, check=True)
        read: dict[str, Any] = json.loads(report.read_text())
        return read


if __name__ == "__main__":
    sys.exit(main())
