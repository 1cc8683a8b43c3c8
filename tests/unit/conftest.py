"""Keeps every unit test off the network, and gives it a clock and an ARM that follow a script."""

from collections.abc import Iterator

import pytest
import pytest_socket

from .fakes import Azure, FakeClock


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Let no unit test open a socket, except the local pair that an event loop wakes itself with."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that only sleeping moves."""
    return FakeClock()


@pytest.fixture
def azure() -> Iterator[Azure]:
    """Return a scripted ARM; a script that was not played to its end fails the test."""
    scripted = Azure()
    yield scripted
    scripted.http.assert_used()
