"""What becomes of a reimage when the VM is looked at; previews and updates decide by the same function."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_azure_reimage.fate import Fate, fate
from pulumi_azure_reimage.order import Guards
from pulumi_azure_reimage.plan import failed
from pulumi_azure_reimage.record import Record
from pulumi_azure_reimage.virtual_machine import VirtualMachine

from .fakes import START, disk, order, requested

if TYPE_CHECKING:
    from pulumi_azure_reimage.order import Order

LAST_WEEK = "2026-11-16T12:00:00Z"
YESTERDAY = "2026-11-22T14:00:00Z"
AN_HOUR_AGO = "2026-11-23T11:00:00Z"
BASELINE = Record(before=disk())
LONG_AGO = replace(requested(), requested_at=START - timedelta(days=9))
TO_CURRENT = order({"exactVersion": "1.0.0"}, guards=Guards(skip_if_current=True))


def vm(name: str = "old", *, state: str = "Succeeded", **facts: Any) -> VirtualMachine:  # noqa: ANN401 - see disk.
    """Return a VM whose OS disk is called `name`."""
    return VirtualMachine("web", state, None, disk(name, **facts))


@pytest.mark.parametrize(
    ("now", "reimage", "last", "expected"),
    [
        pytest.param(vm(), order(), BASELINE, Fate.DUE, id="the VM of the baseline"),
        pytest.param(vm(), order(), None, Fate.DUE, id="the first one"),
        pytest.param(vm(vm="vm-2"), order(), BASELINE, Fate.NEW_VM, id="another VM"),
        pytest.param(vm("new", vm="vm-2"), TO_CURRENT, BASELINE, Fate.NEW_VM, id="another VM comes first"),
        pytest.param(
            vm("new"), order(), BASELINE, Fate.UNRECORDED, id="another disk, nobody knows since when"
        ),
        pytest.param(vm("new", since=AN_HOUR_AGO), order(), BASELINE, Fate.UNRECORDED, id="a younger disk"),
        pytest.param(vm("new", since=YESTERDAY), order(), BASELINE, Fate.UNRECORDED, id="within a day"),
        pytest.param(vm("new", since=LAST_WEEK), order(), BASELINE, Fate.DUE, id="someone else's"),
        pytest.param(vm("new", since=AN_HOUR_AGO), order(), LONG_AGO, Fate.UNRECORDED, id="younger by days"),
        pytest.param(vm("new"), order(), LONG_AGO, Fate.DUE, id="the disk of the last reimage"),
        pytest.param(vm(), TO_CURRENT, BASELINE, Fate.CURRENT, id="current"),
        pytest.param(vm(), TO_CURRENT, None, Fate.CURRENT, id="current when it is created"),
        pytest.param(vm(version="0.9"), TO_CURRENT, BASELINE, Fate.DUE, id="another version"),
        pytest.param(
            vm(), order({"exactVersion": "1.0.0"}), BASELINE, Fate.DUE, id="without skip_if_current"
        ),
        pytest.param(
            vm(), order(guards=Guards(skip_if_current=True)), BASELINE, Fate.DUE, id="no version is asked for"
        ),
        pytest.param(vm(state="Failed"), TO_CURRENT, BASELINE, Fate.DUE, id="current and failed"),
        pytest.param(
            vm(),
            replace(TO_CURRENT, causes=(failed("Failed", "It broke."),)),
            BASELINE,
            Fate.DUE,
            id="current, and the last reimage failed",
        ),
    ],
)
def test_what_becomes_of_a_reimage(
    now: VirtualMachine, reimage: Order, last: Record | None, expected: Fate
) -> None:
    """The VM decides."""
    assert fate(now, reimage, last, START) is expected


def test_the_end_of_the_last_reimage_tells_its_disk_from_a_younger_one() -> None:
    """Without it, only what is an hour younger than the request is recognised."""
    now = vm("new", since="2026-11-23T12:10:00Z")

    assert fate(now, order(), requested(), START) is Fate.DUE
    assert fate(now, order(), requested(), START, START + timedelta(minutes=2)) is Fate.UNRECORDED
    assert fate(now, order(), requested(), START, START + timedelta(minutes=9, seconds=45)) is Fate.DUE
