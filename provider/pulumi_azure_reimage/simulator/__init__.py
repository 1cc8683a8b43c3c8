"""A simulator of Azure Resource Manager for reimages, in process, over HTTP and from the command line.

It answers as recorded traffic of Azure shows, and it implements the contract independently: it shares nothing
with the code that it is used to test. Each room imports only from those below it:

    command_line, pytest_plugin
      serving      a simulator over HTTP, with the parts that are not ARM
      admin        the admin API and the page under /_simulator/
      simulator    the machines, the clock and ARM's answers, for tests and commands
      arm answers each request as ARM does
      world        what exists now, and how reimages, commands and time change it
      inventory    what the user's file says
      faults       what a line of a script says
      http         messages, and the ways by which they come in
      errors
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import InventoryError, ScriptError, SimulatorError, UnknownMachineError
    from .http.cut import ConnectionCutError
    from .http.messages import Request, Response
    from .http.request_log import LoggedRequest
    from .http.server import RunningServer
    from .http.transport import SimulatorTransport
    from .serving import ServedSimulator, serve
    from .simulator import Simulator
    from .world.disk import Disk
    from .world.machine import Machine
else:
    _NAMES = {
        ".errors": ("InventoryError", "ScriptError", "SimulatorError", "UnknownMachineError"),
        ".http.cut": ("ConnectionCutError",),
        ".http.messages": ("Request", "Response"),
        ".http.request_log": ("LoggedRequest",),
        ".http.server": ("RunningServer",),
        ".http.transport": ("SimulatorTransport",),
        ".serving": ("ServedSimulator", "serve"),
        ".simulator": ("Simulator",),
        ".world.disk": ("Disk",),
        ".world.machine": ("Machine",),
    }

    def __getattr__(name: str) -> object:
        """Load a name on first use, because pytest loads this package at every start for its plug-in.

        Raises:
            AttributeError: There is no such name.
        """
        for module, names in _NAMES.items():
            if name in names:
                return getattr(import_module(module, __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
    "ServedSimulator",
    "Simulator",
    "SimulatorError",
    "SimulatorTransport",
    "UnknownMachineError",
    "serve",
]
