"""Requests that send nothing: the change was taken back, or the VM is left as it is, or it is current."""

from dataclasses import replace

import pytest

from pulumi_azure_reimage.reimage.decide import Today
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS
from pulumi_azure_reimage.reimage.send import send_request

from ..fakes import (
    LINK,
    LOG,
    LOOK,
    POST,
    START,
    Azure,
    accepted,
    desired,
    disk,
    refused,
    requested,
    vm_reply,
)
from .steps import EARLIER_ID, LOOK_BEFORE, REQUEST_ID, decided, go_on, logged, of_this_run

BASE = replace(requested(link=None), ended_well=True, request_id=EARLIER_ID)
LAST = Operation(EARLIER_ID, "Taken", BASE)
IN_DOUBT = Operation(EARLIER_ID, "Unknown", BASE, Look(disk(), "", START), "The answer was lost.")
TAKEN_BACK = Today(is_taken_back=True)
LOST_ID = f"{EARLIER_ID[:24]}10a1b2c3d4e5"
WAYS_OUT = "To keep the VM as it is, run `pulumi up --replace '<URN of its ReimageRequest>'`"


# A change that was taken back


def test_a_change_that_was_taken_back_and_not_accepted_is_withdrawn(azure: Azure) -> None:
    """Nothing is sent, and what was last taken stays."""
    azure.http.forever(LOOK, vm_reply())

    kept = of_this_run(azure, IN_DOUBT, TAKEN_BACK)

    assert kept == Operation(REQUEST_ID, "Withdrawn", BASE)
    assert azure.warnings == ["The change of VM web was taken back before it was sent. Nothing is sent."]
    assert azure.clock.elapsed == FENCE_SECONDS
    assert azure.http.posts == 0


def test_a_change_that_was_taken_back_and_had_been_accepted_is_reimaged_back(azure: Azure) -> None:
    """The VM no longer is what the program says. A late POST of the earlier request must not follow ours."""
    azure.http.forever(LOOK, vm_reply("new"))
    azure.script((LOG, logged("Accepted", "Succeeded", correlation=LOST_ID)), (POST, accepted()))

    kept = of_this_run(azure, IN_DOUBT, TAKEN_BACK)

    assert (kept.request_id, kept.outcome, kept.record.link) == (REQUEST_ID, "Taken", LINK)
    assert not kept.unsure
    assert azure.clock.elapsed == FENCE_SECONDS


def test_a_change_back_that_is_refused_is_not_unsure(azure: Azure) -> None:
    """It is known what was accepted before it."""
    azure.http.forever(LOOK, vm_reply("new"))
    log = logged("Accepted", "Succeeded", correlation=LOST_ID)
    azure.script((LOG, log), (POST, refused(400, "InvalidParameter")))

    kept = of_this_run(azure, IN_DOUBT, TAKEN_BACK)

    assert (kept.request_id, kept.outcome, kept.unsure) == (REQUEST_ID, "Rejected", False)


def test_a_change_back_in_doubt_is_the_only_doubt_that_is_left(azure: Azure) -> None:
    """It is known what was accepted before it, but not whether it was sent."""
    azure.http.forever(LOOK, vm_reply("back"))
    azure.script((LOG, logged("Accepted", "Succeeded", correlation=LOST_ID)))
    azure.http.forever(LOG, refused(403, "AuthorizationFailed"))
    request = decided(azure.context(), Look(disk("new"), "", START), host_id="another")

    kept = go_on(azure, request, IN_DOUBT, TAKEN_BACK)

    assert (kept.request_id, kept.outcome, kept.unsure) == (REQUEST_ID, "Unknown", False)
    assert azure.http.posts == 0


def test_a_change_back_that_an_earlier_run_may_have_sent_is_resolved_by_its_own_request(azure: Azure) -> None:
    """That run may have found that the change was accepted, and may have been killed after its POST."""
    azure.http.forever(LOOK, vm_reply("back"))
    ours = f"{REQUEST_ID[:24]}10a1b2c3d4e5"
    both = (
        logged("Accepted", "Succeeded", correlation=LOST_ID),
        logged("Accepted", "Succeeded", correlation=ours),
    )
    azure.script(*((LOG, log) for log in both))
    request = decided(azure.context(), Look(disk("new"), "", START), host_id="another")

    kept = go_on(azure, request, IN_DOUBT, TAKEN_BACK)

    assert (kept.request_id, kept.outcome) == (REQUEST_ID, "Taken")
    assert (kept.record.correlation_id, kept.record.recovered) == (ours, True)
    assert azure.http.posts == 0


