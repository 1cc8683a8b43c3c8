"""Faults: what a script can do to a request, to its answer, and to an operation."""

from __future__ import annotations

from dataclasses import dataclass

BEFORE_SEND = "before send"
ON_THE_WAY = "on the way"
AFTER_SEND = "after send"


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection breaks.

    Attributes:
        manner: `drop` closes it, `reset` resets it, `timeout` keeps it open in silence, and `cut` closes it
            in the middle of the answer's body.
        moment: `before send`: no connection comes about. `on the way`: the request was received and not
            carried out. `after send`: the request was carried out and its answer is lost.
    """

    manner: str
    moment: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Another status takes the place of the answer; the request is carried out only `after send`."""

    status: int
    code: str
    message: str
    moment: str


@dataclass(frozen=True, slots=True)
class Header:
    """The answer has this header, or, when `value` is None, does not have it."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Body:
    """The answer has this body; `half` keeps the first half of its own."""

    content: str
    half: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """The JSON body of the answer has this value at its top level."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Slow:
    """The answer comes late."""

    seconds: float


@dataclass(frozen=True, slots=True)
class End:
    """The operation ends `Failed` or `Canceled`; an empty message is the one that belongs to the code."""

    status: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Take:
    """The operation takes this long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Keep:
    """The operation succeeds, and the machine has its old OS disk after it."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The operation succeeds, and leaves the machine `failed`, or in another power state than running."""

    state: str


RequestEffect = Cut | Answer | Header | Body | Field | Slow
OperationEffect = End | Take | Keep | Leave
Effect = RequestEffect | OperationEffect


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of a script.

    Attributes:
        target: `POST`, `GET`, `poll`, `location`, `permissions`, `locks`, `image` and `any` are requests,
            `reimage` is an operation.
        first: The number of the first match that the fault happens to, counted from when the line was given.
        last: The number of the last one; None has no end.
        name: The machine's name or resource id; None is every machine.
    """

    line: str
    target: str
    first: int
    last: int | None
    name: str | None
    effects: tuple[Effect, ...]

    def matches(self, target: str, name: str | None, machine_key: str | None) -> bool:
        """Tell whether a request or an operation is one that this fault counts."""
        if target != self.target and (self.target != "any" or target == "reimage"):
            return False
        if self.name is None:
            return True
        mine = self.name.lower()
        return mine == machine_key if "/" in mine else mine == (name or "").lower()


class ConnectionCutError(Exception):
    """The connection breaks instead of an answer.

    Attributes:
        cut: How and when.
        partial: What of the answer still arrives, with the length that it promised; only for `cut`.
    """

    def __init__(self, cut: Cut, partial: tuple[int, dict[str, str], bytes] | None = None) -> None:
        """Take what happens to the connection."""
        super().__init__(f"{cut.manner} {cut.moment}")
        self.cut = cut
        self.partial = partial
