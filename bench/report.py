"""The tables that the benchmark prints: what was measured, and what was expected of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.measurement import Measurement

MANY = 50
MOST = 200

_HEADER = (
    "machines",
    "ours",
    "idle up",
    "floor",
    "ours/floor",
    "engine",
    "state",
    "stacks",
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """A number that was promised, and the one that came out.

    Attributes:
        what: What was measured, with its unit.
        bound: Says how `measured` must stand to `limit`.
        limit: The promised number.
        measured: The number that came out.
    """

    what: str
    bound: Literal["at least", "at most", "under"]
    limit: float
    measured: float

    @property
    def met(self) -> bool:
        """Whether the promise was kept."""
        match self.bound:
            case "at least":
                return self.measured >= self.limit
            case "at most":
                return self.measured <= self.limit
            case "under":
                return self.measured < self.limit

    @property
    def row(self) -> tuple[str, str, str, str]:
        """A row of the table."""
        verdict = "PASS" if self.met else "MISS"
        return (self.what, f"{self.bound} {self.limit:g}", f"{self.measured:.2f}", verdict)


def line(measurement: Measurement) -> str:
    """Return one measurement as one line, for who waits for the others."""
    return (
        f"{measurement.load.machines:4} machines, {measurement.design + ':':16} "
        f"{measurement.reimage_seconds:6.1f} s (an up without a reimage: {measurement.idle_seconds:.1f} s)"
    )


def table(measurements: Sequence[Measurement]) -> str:
    """Return what was measured, a row for each number of machines."""
    return _aligned([_HEADER, *map(_row, measurements)])


def judged(measurements: Sequence[Measurement]) -> str:
    """Return what was expected beside what was measured."""
    return verdicts(_expectations({found.load.machines: found for found in measurements}))


def verdicts(expectations: Iterable[Expectation]) -> str:
    """Return promised numbers beside those that came out."""
    return _aligned([("", "expected", "measured", ""), *(item.row for item in expectations)])


def _row(ours: Measurement) -> tuple[str, ...]:
    return (
        str(ours.load.machines),
        f"{ours.reimage_seconds:.1f} s",
        f"{ours.idle_seconds:.1f} s",
        f"{ours.floor:.1f} s",
        f"{ours.reimage_seconds / ours.floor:.2f}",
        f"{ours.engine_bytes / 1e6:.0f} MB",
        f"{ours.state_bytes / ours.load.machines / 1e3:.1f} kB",
        f"{ours.stack_bytes / ours.load.machines / 1e3:.1f} kB",
    )


def _expectations(by_load: Mapping[int, Measurement]) -> list[Expectation]:
    many, most = by_load[MANY], by_load[MOST]
    return [
        Expectation(f"{MANY} machines: ours / floor", "at most", 1.6, many.reimage_seconds / many.floor),
        Expectation(f"{MOST} machines: peak memory of the engine, MB", "under", 300, most.engine_bytes / 1e6),
        Expectation(f"{MOST} machines: state per VM, kB", "under", 14, most.state_bytes / MOST / 1e3),
    ]


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
