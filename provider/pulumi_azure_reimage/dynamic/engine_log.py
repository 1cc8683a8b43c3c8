"""Messages to the Pulumi engine, on the row of the component that they are about.

The dynamic provider host gives no access to the engine's log, but it is started with the engine's address
as its last argument (`pulumi/dynamic/__main__.py`).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Sequence

_ADDRESS = re.compile(r"[\w.\-]+:\d+")
# In seconds. An engine answers within milliseconds, but a busy machine is slower.
_ANSWERS_WITHIN = 5.0


class Log(Protocol):
    """Where messages go."""

    def warn(self, message: str, urn: str = "") -> None:
        """Show a message that stays."""

    def inform(self, message: str, urn: str = "") -> None:
        """Show a message that stays and needs no attention."""

    def warn_once(self, message: str) -> None:
        """Show a message about the whole run, the first time that it is given."""

    def progress(self, message: str, urn: str = "") -> None:
        """Show a message that the next one replaces."""

    def is_heard(self) -> bool:
        """Report whether the engine answers at this moment."""


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """The row of one component in Pulumi's display.

    Attributes:
        engine_log: The engine's log.
        urn: The URN of the component; empty for the row of the stack.
    """

    engine_log: Log
    urn: str

    def warn(self, message: str) -> None:
        """Show a message that stays."""
        self.engine_log.warn(message, self.urn)

    def inform(self, message: str) -> None:
        """Show a message that stays and needs no attention."""
        self.engine_log.inform(message, self.urn)

    def progress(self, message: str) -> None:
        """Show a message that the next one replaces."""
        self.engine_log.progress(message, self.urn)


class EngineLog:
    """The engine's own log, over gRPC."""

    def __init__(self, address: str, *, answers_within: float = _ANSWERS_WITHIN) -> None:
        self._answers_within = answers_within
        self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
        # `setdefault` of a dict is atomic, so the host's threads need no lock.
        self._said: dict[str, object] = {}

    def warn(self, message: str, urn: str = "") -> None:
        """Show a warning that stays."""
        self._send(engine_pb2.WARNING, message, urn, ephemeral=False)

    def inform(self, message: str, urn: str = "") -> None:
        """Show a message that stays."""
        self._send(engine_pb2.INFO, message, urn, ephemeral=False)

    def warn_once(self, message: str) -> None:
        """Show a warning on the stack's row, once."""
        mine = object()
        if self._said.setdefault(message, mine) is mine:
            self.warn(message)

    def progress(self, message: str, urn: str = "") -> None:
        """Show a status that the next one replaces."""
        self._send(engine_pb2.INFO, message, urn, ephemeral=True)

    def is_heard(self) -> bool:
        """Report whether the engine answers a call that has no effect."""
        try:
            self._engine.GetRootResource(engine_pb2.GetRootResourceRequest(), timeout=self._answers_within)
        except grpc.RpcError as error:
            # An engine that does not know the call also answers.
            return isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.UNIMPLEMENTED
        return True

    def _send(
        self, severity: engine_pb2.LogSeverity.ValueType, message: str, urn: str, *, ephemeral: bool
    ) -> None:
        request = engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=ephemeral)
        try:
            self._engine.Log(request, timeout=10)
        except grpc.RpcError:
            # The engine is gone, or too old to accept the message. A message must never stop a wait.
            sys.stderr.write(f"{message}\n")


class StderrLog:
    """The log if there is no engine. Pulumi shows a dynamic provider's stderr as plain lines."""

    def warn(self, message: str, urn: str = "") -> None:  # noqa: ARG002 - the protocol's signature.
        """Print a warning."""
        sys.stderr.write(f"{message}\n")

    def inform(self, message: str, urn: str = "") -> None:
        """Print a message."""
        self.warn(message, urn)

    def warn_once(self, message: str) -> None:
        """Print a warning."""
        self.warn(message)

    def progress(self, message: str, urn: str = "") -> None:
        """Print nothing, because a status line that cannot be replaced is noise."""

    def is_heard(self) -> bool:
        """Return true, because there is no engine that could be gone."""
        return True


def engine_log(arguments: Sequence[str]) -> Log:
    """Return the log of the engine that started this process with `arguments`, if one did.

    All providers of a process share it, so a message that is shown once per run is not repeated.
    """
    return _engine_log(arguments[-1]) if is_started_by_an_engine(arguments) else StderrLog()


def is_started_by_an_engine(arguments: Sequence[str]) -> bool:
    """Report whether a process with these arguments is the host that an engine has started."""
    return bool(arguments) and _ADDRESS.fullmatch(arguments[-1]) is not None


@cache
def _engine_log(address: str) -> EngineLog:
    return EngineLog(address)
