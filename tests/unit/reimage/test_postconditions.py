"""What a VM should be like after its reimage: what deviates, and whether that is an error."""

from dataclasses import replace
from typing import Any

import pytest

from pulumi_azure_reimage.arm.lro import Succeeded
from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine
from pulumi_azure_reimage.reimage.postconditions import POSTCONDITIONS, Outcome, apply_postconditions

from ..fakes import disk, requested

END = Succeeded("id", "2026-11-23T12:00:01Z", "2026-11-23T12:01:16Z")
EPHEMERAL = requested(disk(ephemeral=True))
ASKED = replace(requested(), requested_version="2.0.0")


def vm(
    name: str = "new",
    *,
    state: str = "Succeeded",
    power: str | None = "running",
    **facts: Any,  # noqa: ANN401 - see disk.
) -> VirtualMachine:
    """Return a VM after its reimage."""
    return VirtualMachine("web", state, None, disk(name, **facts), power=power)


def outcome(now: VirtualMachine, record: Any = None, end: Succeeded | None = END) -> Outcome:  # noqa: ANN401
    """Return the outcome of a reimage."""
    return Outcome(record or requested(), now, end)


# (the outcome, whether it is an error, words of the message)
CASES = [
    pytest.param(outcome(vm(vm="vm-2")), False, "deleted and created again", id="another VM"),
    pytest.param(
        outcome(vm(vm="vm-2", power="stopped", version="2.0.0")),
        False,
        "deleted and created again",
        id="another VM, and nothing else of it",
    ),
    pytest.param(
        outcome(vm(state="Failed"), end=None),
        True,
        "state of the VM is Failed",
        id="failed, and no report of the end",
    ),
    pytest.param(
        outcome(vm("new", vm="vm-2"), end=None),
        True,
        "deleted and created again",
        id="another VM, and no report of the end",
    ),
    pytest.param(
        outcome(vm(ephemeral=True), EPHEMERAL, end=None),
        True,
        "an ephemeral OS disk does not show whether it was rebuilt",
        id="an ephemeral disk, and no report of the end",
    ),
    pytest.param(
        outcome(vm("old", ephemeral=True), end=None),
        True,
        "an ephemeral OS disk does not show",
        id="an ephemeral disk now, and no report of the end",
    ),
    pytest.param(
        outcome(vm(""), requested(disk(None)), end=None),
        True,
        "its OS disk has no id to compare",
        id="a disk without an id, and no report of the end",
    ),
    pytest.param(
        outcome(vm("old"), replace(requested(), ended_well=True), end=None),
        True,
        "the VM still has its old OS disk",
        id="old disk, and the activity log says that it ended well",
    ),
    pytest.param(
        outcome(vm(vm="vm-2"), replace(requested(), ended_well=True), end=None),
        False,
        "deleted and created again",
        id="another VM, and the activity log says that it ended well",
    ),
    pytest.param(outcome(vm("old")), True, "the VM still has its old OS disk", id="old disk"),
    pytest.param(
        outcome(vm("old"), end=None), True, "the VM still has its old OS disk", id="old disk, no end"
    ),
    pytest.param(
        outcome(vm(), ASKED),
        False,
        "runs image version 1.0.0, and exact_version was 2.0.0",
        id="other version",
    ),
    pytest.param(
        outcome(vm(version="2.0.0")), False, "runs image version 2.0.0, and ran 1.0.0 before", id="a surprise"
    ),
    pytest.param(
        outcome(vm(state="Failed")), False, "provisioning state is Failed", id="succeeded, and failed"
    ),
    pytest.param(outcome(vm(power="stopped")), False, "it is stopped", id="not running"),
    pytest.param(
        outcome(vm(), end=replace(END, completed_at="2026-11-23T12:00:00Z")),
        False,
        "ended before it started",
        id="times",
    ),
    pytest.param(
        outcome(vm(), end=Succeeded("id", None, "2026-11-23T11:54:00Z")),
        False,
        "ended before it was requested",
        id="clocks",
    ),
]


@pytest.mark.parametrize(("ended", "is_error", "words"), CASES)
def test_what_is_not_as_it_should_be_is_reported(ended: Outcome, words: str, *, is_error: bool) -> None:
    """Exactly one check finds something."""
    (found,) = apply_postconditions(ended)

    assert found.is_error is is_error
    assert words in found.text


def test_every_check_speaks_in_a_case() -> None:
    """A check that never finds anything is useless."""
    ended = [case.values[0] for case in CASES]
    found = {found.when for one in ended if isinstance(one, Outcome) for found in apply_postconditions(one)}

    assert found == {rule.when for rule in POSTCONDITIONS}


@pytest.mark.parametrize(
    "ended",
    [
        pytest.param(outcome(vm()), id="a new disk"),
        pytest.param(outcome(vm(), end=None), id="a new disk, and no report of the end"),
        pytest.param(
            outcome(vm(ephemeral=True), replace(EPHEMERAL, ended_well=True), end=None),
            id="an ephemeral disk, and the activity log says that it ended well",
        ),
        pytest.param(outcome(vm(version="2.0.0"), ASKED), id="the version that was asked for"),
        pytest.param(
            outcome(vm("old", ephemeral=True), EPHEMERAL),
            id="an ephemeral disk keeps its id",
        ),
        pytest.param(outcome(vm(power=None)), id="no instance view"),
        pytest.param(outcome(vm(power="starting")), id="it is starting"),
        pytest.param(outcome(vm(""), requested(disk(None))), id="a disk without an id"),
        pytest.param(outcome(vm(), end=Succeeded()), id="no times"),
        pytest.param(
            outcome(vm(), end=replace(END, completed_at="2026-11-23T11:56:00Z", started_at=None)), id="skew"
        ),
    ],
)
def test_a_reimage_that_is_as_it_should_be_needs_no_words(ended: Outcome) -> None:
    """Unknown facts do not produce a message."""
    assert apply_postconditions(ended) == ()
