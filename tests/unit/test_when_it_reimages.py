"""docs/when-it-reimages.md: each line of its tables names tests of the real engine that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "when-it-reimages.md"
ROW = re.compile(r"^\| (?!-|change |command )(.+) \|$", re.MULTILINE)


def test_every_line_is_shown_by_tests_that_exist() -> None:
    """So no command is documented without a test."""
    before = PAGE.read_text(encoding="utf-8").partition("## When a run is interrupted")[0]
    rows = [row.split(" | ") for row in ROW.findall(before)]
    files = (ROOT / "tests" / "engine").glob("test_*.py")
    engine = "".join(path.read_text(encoding="utf-8") for path in files)
    named = {(what, test) for what, _, shown in rows for test in re.findall(r"`(\w+)`", shown)}

    assert len(rows) > 25
    assert {what for what, _, _ in rows} == {what for what, _ in named}
    assert [test for _, test in named if f"def {test}(" not in engine] == []
