"""Prints how large the explorations were, also where pytest-xdist ran them in other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print configurations, situations and transitions."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    explored = [value for report in reports for name, value in report.user_properties if name == "explored"]
    if not explored:
        return
    terminalreporter.section("explorations of the protocol")
    for name, situations, transitions in explored:
        terminalreporter.line(f"{situations:7,} situations {transitions:8,} transitions  {name}")
    total, moves = sum(one[1] for one in explored), sum(one[2] for one in explored)
    terminalreporter.line(f"{total:7,} situations {moves:8,} transitions  in {len(explored)} configurations")
