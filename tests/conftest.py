"""How far tests go, and what is printed at the end.

Property tests run as set here, or longer with `--hypothesis-profile=long`.
"""

import pytest
from hypothesis import HealthCheck, settings

# No deadline and no complaint about slowness, because timing never decides a test.
_ANY_TIME = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("usual", _ANY_TIME, max_examples=500, stateful_step_count=12)
settings.register_profile("long", _ANY_TIME, max_examples=20_000, stateful_step_count=30)
settings.load_profile("usual")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for a deeper exploration of the protocol: `--protocol=deep`."""
    parser.addoption(
        "--protocol", choices=("usual", "deep"), default="usual", help="how far tests/protocol explores"
    )
    parser.addoption(
        "--story",
        help="a file with a story that tests/protocol has printed, for tests/engine/stories/test_printed.py",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how large the explorations of tests/protocol were.

    pytest-xdist runs them in processes whose output is not shown, and its own process loads only this file.
    """
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    explored = [value for report in reports for name, value in report.user_properties if name == "explored"]
    if not explored:
        return
    terminalreporter.section("explorations of the protocol")
    for name, situations, transitions in explored:
        terminalreporter.line(f"{situations:7,} situations {transitions:8,} transitions  {name}")
    total, moves = sum(one[1] for one in explored), sum(one[2] for one in explored)
    terminalreporter.line(f"{total:7,} situations {moves:8,} transitions  in {len(explored)} configurations")
