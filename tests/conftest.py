"""How long the property tests go on: as here, or `--hypothesis-profile=long`."""

import pytest
from hypothesis import HealthCheck, settings

# No deadline and no complaint about slowness: timing never decides a test.
_ANY_TIME = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("usual", _ANY_TIME, max_examples=500, stateful_step_count=12)
settings.register_profile("long", _ANY_TIME, max_examples=20_000, stateful_step_count=30)
settings.load_profile("usual")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the exploration of the protocol go deeper: `--protocol=deep`."""
    parser.addoption(
        "--protocol", choices=("usual", "deep"), default="usual", help="how far tests/protocol explores"
    )
    parser.addoption(
        "--story",
        help="a file with a story that tests/protocol has printed, for tests/engine/stories/test_printed.py",
    )
