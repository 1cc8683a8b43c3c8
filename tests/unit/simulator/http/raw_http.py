"""Sends over a socket what no HTTP client would send."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_azure_reimage.simulator import RunningServer

PATIENCE_SECONDS = 10.0


def exchange(server: RunningServer, sent: bytes) -> bytes:
    """Send bytes, end the sending side, and return all that comes back.

    Raises:
        TimeoutError: The server neither answers nor closes the connection.
    """
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(65536), b""))


def statuses(received: bytes) -> list[int]:
    """Return the status of each response, as long as no body holds a status line."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", received)]
