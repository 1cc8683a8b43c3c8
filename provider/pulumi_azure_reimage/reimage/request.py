"""What ReimageRequest keeps: whether a reimage was decided, for which causes, and the VM at that time.

It is saved before anything is sent, so that a run that is killed leaves a record of what it may have sent.
The keys are state format.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ..errors import UnreadableStateError
from ..inputs.parameters import Cause
from ..json_reading import drop_none, get, get_list, get_str
from .look import Look

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["Baseline", "Current", "Reimage"]
_KINDS: Mapping[str, Kind] = {"Baseline": "Baseline", "Current": "Current", "Reimage": "Reimage"}

_DECIDED = ("id", "kind", "refusal")
# The random part of the ids of one send.
_RANDOM = 12


def beginning_of_ids(request_id: str, attempt: int = 1) -> str:
    """Return the prefix of the ids of every send for one attempt at a request.

    Azure's activity log is searched by it. ReimageOperation sends attempt 1, and ReimageResult the repeats.
    """
    return f"{request_id[:-_RANDOM]}{attempt:x}"


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The request before a request.

    Attributes:
        id: Its id.
        look: The look that was saved before it was sent.
        predecessor_id: The id of the request before it.
    """

    id: str
    look: Look
    predecessor_id: str | None


@dataclass(frozen=True, slots=True)
class Request:
    """The last decision that took effect, and a refusal since, if there is one.

    Attributes:
        id: A random id. The ids of every send for this request begin with it.
        kind: Whether a reimage was decided, or why none is needed.
        causes: Why.
        host_id: The host process that decided.
        look: The VM just before the decision.
        predecessor: The request before this one; None for the first.
        refusal: Why the newest change was refused, as a sentence. It changes nothing else, so the next run
            decides again.
        forecast: Why the rules would refuse the first request, as of the decision. Only hooks use it, and
            only in the run that decided, because the send applies the rules itself.
    """

    id: str
    kind: Kind
    causes: tuple[Cause, ...]
    host_id: str
    look: Look
    predecessor: Predecessor | None = None
    refusal: str | None = None
    forecast: str | None = None

    @property
    def as_predecessor(self) -> Predecessor:
        """Return what the next request keeps of this request."""
        return Predecessor(self.id, self.look, self.predecessor.id if self.predecessor else None)

    @property
    def is_creation(self) -> bool:
        """Whether `reimage_on_create` requested the reimage."""
        return self.kind == "Reimage" and self.predecessor is None

    def refused(self, reason: str) -> Request:
        """Return the last decision with the refusal of a later change."""
        return replace(self, refusal=reason)

    def restored(self) -> Request:
        """Return the last decision without its refusal, because the refused change was taken back."""
        return replace(self, refusal=None)

    def to_state(self) -> dict[str, object]:
        """Return the request under its state keys."""
        before = self.predecessor
        return drop_none(
            {
                "id": self.id,
                "kind": self.kind,
                "causes": [{"key": cause.key, "text": cause.text} for cause in self.causes],
                "host_id": self.host_id,
                "look": self.look.to_state(),
                "refusal": self.refusal,
                "forecast": self.forecast,
                "predecessor_id": before.id if before else None,
                "predecessor_look": before.look.to_state() if before else None,
                "predecessor_of_predecessor_id": before.predecessor_id if before else None,
            }
        )

    @classmethod
    def from_state(cls, state: object) -> Request:
        """Read what `to_state` wrote.

        Raises:
            UnreadableStateError: it is not what this version wrote. Nothing is guessed from it.
        """
        kind, id_ = _KINDS.get(get_str(state, "kind") or ""), get_str(state, "id")
        if kind is None or id_ is None:
            raise UnreadableStateError("it has no request")
        before = get_str(state, "predecessor_id")
        return cls(
            id=id_,
            kind=kind,
            causes=tuple(
                Cause(get_str(cause, "key") or "", get_str(cause, "text") or "")
                for cause in get_list(state, "causes")
            ),
            host_id=get_str(state, "host_id") or "",
            look=Look.from_state(get(state, "look")),
            predecessor=Predecessor(
                before,
                Look.from_state(get(state, "predecessor_look")),
                get_str(state, "predecessor_of_predecessor_id"),
            )
            if before
            else None,
            refusal=get_str(state, "refusal"),
            forecast=get_str(state, "forecast"),
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """What ReimageResult needs to know about a request.

    Attributes:
        id: As in Request.
        refusal: As in Request.
        current: The look at the VM if the VM was found to be current, else None.
    """

    id: str
    refusal: str | None
    current: Look | None

    @classmethod
    def from_state(cls, state: object) -> Decided:
        """Read it from a request, or from what `without_look` leaves of one.

        Raises:
            UnreadableStateError: it is not what this version wrote.
        """
        id_ = get_str(state, "id")
        if id_ is None:
            raise UnreadableStateError("it has no request")
        is_current = get_str(state, "kind") == "Current"
        return cls(
            id_, get_str(state, "refusal"), Look.from_state(get(state, "look")) if is_current else None
        )


def without_look(state: object) -> object:
    """Return a request as far as `Decided` needs it; anything else is returned as it is."""
    if not isinstance(state, dict) or state.get("kind") == "Current":
        return state
    return {key: value for key, value in state.items() if key in _DECIDED}
