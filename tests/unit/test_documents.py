"""The documents: generated parts agree with the code, and what is written by hand names what exists."""

import re
from pathlib import Path

from pulumi_azure_reimage import errors
from pulumi_azure_reimage.inputs.validation import NAMES
from tools.documents import blocks
from tools.documents.tables import TABLES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def read(name: str) -> str:
    """Return a page of docs."""
    return (DOCS / name).read_text(encoding="utf-8")


def rows(text: str, columns: int) -> list[tuple[str, ...]]:
    """Return the rows of the tables in a text that have this many columns, without their headers."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    cells = [tuple(cell.strip() for cell in line) for line in lines if len(line) == columns]
    heads = [number - 1 for number, row in enumerate(cells) if set(row) == {"---"}]
    return [row for number, row in enumerate(cells) if number not in heads and set(row) != {"---"}]


def test_every_generated_part_is_as_the_code_has_it() -> None:
    """`make docs` writes it again, and `make check` fails until that is committed."""
    stale = [
        path.name for path in blocks.DOCUMENTS if blocks.renew(path.read_text(), TABLES) != path.read_text()
    ]

    assert stale == []


def test_every_generated_part_is_in_one_document() -> None:
    """None is unused, and none is in two documents."""
    names = [name for path in blocks.DOCUMENTS for name in blocks.names(path.read_text())]

    assert sorted(names) == sorted(TABLES)


def test_a_stale_part_is_written_and_everything_else_is_kept() -> None:
    """This holds even if the part was empty."""
    old = "before\n<!-- one: written by `make docs` -->\n\n<!-- /one -->\nafter\n"

    new = blocks.renew(old, {"one": lambda: "a table"})

    assert new == "before\n<!-- one: written by `make docs` -->\n\na table\n\n<!-- /one -->\nafter\n"
    assert blocks.renew(new, {"one": lambda: "a table"}) == new


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    """Python types contain bars."""
    assert blocks.markdown(("a",), [("`x | y`",)]) == "| a |\n|---|\n| `x \\| y` |"


def test_every_input_is_described() -> None:
    """The order is that of the code."""
    described = re.findall(r"^\| `(\w+)` \|", TABLES["inputs"](), flags=re.MULTILINE)

    assert described == list(NAMES)


def test_every_class_of_errors_has_its_row() -> None:
    """The order is that of the tree in `errors.py`, which also names all of them."""
    page = read("troubleshooting.md").partition("## Azure's errors")[0]
    tree = re.findall(r"^[├└]── (\w+)", errors.__doc__ or "", flags=re.MULTILINE)
    classes = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type)
        and issubclass(value, errors.ReimageError)
        and value is not errors.ReimageError
    ]

    assert [name.strip("`") for name, _, _ in rows(page, 3)] == tree == classes
    assert [name for name, disk, advice in rows(page, 3) if not (disk and advice)] == []


def test_what_others_do_not_do_is_shown_by_tests_that_exist() -> None:
    """The tests run on the real engine, one for each row."""
    compared = rows(read("comparison.md"), 4)
    engine = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/engine").glob("test_*.py"))

    assert len(compared) == 17
    assert [test for _, _, _, test in compared if f"def {test.strip('`')}(" not in engine] == []
    assert [what for what, here, elsewhere, _ in compared if not elsewhere or "yes" not in here] == []


def test_the_readme_can_be_read_in_one_go() -> None:
    """Longer texts have their own page."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 140
