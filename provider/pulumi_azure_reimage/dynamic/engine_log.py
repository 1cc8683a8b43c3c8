"""Messages to the Pulumi engine, on the row of the component they are about.

The dynamic provider host gives no access to the engine's log, but it is started with the engine's address
as its last argument (`pulumi/dynamic/__main__.py`).
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi.runtime.proto import engine_pb2

_ADDRESS = re.compile(r"[\w.\-]+:\d+")


class Log(Protocol):
    """Where messages go."""

    def warn(self, message: str, urn: str = "") -> None:
        """Show a message that stays."""

    def progress(self, message: str, urn: str = "") -> None:
        """Show a message that the next one replaces."""


class EngineLog:
    """The engine's own log, over gRPC."""

    def __init__(self, address: str) -> None:
        # Lazy, like every import of grpc here: the program's process never needs it.
        import grpc  # noqa: PLC0415 - see above.
        from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc  # noqa: PLC0415 - see above.

        self._request = engine_pb2.LogRequest
        self._severity = engine_pb2
        self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
        self._failure = grpc.RpcError

    def warn(self, message: str, urn: str = "") -> None:
        """Show a warning that stays."""
        self._send(self._severity.WARNING, message, urn, ephemeral=False)

    def progress(self, message: str, urn: str = "") -> None:
        """Show a status that the next one replaces."""
        self._send(self._severity.INFO, message, urn, ephemeral=True)

    def _send(self, severity: engine_pb2.LogSeverity, message: str, urn: str, *, ephemeral: bool) -> None:
        request = self._request(severity=severity, message=message, urn=urn, ephemeral=ephemeral)
        try:
            self._engine.Log(request, timeout=10)
        except self._failure:
            # The engine is gone or too old to take it. A message must never stop a wait.
            print(message, file=sys.stderr)


class StderrLog:
    """Where there is no engine; Pulumi shows a dynamic provider's stderr as plain lines."""

    def warn(self, message: str, urn: str = "") -> None:  # noqa: ARG002 - the protocol's signature.
        """Print a warning."""
        print(message, file=sys.stderr)

    def progress(self, message: str, urn: str = "") -> None:
        """Print nothing: a status line that cannot be replaced is noise."""


def engine_log(arguments: Sequence[str]) -> Log:
    """Return the log of the engine that started this process with `arguments`, if one did."""
    if arguments and _ADDRESS.fullmatch(arguments[-1]):
        return EngineLog(arguments[-1])
    return StderrLog()