def test_a_change_that_was_taken_back_and_that_nothing_decides_is_held(azure: Azure) -> None:
    """Both ways out are named."""
    azure.http.forever(LOOK, vm_reply("new"))

    kept = of_this_run(azure, IN_DOUBT, TAKEN_BACK)

    assert replace(kept, held=None) == IN_DOUBT
    assert "Its OS disk was old, and is now new" in (kept.held or "")
    assert WAYS_OUT in (kept.held or "")
    assert azure.http.posts == 0


def test_a_change_that_was_taken_back_after_more_than_one_doubt_is_held_without_a_look(azure: Azure) -> None:
    """An unchanged VM proves nothing about the request that came before the look."""
    kept = of_this_run(azure, replace(IN_DOUBT, unsure=True), TAKEN_BACK)

    assert "More than one request may have been accepted." in (kept.held or "")
    assert azure.http.sent == []


# The VM stays as it is


def leave(azure: Azure, last: Operation, look: Look = LOOK_BEFORE) -> Operation:
    """Replace ReimageRequest, which then has no predecessor."""
    context = azure.context()
    context.run.begin_update(context.clock)
    request = replace(decided(context, look, earlier=False), kind="Baseline")
    return send_request(context, request, desired(), last)


@pytest.mark.parametrize("last", [LAST, IN_DOUBT], ids=["taken", "in doubt"])
def test_a_vm_that_is_left_as_it_is_becomes_a_baseline_behind_the_fence(
    azure: Azure, last: Operation
) -> None:
    """After the baseline is reported, no POST of a killed run may arrive."""
    azure.http.forever(LOOK, vm_reply())

    kept = leave(azure, last)

    assert kept == Operation(REQUEST_ID, "Taken", Record(disk(), REQUEST_ID))
    assert kept.record.is_baseline
    assert azure.clock.elapsed == FENCE_SECONDS
    assert azure.http.posts == 0


def test_a_vm_that_changes_while_its_baseline_is_recorded_is_recorded_as_changed(azure: Azure) -> None:
    """One of our reimages was under way. A message says so, and the next run starts from the new disk."""
    azure.script((LOOK, vm_reply(state="Updating")), (LOOK, vm_reply("new")))

    kept = leave(azure, IN_DOUBT)

    assert kept.record == Record(disk("new"), REQUEST_ID)
    assert "VM web changed while its baseline was recorded" in azure.warnings[0]


def test_a_creation_that_is_not_wanted_any_more_leaves_the_vm_as_it_is(azure: Azure) -> None:
    """The user has unset reimage_on_create after a killed run, whose POST may still arrive."""
    azure.http.forever(LOOK, vm_reply())
    request = decided(azure.context(), host_id="another", earlier=False)

    kept = go_on(azure, request, None, Today(wants_creation=False))

    assert kept == Operation(REQUEST_ID, "Taken", Record(disk(), REQUEST_ID))
    assert azure.clock.elapsed == FENCE_SECONDS
    assert azure.http.posts == 0


# A VM that is current


def current(azure: Azure, last: Operation) -> Operation:
    """Send nothing for a decision that the VM already runs the requested version."""
    context = azure.context()
    context.run.begin_update(context.clock)
    return send_request(context, replace(decided(context), kind="Current"), desired(), last)


def test_a_vm_that_is_current_keeps_what_it_was_last_reimaged_for(azure: Azure) -> None:
    """Nothing is in doubt, so nothing is read."""
    assert current(azure, LAST) == Operation(REQUEST_ID, "Taken", BASE)
    assert azure.http.sent == []


def test_a_vm_that_is_current_after_a_doubt_is_looked_at_behind_the_fence(azure: Azure) -> None:
    """A late POST would change the VM."""
    azure.http.forever(LOOK, vm_reply())

    assert current(azure, IN_DOUBT) == Operation(REQUEST_ID, "Taken", BASE)
    assert azure.clock.elapsed == FENCE_SECONDS


def test_a_vm_that_changes_after_it_was_found_current_is_held(azure: Azure) -> None:
    """It is not known who changed it. Both ways out are named."""
    azure.http.forever(LOOK, vm_reply("new"))

    kept = current(azure, IN_DOUBT)

    assert replace(kept, held=None) == IN_DOUBT
    assert WAYS_OUT in (kept.held or "")


def test_the_first_baseline_needs_no_fence_and_no_read(azure: Azure) -> None:
    """ReimageRequest has just looked at the VM."""
    request = replace(decided(azure.context(), earlier=False), kind="Baseline")

    assert go_on(azure, request, None).record == Record(disk(), REQUEST_ID)
    assert azure.http.sent == []
