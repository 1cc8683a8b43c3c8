"""The plan: why a reimage is due, and what a preview says; no value is ever printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pulumi_azure_reimage.plan import announcement, causes, creation_announcement

from .fakes import disk

if TYPE_CHECKING:
    from pulumi_azure_reimage.virtual_machine import DiskFacts

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
    ("before", "sentence"),
    [
        pytest.param(disk(), "Azure keeps the old disk, and bills it", id="Detach"),
        pytest.param(
            disk(delete_option="Delete"), "the old disk deleted: everything on it is lost", id="Delete"
        ),
        pytest.param(disk(ephemeral=True), "reset to the image: everything on it is lost", id="ephemeral"),
    ],
)
def test_a_preview_says_what_is_lost_and_what_stays(before: DiskFacts, sentence: str) -> None:
    """It depends on the kind of disk."""
    text = announcement("web", ("triggers.image changed", "exact_version added"), before)

    assert text.startswith("VM web will be reimaged (triggers.image changed, exact_version added). ")
    assert sentence in text
    assert text.endswith("Data disks, network and identity stay.")


def test_a_preview_that_does_not_know_a_value_yet_says_may() -> None:
    """It must neither promise nor hide."""
    text = announcement("web", ("triggers.image not known yet",), disk(), certain=False)

    assert text.startswith("VM web may be reimaged (triggers.image not known yet).")


def test_a_reimage_on_creation_is_announced() -> None:
    """It wipes a disk although nothing changed."""
    text = creation_announcement("web")

    assert "VM web will be reimaged when this resource is created (reimage_on_create is true)." in text
    assert "everything on it is lost" in text
