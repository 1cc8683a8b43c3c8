"""A connection that breaks: how, when, and which part of the answer still arrives."""

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
        moment: `before send`: no connection is made. `on the way`: the request was received and not carried
            out. `after send`: the request was carried out and its answer is lost.
    """

    manner: str
    moment: str


class ConnectionCutError(Exception):
    """The connection breaks instead of returning an answer.

    Attributes:
        cut: How and when.
        partial: The part of the answer that still arrives, with the length that it promised; only for `cut`.
    """

    def __init__(self, cut: Cut, partial: tuple[int, dict[str, str], bytes] | None = None) -> None:
        """Store what happens to the connection."""
        super().__init__(f"{cut.manner} {cut.moment}")
        self.cut = cut
        self.partial = partial
