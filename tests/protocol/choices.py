"""The choices of one step of a story: played from a prefix, and enumerated depth first.

A step asks `choose` wherever the world may go on in several ways. The first option is the peaceful one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Choices:
    """The choices that one run of a step makes.

    Attributes:
        made: The index of each choice that was made.
        widths: How many options each of them had.
        story: What was chosen, in words, where it was not the peaceful option.
    """

    def __init__(self, prefix: Sequence[int] = ()) -> None:
        self._prefix = prefix
        self.made: list[int] = []
        self.widths: list[int] = []
        self.story: list[str] = []

    def choose(self, options: Sequence[str]) -> str:
        """Return one of the options; a single option is no choice."""
        if len(options) == 1:
            return options[0]
        at = len(self.made)
        index = self._prefix[at] if at < len(self._prefix) else 0
        self.made.append(index)
        self.widths.append(len(options))
        if index:
            self.story.append(options[index])
        return options[index]


def siblings(played: Choices, length: int) -> Iterator[tuple[int, ...]]:
    """Return the prefixes that differ from what was played behind its own prefix of this length."""
    for at in range(length, len(played.made)):
        for index in range(1, played.widths[at]):
            yield (*played.made[:at], index)
