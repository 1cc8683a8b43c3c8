"""The plan: why a reimage is due, and what a preview says; no value is ever printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pulumi_azure_reimage.inputs.changes import announcement, causes, stored
from pulumi_azure_reimage.inputs.parameters import Cause

from ..fakes import disk, order

if TYPE_CHECKING:
    from pulumi_azure_reimage.arm.virtual_machine import DiskFacts

UNKNOWN = object()


def is_unknown(value: object) -> bool:
    """Tell whether a value, or a part of it, is not known yet."""
    return value is UNKNOWN or (isinstance(value, dict) and any(is_unknown(each) for each in value.values()))


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
    found = causes(old, new, is_unknown)

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
    """As it is printed."""
    assert Cause(key, "text").is_named_by(frozenset(allow)) is named


DETACH = "Azure keeps the old one and bills it until someone deletes it (deleteOption Detach)"


@pytest.mark.parametrize(
    ("body", "facts", "sentences"),
    [
        pytest.param(
            None, disk(), ["everything on its OS disk.", DETACH, "Image version: 1.0.0, as now."], id="Detach"
        ),
        pytest.param(
            {"exactVersion": "2.0"},
            disk(delete_option="Delete"),
            ["the old one is deleted (deleteOption Delete)", "Image version: 1.0.0 -> 2.0."],
            id="Delete, and another version",
        ),
        pytest.param(
            {"tempDisk": True, "exactVersion": "1.0.0"},
            disk(ephemeral=True),
            [
                "everything on its OS disk and its temporary disk.",
                "It is ephemeral: the disk itself is reset.",
                "Image version: 1.0.0, as now.",
            ],
            id="ephemeral, with the temporary disk",
        ),
        pytest.param({"tempDisk": False}, None, ["everything on its OS disk. Kept:"], id="nothing is known"),
    ],
)
def test_a_preview_says_why_what_is_lost_and_what_stays(
    body: dict[str, Any] | None, facts: DiskFacts | None, sentences: list[str]
) -> None:
    """It depends on the kind of disk."""
    reimage = order(body, Cause("triggers.image", "triggers.image changed"), Cause("exact_version", "added"))

    text = announcement("web", reimage, facts)

    assert text.startswith(
        "VM web will be reimaged: triggers.image changed, added. Lost: everything on its OS"
    )
    assert [sentence for sentence in sentences if sentence not in text] == []
    assert text.endswith("Kept: data disks, network interfaces, identity.")


def test_a_preview_that_does_not_know_a_value_yet_says_may() -> None:
    """It must neither promise nor hide."""
    text = announcement("web", order(None, *causes({}, {"triggers": UNKNOWN}, is_unknown)), disk())

    assert text.startswith("VM web may be reimaged: triggers not known yet.")


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
    """By its name, and what asks for a reimage is not among them."""
    assert stored(old, new, is_unknown, frozenset({"ours"})) == expected
