"""The README's section "Errors": every error class and every error of ARM that we know, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from pulumi_azure_reimage import errors
from pulumi_azure_reimage.advice import KNOWN

README = Path(__file__).parents[2] / "README.md"
Row = tuple[str, ...]


def tables(section: str) -> list[list[Row]]:
    """Return the rows of each table of a section, without the two lines of its head."""
    text = README.read_text(encoding="utf-8")
    lines = re.split(rf"^## {section}$", text, flags=re.MULTILINE)[1].partition("\n## ")[0].splitlines()
    found: list[list[Row]] = []
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("|"):
            if not before.startswith("|"):
                found.append([])
            found[-1].append(tuple(cell.strip() for cell in line.strip("|").split("|")))
    return [table[2:] for table in found]


def classes_of_errors() -> list[str]:
    """Return the names of our errors, without their base, in the order of their file."""
    return [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type)
        and issubclass(value, errors.ReimageError)
        and value is not errors.ReimageError
    ]


def test_every_class_of_errors_has_its_row() -> None:
    """In the order of the tree in `errors.py`, which names them all too."""
    rows, _ = tables("Errors")
    tree = re.findall(r"^[├└]── (\w+)", errors.__doc__ or "", flags=re.MULTILINE)

    assert [name.strip("`") for name, _, _ in rows] == tree
    assert classes_of_errors() == tree
    assert [name for name, disk, advice in rows if not (disk and advice)] == []


def test_every_known_error_of_arm_has_its_row() -> None:
    """Word for word as in the messages; those that share both sentences share a row."""
    _, rows = tables("Errors")
    shared: dict[tuple[str, str], list[str]] = {}
    for known in KNOWN:
        shared.setdefault((known.disk.value, known.advice), []).append(known.name)

    assert sorted(rows) == sorted(("; ".join(names), *said) for said, names in shared.items())
