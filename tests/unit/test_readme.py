"""The README's tables that the code has too: word for word, in full, and nothing else."""

import re
from pathlib import Path
from typing import Any

from pulumi_azure_reimage import errors
from pulumi_azure_reimage.inputs.validation import NAMES
from pulumi_azure_reimage.reimage.postconditions import POSTCONDITIONS
from pulumi_azure_reimage.reimage.preflight_rules import GUARDS, RULES
from pulumi_azure_reimage.reimage.rule import Rule
from pulumi_azure_reimage.reimage.troubleshooting import KNOWN_ERRORS

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
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
    for known in KNOWN_ERRORS:
        shared.setdefault((known.disk.value, known.advice), []).append(known.name)

    assert sorted(rows) == sorted(("; ".join(names), *said) for said, names in shared.items())


def test_every_rule_of_the_preflight_has_its_row() -> None:
    """In the order in which they are told."""
    rows, _ = tables("The preview")
    rules: list[Rule[Any]] = [*GUARDS, *RULES]

    assert rows == [(rule.when, _about(rule), rule.severity, rule.way_out) for rule in rules]


def _about(rule: Rule[Any]) -> str:
    return "the program" if rule.is_guard else "Azure"


def test_every_rule_about_azure_has_its_evidence_in_the_documents() -> None:
    """In the order of the table; a rule without one says that it is a guess."""
    text = (ROOT / "docs/preview-and-guards.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*) \| (error|warning) \| (.*) \|$", text, flags=re.MULTILINE)

    assert rows == [
        (rule.when, rule.severity, rule.evidence or "a guess") for rule in RULES if not rule.is_guard
    ]


def test_every_check_afterwards_has_its_row() -> None:
    """With what follows."""
    _, rows = tables("The preview")

    assert rows == [(rule.when, rule.severity) for rule in POSTCONDITIONS]


def test_every_input_has_its_row() -> None:
    """In the order of the code."""
    (rows,) = tables("Inputs")

    assert [name for name, _, _ in rows] == [f"`{name}`" for name in NAMES]


def test_what_others_do_not_do_is_shown_by_tests_that_exist() -> None:
    """On the real engine, one for each row."""
    (rows,) = tables("What it does that others do not")
    engine = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/engine").glob("test_*.py"))

    assert len(rows) == 17
    assert [test for _, _, _, test in rows if f"def {test.strip('`')}(" not in engine] == []
    assert [what for what, here, elsewhere, _ in rows if not elsewhere or "yes" not in here] == []
