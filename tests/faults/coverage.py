"""Counts the cells of the fault table that have a case: `python -m tests.faults.coverage` prints them."""

from collections.abc import Mapping

from . import poll_cases, post_cases
from .table import ONLY_OF_POLLS, Case, Row

COLUMNS: Mapping[str, tuple[Case, ...]] = {"POST": post_cases.CASES, "poll": poll_cases.CASES}


def rows() -> tuple[list[str], list[str]]:
    """Return the rows in which every cell has a case, and the cells that have none."""
    having = {(case.row, column) for column, cases in COLUMNS.items() for case in cases}
    missing = {
        row: [
            f"{row.name} on the {column}"
            for column in COLUMNS
            if (row, column) not in having and not (column == "POST" and row in ONLY_OF_POLLS)
        ]
        for row in Row
    }
    covered = [row.name for row in Row if not missing[row]]
    return covered, [cell for cells in missing.values() for cell in cells]


def summary() -> str:
    """Return the numbers in one line, and the cells that have no case in the next."""
    covered, missing = rows()
    counts = ", ".join(f"{len(cases)} cases on the {column}" for column, cases in COLUMNS.items())
    line = f"fault table: {len(covered)}/{len(Row)} rows ({counts})"
    return "\n".join([line, *missing])


if __name__ == "__main__":
    print(summary())  # noqa: T201 - what it prints is what it is for.
