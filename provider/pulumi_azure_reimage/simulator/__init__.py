"""A simulator of Azure Resource Manager for reimages: in process, over HTTP and from the command line.

It answers as recorded traffic of Azure shows, and it has its own reading of the contract: it shares
nothing with the code that it is used to test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import InventoryError, ScriptError, SimulatorError, UnknownMachineError
from .faults.effects import ConnectionCutError
from .http.messages import Request, Response
from .http.request_log import LoggedRequest
from .http.server import RunningServer, serve
from .simulator import Simulator
from .world.disk import Disk
from .world.machine import Machine

if TYPE_CHECKING:
    from .http.transport import SimulatorTransport
else:

    def __getattr__(name: str) -> object:
        """Load httpx when it is asked for: the command line and the server do without.

        Raises:
            AttributeError: There is no such name.
        """
        if name != "SimulatorTransport":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from .http.transport import SimulatorTransport  # noqa: PLC0415 - lazy, as said above.

        return SimulatorTransport


__all__ = [
    "ConnectionCutError",
    "Disk",
    "InventoryError",
    "LoggedRequest",
    "Machine",
    "Request",
    "Response",
    "RunningServer",
    "ScriptError",
    "Simulator",
    "SimulatorError",
    "SimulatorTransport",
    "UnknownMachineError",
    "serve",
]
