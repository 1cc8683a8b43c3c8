"""Lets no contract test open a socket but to this machine, and then only where it asks to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_socket

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Let no test open a socket; `socket_enabled` lifts that for the loopback interface."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()
