"""Prevents contract tests from opening sockets, unless `socket_enabled` allows the loopback interface."""

from tests.unit.conftest import no_network

__all__ = ["no_network"]
