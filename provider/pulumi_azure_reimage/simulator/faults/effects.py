"""Faults: what a script can do to a request, to its answer, and to an operation."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ..http.cut import Cut

if TYPE_CHECKING:
    from .aftermath import Aftermath

MAX_SECONDS = 10 * 365 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class ReplaceResponse:
    """Another status replaces the answer. The request is carried out only `after send`."""

    status: int
    code: str
    message: str
    moment: str


@dataclass(frozen=True, slots=True)
class SetHeader:
    """The answer has this header or, if `value` is None, does not have it."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class ReplaceBody:
    """The answer has this body. `half` keeps the first half of the original one."""

    content: str
    half: bool = False


@dataclass(frozen=True, slots=True)
class SetField:
    """The JSON body of the answer has this value at its top level."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class RepeatEntries:
    """Every entry of the returned list comes twice."""


@dataclass(frozen=True, slots=True)
class DelayResponse:
    """The answer comes late."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ShowStale:
    """The answer shows what was true this many seconds ago."""

    seconds: float


@dataclass(frozen=True, slots=True)
class DeliverLate:
    """The request is carried out this many seconds after it was sent. Its client does not get the result."""

    seconds: float


@dataclass(frozen=True, slots=True)
class EndOperation:
    """The operation ends `Failed` or `Canceled`. An empty message means the one that belongs to the code."""

    status: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class LeaveDisk:
    """The operation ends badly and leaves this of the machine, instead of what its code leaves."""

    aftermath: Aftermath


@dataclass(frozen=True, slots=True)
class SetDuration:
    """The operation takes this long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ShowLate:
    """The machine shows the end of the operation this many seconds after the operation's status does."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ForgetOperation:
    """The status of the operation answers 404 once this many seconds have passed since its start."""

    seconds: float


@dataclass(frozen=True, slots=True)
class KeepOsDisk:
    """The operation succeeds, and the machine still has its old OS disk."""


@dataclass(frozen=True, slots=True)
class LeaveMachine:
    """The operation succeeds, and leaves the machine `failed`, or in a power state other than running."""

    state: str


OPERATIONS = ("reimage", "operation")
RequestEffect = (
    Cut
    | ReplaceResponse
    | SetHeader
    | ReplaceBody
    | SetField
    | DelayResponse
    | RepeatEntries
    | ShowStale
    | DeliverLate
)
OperationEffect = (
    EndOperation | LeaveDisk | SetDuration | ShowLate | ForgetOperation | KeepOsDisk | LeaveMachine
)
Effect = RequestEffect | OperationEffect


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of a script.

    Attributes:
        target: `POST`, `GET`, `poll`, `location`, `permissions`, `locks`, `image`, `PUT`, `PATCH`, `DELETE`,
            `action`, `extension` and `any` are requests,
            `reimage` is an operation, and `operation` is every other one on a VM.
        first: The number of the first match that the fault affects, counted from when the line was added.
        last: The number of the last one; None means no end.
        name: The machine's name or resource id, in which `*` and `?` are wildcards; None means every machine.
    """

    line: str
    target: str
    first: int
    last: int | None
    name: str | None
    effects: tuple[Effect, ...]

    def matches(self, target: str, name: str | None, machine_key: str | None) -> bool:
        """Return whether this fault counts a request or an operation."""
        if target != self.target and (self.target != "any" or target in OPERATIONS):
            return False
        if self.name is None:
            return True
        mine = self.name.lower()
        met = (machine_key if "/" in mine else name) or ""
        return fnmatchcase(met.lower(), mine) if self.is_pattern else met.lower() == mine

    @property
    def is_pattern(self) -> bool:
        """Whether the name can match several machines. Neither wildcard is allowed in a VM's name."""
        return self.name is not None and ("*" in self.name or "?" in self.name)
