"""Triggers: what is equal, and what changed."""

import datetime as dt
import itertools
import math
from collections.abc import Callable

import pytest

from pulumi_azure_reimage.errors import InvalidInputError
from pulumi_azure_reimage.inputs.triggers import TriggerChange, canonical, changed_keys
from pulumi_azure_reimage.inputs.unknown import UNKNOWN

HIDDEN = "hunter2-and-more"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, id="order of keys"),
        pytest.param({"x": {"a": 1, "b": 2}}, {"x": {"b": 2, "a": 1}}, id="order of nested keys"),
        pytest.param(1, 1.0, id="whole number as a float"),
        pytest.param([1, [2]], (1.0, (2,)), id="tuples and lists"),
        pytest.param(0, -0.0, id="negative zero"),
        pytest.param(1e3, 1000, id="exponent"),
        pytest.param(2**53 - 1, float(2**53 - 1), id="largest exact integer"),
        pytest.param({"a": None}, {}, id="absent key"),
        pytest.param({"a": {"b": None}}, {"a": {}}, id="absent nested key"),
    ],
)
def test_values_that_pulumi_does_not_distinguish_are_equal(one: object, other: object) -> None:
    """A value that only went through Pulumi and back has not changed."""
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(True, 1, id="true and one"),
        pytest.param(False, 0, id="false and zero"),
        pytest.param(False, None, id="false and null"),
        pytest.param("1", 1, id="text and number"),
        pytest.param("", None, id="empty text and null"),
        pytest.param([1, 2], [2, 1], id="order of a list"),
        pytest.param([1], [1, None], id="null in a list"),
        pytest.param([], {}, id="empty list and mapping"),
        pytest.param(0.1, 0.10000000000000002, id="neighbouring floats"),
        pytest.param("é", "e\u0301", id="composed and decomposed text"),
    ],
)
def test_what_differs_in_json_differs(one: object, other: object) -> None:
    """No real change is missed."""
    assert canonical(one) != canonical(other)


def test_the_canonical_text_is_compact_sorted_ascii_json() -> None:
    """The text is pinned, because two versions of the package must agree on it."""
    value = {"b": [1.0, 2.5, True, None], "a": {"é": "\ud800"}}

    assert canonical(value) == r'{"a":{"\u00e9":"\ud800"},"b":[1,2.5,true,null]}'


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(math.nan, "not finite", id="NaN"),
        pytest.param(math.inf, "not finite", id="infinity"),
        pytest.param(-math.inf, "not finite", id="negative infinity"),
        pytest.param(2**53, "write it as text", id="integer that floats do not keep"),
        pytest.param(-(10**400), "write it as text", id="integer beyond floats"),
        pytest.param({1: "x"}, "key that is not text", id="key that is a number"),
        pytest.param([{None: 1}], "key that is not text", id="key that is null"),
        pytest.param({HIDDEN}, "holds a set", id="set"),
        pytest.param(HIDDEN.encode(), "holds a bytes", id="bytes"),
        pytest.param([dt.date(2026, 11, 23)], "holds a date", id="date"),
    ],
)
def test_what_is_not_json_is_refused_by_key_and_without_its_value(value: object, reason: str) -> None:
    """The key says where to look, and the value may be a secret."""
    with pytest.raises(InvalidInputError, match=reason) as refusal:
        canonical({"nested": [value, HIDDEN]}, key="image")

    assert refusal.value.input_name == "triggers"
    assert refusal.value.message.startswith("The trigger 'image' cannot be compared: ")
    assert HIDDEN not in refusal.value.message


def test_without_a_key_the_refusal_speaks_of_all_triggers() -> None:
    """The caller compares all triggers together."""
    with pytest.raises(InvalidInputError, match=r"^triggers cannot be compared: it holds a set"):
        canonical({"image": set()})


def test_a_value_that_is_nested_without_an_end_is_refused() -> None:
    """A list that contains itself is not JSON, and must not exhaust the call stack."""
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(InvalidInputError, match="nested too deeply"):
        canonical(endless)


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        pytest.param(None, None, [], id="no triggers"),
        pytest.param({}, None, [], id="none and empty"),
        pytest.param({"a": 1}, {"a": 1.0}, [], id="same"),
        pytest.param({"a": "1"}, {"a": "2"}, ["a changed"], id="changed"),
        pytest.param(None, {"a": 1}, ["a added"], id="added to none"),
        pytest.param({"a": 1}, None, ["a removed"], id="all removed"),
        pytest.param({"a": None}, {"a": 1}, ["a added"], id="null was absent"),
        pytest.param({"a": 1}, {"a": None}, ["a removed"], id="null is absent"),
        pytest.param({"a": None}, {}, [], id="null to absent"),
        pytest.param(
            {"b": 1, "c": 1, "d": 1},
            {"a": 1, "b": 2, "c": 1},
            ["a added", "b changed", "d removed"],
            id="all",
        ),
        pytest.param({"a": 1}, {"a": UNKNOWN}, ["a not known yet"], id="unknown value"),
        pytest.param({}, {"a": UNKNOWN}, ["a added"], id="unknown value of a new key"),
        pytest.param({"a": "x"}, {"a": {"b": UNKNOWN}}, ["a not known yet"], id="unknown inside"),
    ],
)
def test_changes_are_reported_by_key(
    old: dict[str, object] | None, new: dict[str, object] | None, changes: list[str]
) -> None:
    """Each row of the table has what a preview says."""
    found = changed_keys(old, new)

    assert [str(change) for change in found] == changes


def test_a_change_never_shows_a_value() -> None:
    """Neither the old nor the new value is shown."""
    (change,) = changed_keys({"a": HIDDEN}, {"a": HIDDEN + "!"})

    assert change == TriggerChange("a", "changed")
    assert HIDDEN not in repr(change)


def test_a_key_cannot_forge_lines_of_a_message() -> None:
    """Keys come from programs and configuration."""
    assert str(TriggerChange("a\nPulumi: all is well\x1b[2J", "added")) == "a Pulumi: all is well [2J added"


def test_every_permutation_of_keys_has_one_canonical_text() -> None:
    """Key order never matters, at any level."""
    items = [("a", 1), ("b", [1, {"z": 1, "y": 2}]), ("c", "x"), ("A", None), ("é", 0.5)]

    texts = {canonical(dict(order)) for order in itertools.permutations(items)}

    assert len(texts) == 1


def nested(levels: int, wrap: Callable[[object], object]) -> object:
    """Return a value inside this many lists or mappings."""
    return wrap(nested(levels - 1, wrap)) if levels else 1


@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: {"a": value}], ids=["list", "mapping"])
def test_a_value_may_be_nested_64_times(wrap: Callable[[object], object]) -> None:
    """Protocol buffers refuse one that is nested 100 times, with an error that names no input."""
    assert canonical(nested(64, wrap))
    with pytest.raises(InvalidInputError, match="it is nested too deeply"):
        canonical(nested(65, wrap))
