"""Descriptions of a given value, in words."""

import pytest

from pulumi_azure_reimage.inputs.given import describe, kind
from pulumi_azure_reimage.inputs.unknown import UNKNOWN, has_unknown


@pytest.mark.parametrize(
    ("value", "without_value", "with_value"),
    [
        (True, "true", "true"),
        (False, "false", "false"),
        (7, "a number", "the number 7"),
        (2.0, "a number", "the number 2"),
        (2.5, "a number", "the number 2.5"),
        (float("nan"), "a number", "the number nan"),
        ("", "a string", "the string ''"),
        (" a\n", "a string", "the string ' a\\n'"),
        ([1], "a list", "a list"),
        ((1,), "a list", "a list"),
        ({"a": 1}, "a mapping", "a mapping"),
        (None, "a value of the type NoneType", "a value of the type NoneType"),
    ],
)
def test_a_value_is_described(value: object, without_value: str, with_value: str) -> None:
    """The description continues a sentence after its subject, with or without the value itself."""
    assert kind(value) == without_value
    assert describe(value) == with_value


def test_a_token_is_not_quoted() -> None:
    """A program may pass it by mistake."""
    assert describe("Bearer hunter2") == "the string 'Bearer [secret]'"


@pytest.mark.parametrize(
    ("value", "is_unknown"),
    [
        (UNKNOWN, True),
        ({"a": 1, "b": UNKNOWN}, True),
        ([1, UNKNOWN], True),
        ([1, {"a": (UNKNOWN, 2)}], True),
        ({"a": 1}, False),
        ([], False),
        ("UNKNOWN", False),
    ],
)
def test_one_unknown_part_makes_a_value_unknown(value: object, *, is_unknown: bool) -> None:
    """The known parts do not matter."""
    assert has_unknown(value) is is_unknown


def test_the_unknown_has_a_name() -> None:
    """The name helps when a preview is debugged."""
    assert repr(UNKNOWN) == "UNKNOWN"
