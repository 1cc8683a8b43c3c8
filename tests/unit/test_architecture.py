"""docs/architecture.md names every case of the decisions as the code does, and documents name what exists."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from pulumi_azure_reimage.reimage import decide, doubt, repeat
from pulumi_azure_reimage.reimage.decide import Decision, SendDecision
from pulumi_azure_reimage.reimage.doubt import Finding
from pulumi_azure_reimage.reimage.operation import Outcome
from pulumi_azure_reimage.reimage.repeat import RepeatDecision
from pulumi_azure_reimage.reimage.request import Kind
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
PACKAGE = ROOT / "provider" / "pulumi_azure_reimage"
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("provider/*.md")]
    if path.is_file()
)


def section(title: str) -> str:
    """Return the text under a heading, up to the next one."""
    text = PAGE.read_text(encoding="utf-8")
    return (
        re.split(rf"^##+ {title}$", text, flags=re.MULTILINE)[1].partition("\n## ")[0].partition("\n### ")[0]
    )


@pytest.mark.parametrize(
    ("title", "union"),
    [
        ("What ReimageRequest decides", Decision),
        ("What ReimageOperation does", SendDecision),
        ("What ReimageResult does when the operation failed", RepeatDecision),
        ("A doubtful send", Finding),
    ],
)
def test_every_case_of_a_decision_is_on_the_page(title: str, union: Any) -> None:  # noqa: ANN401 - a union.
    """It has its name in the code. A case that is added or renamed must be explained."""
    cases = {case.__name__ for case in get_args(union)}

    assert {name for name in cases if f"`{name}" not in section(title)} == set()


@pytest.mark.parametrize(
    ("code", "union"),
    [
        (decide.decide, Decision),
        (decide.decide_send, SendDecision),
        (repeat, RepeatDecision),
        (doubt, Finding),
    ],
    ids=["decide", "decide_send", "repeat", "doubt"],
)
def test_every_case_of_a_decision_is_in_the_table_of_its_code(code: object, union: Any) -> None:  # noqa: ANN401 - a union.
    """Readers of the code find it there, and readers of the page find it on the page."""
    rows = [line for line in (code.__doc__ or "").splitlines() if line.lstrip().startswith("|")]

    assert [case.__name__ for case in get_args(union) if f"`{case.__name__}`" not in "".join(rows)] == []


def test_every_kind_and_outcome_is_on_the_page() -> None:
    """They are in the table of what each resource keeps."""
    table = section("Who keeps what, who fires")

    assert [word for word in (*get_args(Kind), *get_args(Outcome)) if f"`{word}`" not in table] == []


def test_the_fence_on_the_page_is_that_of_the_code() -> None:
    """It is given in seconds."""
    assert re.findall(r"(\d+) s after this run", section("A doubtful send")) == [f"{FENCE_SECONDS:.0f}"]


def test_every_file_that_the_page_names_exists() -> None:
    """A path in backquotes starts at the package."""
    named = re.findall(r"`((?:\w+/)+\w*(?:\.py)?|\w+\.py)`", PAGE.read_text(encoding="utf-8"))

    assert [name for name in named if not ((PACKAGE / name).exists() or (ROOT / name).exists())] == []


@pytest.mark.parametrize("room", ["dynamic", "reimage", "inputs", "auth", "arm"])
def test_every_module_of_a_room_is_in_its_row(room: str) -> None:
    """The row in provider/README.md has a few words about it."""
    text = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{room}` \|.*$", text, flags=re.MULTILINE)

    assert [path.stem for path in (PACKAGE / room).glob("[!_]*.py") if f"`{path.stem}`" not in row] == []


def test_every_decision_is_in_the_index() -> None:
    """It has its number and its file."""
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")

    assert [
        path.name for path in sorted(folder.glob("0*.md")) if f"[{path.name[:4]}]({path.name})" not in index
    ] == []


def test_every_test_that_a_document_names_exists() -> None:
    """It exists as a function or as a file."""
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = {
        (document.name, name)
        for document in DOCUMENTS
        for name in re.findall(r"`(test_\w+)`", document.read_text(encoding="utf-8"))
    }

    assert {(document, name) for document, name in named if f"def {name}(" not in tests} == set()
