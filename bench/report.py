"""Promised numbers beside those that were measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Expectation:
    """A number that was promised, and the one that was measured.

    Attributes:
        what: What was measured, with its unit.
        bound: How `measured` must compare to `limit`.
        limit: The promised number.
        measured: The number that was measured.
    """

    what: str
    bound: Literal["at most", "under"]
    limit: float
    measured: float

    @property
    def met(self) -> bool:
        """Whether the promise was kept."""
        match self.bound:
            case "at most":
                return self.measured <= self.limit
            case "under":
                return self.measured < self.limit

    @property
    def row(self) -> tuple[str, str, str, str]:
        """A row of the table."""
        verdict = "PASS" if self.met else "MISS"
        return (self.what, f"{self.bound} {self.limit:g}", f"{self.measured:.2f}", verdict)


def verdicts(expectations: Iterable[Expectation]) -> str:
    """Return promised numbers beside those that were measured."""
    return _aligned([("", "expected", "measured", ""), *(item.row for item in expectations)])


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
