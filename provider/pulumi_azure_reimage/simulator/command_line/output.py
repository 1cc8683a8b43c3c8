"""What a command writes: text and tables for people, or one JSON document for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command writes.

    Attributes:
        as_json: Whether `--json` was given.
    """

    out: TextIO
    as_json: bool

    def say(self, text: str, document: object) -> None:
        """Write a text, or the document with the same content."""
        self.out.write(f"{json.dumps(document, indent=2) if self.as_json else text}\n")
        self.out.flush()

    def table(
        self, rows: Sequence[Sequence[str]], document: object, *, empty: str = "", below: Sequence[str] = ()
    ) -> None:
        """Write a table with its header, and sentences below it. `empty` replaces a table without rows."""
        lines = [empty] if empty and len(rows) == 1 else _aligned(rows)
        self.say("\n".join([*lines, *(f"\n{sentence}" for sentence in below)]), document)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
