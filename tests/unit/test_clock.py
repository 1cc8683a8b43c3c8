"""The clock, the only part of the core that differs from run to run."""

from datetime import UTC, timedelta

import pytest

from pulumi_azure_reimage.clock import SystemClock


def test_the_wall_clock_is_in_utc() -> None:
    """What is kept in state must mean the same on every machine."""
    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert now.utcoffset() == timedelta(0)


def test_the_monotonic_clock_does_not_run_backwards() -> None:
    """Deadlines are read from it."""
    clock = SystemClock()

    first, second = clock.monotonic(), clock.monotonic()

    assert first <= second


def test_sleeping_lets_at_least_that_time_pass() -> None:
    """A pause that a server names is the shortest one allowed."""
    clock = SystemClock()
    before = clock.monotonic()

    clock.sleep(0.001)

    assert clock.monotonic() - before >= 0.001


@pytest.mark.parametrize("seconds", [0.0, 1.0, 600.0])
def test_jitter_only_adds_and_at_most_a_fifth(seconds: float) -> None:
    """A request before Retry-After would be refused again."""
    jittered = [SystemClock().jitter(seconds) for _ in range(1000)]

    assert all(seconds <= each <= seconds * 1.2 + 1e-9 for each in jittered)
