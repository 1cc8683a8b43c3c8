"""What ends a step of a story: a kill, an error that nobody thought of, or an invariant that is broken."""

from __future__ import annotations


class Killed(BaseException):
    """The engine and its host are killed here; no handler of the product may see this."""


class Broken(Exception):  # noqa: N818 - whatever nobody thought of.
    """The step fails by an error that is none of ours, while its POST is under way (assumption)."""


class Violation(Exception):  # noqa: N818 - it is what the exploration looks for.
    """An invariant is broken.

    Attributes:
        invariant: Its name.
    """

    def __init__(self, invariant: str, text: str) -> None:
        super().__init__(f"{invariant}: {text}")
        self.invariant = invariant
