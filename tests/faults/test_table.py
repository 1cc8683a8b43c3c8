"""Every cell of the fault table has a case, and every case has a unique name."""

from collections import Counter

import pytest

from . import coverage
from .table import Row


def test_every_row_has_a_case_for_the_post_and_for_a_poll(capsys: pytest.CaptureFixture[str]) -> None:
    """This holds for every cell of the table. `make bench` prints the same line."""
    covered, missing = coverage.rows()

    with capsys.disabled():
        print(f"\n{coverage.summary()}")  # noqa: T201 - the number is what a reader of the log looks for.
    assert missing == []
    assert covered == [row.name for row in Row]


@pytest.mark.parametrize("column", list(coverage.COLUMNS))
def test_a_case_is_known_by_its_name(column: str) -> None:
    """A failure then names what went wrong."""
    names = Counter((case.row, case.name) for case in coverage.COLUMNS[column])

    assert [name for name, count in names.items() if count > 1] == []
