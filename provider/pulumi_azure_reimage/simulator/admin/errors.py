"""The errors of the admin API: a status, a code and a sentence."""

from __future__ import annotations

from ..errors import SimulatorError, UnknownMachineError


class AdminError(SimulatorError):
    """A request to the admin API that is refused."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        """Store the HTTP status, a code for programs and a sentence for people."""
        super().__init__(sentence)
        self.status = status
        self.code = code

    @classmethod
    def of(cls, error: SimulatorError) -> AdminError:
        """Return an error of the simulator with its status."""
        if isinstance(error, AdminError):
            return error
        if isinstance(error, UnknownMachineError):
            return cls(404, "UnknownMachine", str(error))
        return cls(400, type(error).__name__.removesuffix("Error"), str(error))

    def document(self) -> dict[str, object]:
        """Return it in the form of ARM's errors."""
        return {"error": {"code": self.code, "message": str(self)}}
