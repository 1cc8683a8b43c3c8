"""Other operations on the VM: the step waits for them, and reports what others did."""

from dataclasses import replace

import pytest

from pulumi_azure_reimage.arm.virtual_machine import DiskFacts, VirtualMachine
from pulumi_azure_reimage.errors import RequestRejectedError
from pulumi_azure_reimage.reimage.reconcile import (
    read_steady,
    report_replaced_disk,
    wait_for_other_operation,
    wait_until_settled,
)
from pulumi_azure_reimage.reimage.run import VIEW_SECONDS

from ..fakes import LOOK, START, Azure, Reply, disk, vm_reply

# A busy VM

UPDATING = VirtualMachine("web", "Updating", '"1"', disk())
UPDATING_EPHEMERAL = VirtualMachine("web", "Updating", '"1"', disk(ephemeral=True))


@pytest.mark.parametrize(
    ("first", "now"),
    [
        pytest.param(UPDATING, vm_reply(), id="the same disk"),
        pytest.param(UPDATING, vm_reply("new"), id="a disk of others"),
        pytest.param(UPDATING_EPHEMERAL, vm_reply(ephemeral=True, etag='"3"'), id="an ephemeral disk"),
    ],
)
def test_a_vm_is_free_when_arm_has_finished(azure: Azure, first: VirtualMachine, now: Reply) -> None:
    """The operation that ran was not this update's reimage, which is still due."""
    azure.script((LOOK, vm_reply(state="Updating")), (LOOK, now))

    assert wait_for_other_operation(azure.context(), first) == VirtualMachine.from_body(now.body, START)
    assert azure.clock.slept == [10.0, 10.0]
    assert azure.progress == ["waiting for another operation (Updating)"] * 2
    assert azure.warnings == []


def test_a_vm_that_was_created_again_meanwhile_is_not_reimaged(azure: Azure) -> None:
    """The next run records it as a new baseline."""
    azure.script((LOOK, vm_reply("new", vm="vm-2")))

    with pytest.raises(RequestRejectedError, match="which records the new VM as a new baseline"):
        wait_for_other_operation(azure.context(), UPDATING)


def test_a_vm_that_stays_busy_is_given_up_at_the_deadline(azure: Azure) -> None:
    """The wait does not end a second later."""
    azure.http.forever(LOOK, vm_reply(state="Updating"))

    with pytest.raises(RequestRejectedError, match=r"still busy with another operation \(Updating\)"):
        wait_until_settled(azure.context(25.0), UPDATING)

    assert azure.clock.slept == [10.0, 10.0, 5.0]


def test_the_first_look_may_have_its_own_pause(azure: Azure) -> None:
    """ARM may have asked for this pause."""
    azure.script((LOOK, vm_reply(state="Updating")), (LOOK, vm_reply()))

    wait_until_settled(azure.context(), UPDATING, 90.0)

    assert azure.clock.slept == [90.0, 10.0]


@pytest.mark.parametrize("time_scale", [1.0, 0.5])
def test_a_look_is_steady_once_another_one_confirms_it(azure: Azure, time_scale: float) -> None:
    """The second look comes once no server can be late any more. On a simulator, this time is scaled."""
    azure.script((LOOK, vm_reply()), (LOOK, vm_reply("new")), (LOOK, vm_reply("new")))

    look = read_steady(replace(azure.context(), time_scale=time_scale))

    assert look is not None
    assert look.disk == disk("new")
    assert azure.clock.slept == [VIEW_SECONDS * time_scale] * 2


# A disk that others replaced


def test_a_disk_that_others_replaced_is_named_before_and_now(azure: Azure) -> None:
    """The report states a fact, and does not count as the result of a request."""
    report_replaced_disk(azure.context(), disk("old"), VirtualMachine("web", "Succeeded", None, disk("new")))

    (said,) = azure.warnings
    assert said.startswith("The OS disk of VM web was replaced by someone else, or by a run that was killed")
    assert "The disk was old, and is now new." in said


@pytest.mark.parametrize(
    ("known", "now"),
    [
        pytest.param(disk("old"), disk("OLD"), id="the same disk in capitals"),
        pytest.param(disk("old"), disk(None), id="no id now"),
        pytest.param(disk(None), disk("new"), id="no id before"),
        pytest.param(disk(ephemeral=True), disk("new", ephemeral=True), id="an ephemeral disk"),
        pytest.param(disk("old"), disk("new", vm="vm-2"), id="another VM"),
    ],
)
def test_a_disk_that_is_not_known_to_be_another_is_not_reported(
    azure: Azure, known: DiskFacts, now: DiskFacts
) -> None:
    """Nothing is made up."""
    report_replaced_disk(azure.context(), known, VirtualMachine("web", "Succeeded", None, now))

    assert azure.warnings == []
