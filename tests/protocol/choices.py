"""The choices of one step of a story, which are played from a prefix and enumerated depth first.

A step calls `choose` wherever the world may continue in several ways. The first option is the peaceful one.
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
        story: The choices that were not the peaceful option, in words.
    """

    def __init__(self, prefix: Sequence[int] = ()) -> None:
        self._prefix = prefix
        self.made: list[int] = []
        self.widths: list[int] = []
        self.story: list[str] = []

    def choose(self, options: Sequence[str]) -> str:
        """Return one of the options. A single option is not a choice."""
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
    """Return the prefixes that differ from the played choices after the first `length` of them."""
    for at in range(length, len(played.made)):
        for index in range(1, played.widths[at]):
            yield (*played.made[:at], index)
