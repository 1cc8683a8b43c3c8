"""A proxy that accepts every client, and cannot read what it carries."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread

from .server import Wire


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A tunnel to a port of this machine, whichever host the client requested."""

    port: int

    def play(self, wire: Wire) -> bool:
        """Carry bytes in both directions until one side hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30.0) as inner:
            wire.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = Thread(target=_carry, args=(inner, wire.sock), daemon=True)
            back.start()
            _carry(wire.sock, inner)
            back.join()
        return False


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
