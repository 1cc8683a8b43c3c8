"""Lets no contract test open a socket, unless it asks for the loopback interface with `socket_enabled`."""

from tests.unit.conftest import no_network

__all__ = ["no_network"]
