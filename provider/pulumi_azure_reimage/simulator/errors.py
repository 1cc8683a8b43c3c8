"""The errors that the simulator shows its user, as opposed to those that ARM returns to a client."""

from __future__ import annotations


class SimulatorError(Exception):
    """The simulator was asked to do something that it cannot do."""


class InventoryError(SimulatorError):
    """The inventory cannot be read. The message names the file, the table and the key."""


class UnknownMachineError(SimulatorError):
    """No simulated machine has that name, or several have it."""


class ScriptError(SimulatorError):
    """A line of a script is not understood."""

    def __init__(self, line: str, sentence: str) -> None:
        """Quote the line and say what is wrong with it."""
        super().__init__(f"script line '{line}': {sentence}")
