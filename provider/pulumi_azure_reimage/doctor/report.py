"""What the doctor prints: lines, each with a title."""

from __future__ import annotations

from typing import TextIO

_WIDTH = 14


class Report:
    """Prints lines, each with a title."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def line(self, title: str, text: str) -> None:
        """Print a line."""
        self._out.write(f"{title:<{_WIDTH}}{text}\n")

    def text(self, text: str) -> None:
        """Print a text as it is."""
        self._out.write(f"{text}\n")
