"""The gate of `make coverage`: what it sums up, when it fails, and which branches need a reason."""

from pathlib import Path
from typing import Any

import pytest

from tools.coverage_by_room import Room, fallen, rooms, without_reason


def file(branches: int, covered: int) -> dict[str, Any]:
    """Return what coverage reports of a file."""
    return {"summary": {"num_branches": branches, "covered_branches": covered}}


def test_files_are_summed_up_by_their_folder(tmp_path: Path) -> None:
    """Folders inside a room belong to it, and the files beside the rooms are a room too."""
    (tmp_path / "arm" / "wire").mkdir(parents=True)
    (tmp_path / "arm" / "client.py").write_text("if a:  # pragma: no cover\n")
    (tmp_path / "arm" / "wire" / "http.py").write_text("")
    (tmp_path / "clock.py").write_text("")
    report = {
        "files": {
            str(tmp_path / "arm" / "client.py"): file(4, 3),
            str(tmp_path / "arm" / "wire" / "http.py"): file(2, 2),
            str(tmp_path / "clock.py"): file(0, 0),
        }
    }

    assert rooms(report, tmp_path) == [Room("arm", 6, 5, 1), Room("top", 0, 0, 0)]


@pytest.mark.parametrize(
    ("branches", "covered", "percent"),
    [(6, 5, 83.3), (1_000, 999, 99.9), (9_999, 9_998, 99.9), (0, 0, 100.0)],
)
def test_a_figure_is_rounded_down(branches: int, covered: int, percent: float) -> None:
    """A hundred percent means that no branch is left."""
    assert Room("arm", branches, covered, 0).percent == percent


def test_a_room_that_fell_or_has_no_figure_fails_and_so_does_a_figure_without_a_room() -> None:
    """A room whose figure rose or stayed does not fail."""
    found = [Room("arm", 10, 8, 0), Room("auth", 10, 9, 0), Room("inputs", 10, 10, 0), Room("new", 1, 1, 0)]

    assert fallen(found, {"arm": 80.1, "auth": 90.0, "inputs": 99.0, "gone": 1.0}) == [
        "gone has a figure but no code.",
        "arm fell from 80.1 % to 80.0 %.",
        "new has no figure in coverage.toml.",
    ]


REASON = "  # Not covered: mypy shows that nothing is left."


@pytest.mark.parametrize(
    ("room", "lines", "missing", "sentences"),
    [
        pytest.param("arm", ["if a:", "    b()"], [], [], id="all covered"),
        pytest.param("arm", ["if a:", f"    b(){REASON}"], [[1, 2]], [], id="a reason at the line"),
        pytest.param("arm", ["if a:", f"   {REASON}", "    b()"], [[1, 3]], [], id="a reason above the line"),
        pytest.param(
            "arm", [f"if a:{REASON}", "    b()"], [[1, -1]], [], id="a reason for what never leaves"
        ),
        pytest.param("auth", ["if a:", "    b()"], [[1, 2]], [], id="a room without the rule"),
        pytest.param(
            "arm",
            ["if a:", "    b()", "    c()"],
            [[1, 3]],
            ["arm/a.py:2 is a branch that no test runs; see `# Not covered:`."],
            id="no reason",
        ),
        pytest.param(
            "arm",
            ["if a:", f"    b(){REASON}"],
            [],
            ["arm/a.py:2 is covered by now; see `# Not covered:`."],
            id="a reason that is not needed any more",
        ),
    ],
)
def test_each_branch_that_no_test_runs_has_its_reason_beside_it(
    tmp_path: Path, room: str, lines: list[str], missing: list[list[int]], sentences: list[str]
) -> None:
    """No reason stays after a test was added."""
    (tmp_path / room).mkdir()
    file = tmp_path / room / "a.py"
    file.write_text("\n".join(lines))

    assert without_reason({"files": {str(file): {"missing_branches": missing}}}, tmp_path) == sentences
