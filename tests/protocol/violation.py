"""What ends a step of a story: a kill, an unexpected error, or a broken invariant."""

from __future__ import annotations


class Killed(BaseException):
    """The engine and its host are killed here. No handler of the product may catch this."""


class Broken(Exception):  # noqa: N818 - an unexpected error of any kind.
    """The step fails with an error that is not ours, while its POST is under way (assumption)."""


class Violation(Exception):  # noqa: N818 - this is what the exploration looks for.
    """A broken invariant.

    Attributes:
        invariant: Its name.
    """

    def __init__(self, invariant: str, text: str) -> None:
        super().__init__(f"{invariant}: {text}")
        self.invariant = invariant
