"""What becomes of a reimage when the VM is looked at; previews and updates decide by the same function."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine
from pulumi_azure_reimage.inputs.changes import failed
from pulumi_azure_reimage.inputs.parameters import Guards
from pulumi_azure_reimage.reimage.decide import Fate, fate
from pulumi_azure_reimage.reimage.record import Record

from ..fakes import disk, order, requested

if TYPE_CHECKING:
    from pulumi_azure_reimage.inputs.parameters import Order

BASELINE = Record(before=disk())
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
        pytest.param(vm("new"), order(), BASELINE, Fate.DUE, id="another disk than the baseline's"),
        pytest.param(vm("new"), order(), requested(), Fate.DUE, id="the disk of the last reimage"),
        pytest.param(vm("new"), TO_CURRENT, BASELINE, Fate.CURRENT, id="another disk, and current"),
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
    assert fate(now, reimage, last) is expected
