"""Which inputs changed: the causes of a reimage, and inputs that wait. No value is ever printed."""

from typing import Any

import pytest

from pulumi_azure_reimage.inputs.changes import causes, failed, stored
from pulumi_azure_reimage.inputs.parameters import Cause, parse_inputs
from pulumi_azure_reimage.inputs.unknown import UNKNOWN

VM_ID = {"vm_id": UNKNOWN}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({}, {}, [], id="nothing"),
        pytest.param({"triggers": {"a": 1.0}}, {"triggers": {"a": 1}}, [], id="Pulumi's floats"),
        pytest.param(
            {"triggers": {"a": "1"}}, {"triggers": {"a": "2"}}, ["triggers.a changed"], id="changed"
        ),
        pytest.param({"triggers": {}}, {"triggers": {"a": 1}}, ["triggers.a added"], id="added"),
        pytest.param({}, {"triggers": {"a": 1}}, ["triggers.a added"], id="the first triggers"),
        pytest.param({"triggers": {"a": 1}}, {}, ["triggers.a removed"], id="all removed"),
        pytest.param({"triggers": {}}, {}, [], id="none and an empty mapping"),
        pytest.param(
            {"triggers": {"a": 1, "b": 1, "c": 1}},
            {"triggers": {"b": 2, "c": UNKNOWN, "d": 1}},
            ["triggers.a removed", "triggers.b changed", "triggers.c not known yet", "triggers.d added"],
            id="all at once",
        ),
        pytest.param({"triggers": {"a": 1}}, {"triggers": UNKNOWN}, ["triggers not known yet"], id="unknown"),
        pytest.param({}, {"exact_version": "1.0"}, ["exact_version added"], id="version set"),
        pytest.param({"exact_version": "1.0"}, {}, ["exact_version removed"], id="version unset"),
        pytest.param(
            {"exact_version": "1.0"},
            {"exact_version": "1.1"},
            ["exact_version changed"],
            id="version changed",
        ),
        pytest.param({"exact_version": "1.0"}, {"exact_version": "1.0"}, [], id="version the same"),
        pytest.param(
            {"exact_version": "1.0"},
            {"exact_version": UNKNOWN},
            ["exact_version not known yet"],
            id="version unknown",
        ),
        pytest.param(
            {"triggers": {"a": 1}, "timeout": 1, "temp_disk": False, "os_profile": {"admin_password": "x"}},
            {"triggers": {"a": 1}, "timeout": 2, "temp_disk": True, "reimage_on_create": True},
            [],
            id="everything else waits",
        ),
    ],
)
def test_only_triggers_and_the_version_ask_for_a_reimage(
    old: dict[str, Any], new: dict[str, Any], expected: list[str]
) -> None:
    """Each cause is named by its key."""
    found = causes(old, parse_inputs(VM_ID | new, {}))

    assert [str(cause) for cause in found] == expected


@pytest.mark.parametrize(
    ("key", "allow", "named"),
    [
        pytest.param("triggers.image", {"triggers.image"}, True, id="a trigger"),
        pytest.param("triggers.image", {"triggers"}, True, id="every trigger"),
        pytest.param("triggers.image", {"triggers.other", "exact_version"}, False, id="others"),
        pytest.param("triggers", {"triggers"}, True, id="triggers that are not known"),
        pytest.param("exact_version", {"triggers"}, False, id="the version is no trigger"),
        pytest.param("triggers.exact_version", {"exact_version"}, False, id="a trigger of that name"),
        pytest.param("failed", set(), False, id="nothing is allowed"),
    ],
)
def test_allow_names_a_cause_by_its_key(key: str, allow: set[str], *, named: bool) -> None:
    """The key is the one that messages print."""
    assert Cause(key, "text").is_named_by(frozenset(allow)) is named


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({}, {}, (), id="nothing"),
        pytest.param({"timeout": 1.0}, {"timeout": 1}, (), id="Pulumi's floats"),
        pytest.param(
            {"timeout": 1}, {"timeout": 2, "allowed_causes": ["x"]}, ("allowed_causes", "timeout"), id="two"
        ),
        pytest.param({"temp_disk": True}, {}, ("temp_disk",), id="unset"),
        pytest.param({"triggers": {"a": 1}, "vm_id": "A"}, {"triggers": {}, "vm_id": "a"}, (), id="causes"),
        pytest.param({"ours": 1}, {"ours": 2}, (), id="ours"),
        pytest.param({"os_profile": 1}, {"os_profile": UNKNOWN}, (), id="unknown"),
    ],
)
def test_an_input_that_waits_for_the_next_reimage_is_named(
    old: dict[str, Any], new: dict[str, Any], expected: tuple[str, ...]
) -> None:
    """Inputs that cause a reimage are not among them."""
    assert stored(old, new, frozenset({"ours"})) == expected


def test_a_change_is_certain_unless_its_value_is_unknown() -> None:
    """A preview says what will happen, or what may."""
    old = {"triggers": {"a": 1, "b": 1}, "exact_version": "1.0"}
    new = parse_inputs(VM_ID | {"triggers": {"a": 2, "b": UNKNOWN}, "exact_version": UNKNOWN}, {})

    assert [(cause.key, cause.certain) for cause in causes(old, new)] == [
        ("triggers.a", True),
        ("triggers.b", False),
        ("exact_version", False),
    ]


def test_a_failure_is_a_cause_with_its_reason() -> None:
    """It has the name that `allowed_causes` uses."""
    assert failed("Failed", "no capacity") == Cause("failed", "the last reimage ended Failed: no capacity")
