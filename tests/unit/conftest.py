"""Keeps every unit test off the network, and provides a fake clock and a scripted ARM."""

from collections.abc import Iterator

import pytest
import pytest_socket

from .fakes import Azure, FakeClock


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Prevent unit tests from opening sockets, except the local pair that wakes an event loop."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that only moves when it sleeps."""
    return FakeClock()


@pytest.fixture
def azure() -> Iterator[Azure]:
    """Return a scripted ARM. A test fails if it does not play the whole script."""
    scripted = Azure()
    yield scripted
    scripted.http.assert_used()
