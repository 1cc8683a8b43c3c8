"""A simulator of Azure Resource Manager for reimages: in process, over HTTP and from the command line.

It answers as recorded traffic of Azure shows, and it has its own reading of the contract: it shares
nothing with the code that it is used to test.
"""

from __future__ import annotations

from .disk import Disk
from .errors import InventoryError, ScriptError, SimulatorError, UnknownMachineError
from .faults import ConnectionCutError
from .machine import Machine
from .messages import Request, Response
from .request_log import LoggedRequest
from .server import RunningServer, serve
from .simulator import Simulator
from .transport import SimulatorTransport

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
