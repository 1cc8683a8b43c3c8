"""A table of rules that is applied to a subject: the findings, their order and their severity."""

import pytest

from pulumi_azure_reimage.reimage.rule import Finding, Rule, apply_rules

SMALL: Rule[int] = Rule("small", "warning", lambda number: f"{number} is small." if number < 10 else None)
ODD: Rule[int] = Rule("odd", "error", lambda number: f"{number} is odd." if number % 2 else None, "Add one.")
EMPTY: Rule[int] = Rule("zero", "error", lambda number: None if number else "")


@pytest.mark.parametrize(
    ("number", "found"),
    [
        pytest.param(12, (), id="nothing is found"),
        pytest.param(8, (Finding("small", "8 is small.", is_error=False),), id="a warning without a way out"),
        pytest.param(13, (Finding("odd", "13 is odd. Add one.", is_error=True),), id="an error with one"),
        pytest.param(
            7,
            (
                Finding("odd", "7 is odd. Add one.", is_error=True),
                Finding("small", "7 is small.", is_error=False),
            ),
            id="both in the order of the table",
        ),
        pytest.param(
            0,
            (Finding("small", "0 is small.", is_error=False), Finding("zero", "", is_error=True)),
            id="an empty text is a finding",
        ),
    ],
)
def test_rules_find_what_is_wrong(number: int, found: tuple[Finding, ...]) -> None:
    """A rule finds nothing if, and only if, it returns None."""
    assert apply_rules([ODD, SMALL, EMPTY], number) == found
