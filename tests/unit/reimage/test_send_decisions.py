"""Continuing what an earlier run left: the step finds out whether it was accepted, and sends it if not."""

from dataclasses import replace

import pytest

from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS
from pulumi_azure_reimage.reimage.send import send_request

from ..fakes import (
    LINK,
    LOG,
    LOOK,
    POLL,
    POST,
    START,
    Azure,
    Reply,
    accepted,
    desired,
    disk,
    ended,
    refused,
    requested,
    vm_reply,
)
from .steps import EARLIER_ID, LOOK_BEFORE, REQUEST_ID, decided, go_on, logged, of_this_run

BASE = replace(requested(link=None), ended_well=True, request_id=EARLIER_ID)
LAST = Operation(EARLIER_ID, "Taken", BASE)
IN_DOUBT = Operation(EARLIER_ID, "Unknown", BASE, Look(disk(), "", START), "The answer was lost.")
WAYS_OUT = "To keep the VM as it is, run `pulumi up --replace '<URN of its ReimageRequest>'`"


# A request that may have been sent


def test_a_doubtful_request_that_was_not_accepted_is_sent(azure: Azure) -> None:
    """It is sent behind the fence."""
    azure.http.forever(LOOK, vm_reply())
    azure.script((POST, accepted()))

    kept = go_on(azure, decided(azure.context(), host_id="another"), LAST)

    assert (kept.outcome, kept.record.link) == ("Taken", LINK)
    assert azure.clock.elapsed == FENCE_SECONDS


def test_a_doubtful_request_that_the_log_knows_to_be_accepted_is_not_sent_again(azure: Azure) -> None:
    """The record has the ids of the log, so the wait can look there for the end."""
    ours = f"{REQUEST_ID[:24]}10a1b2c3d4e5"
    look = replace(LOOK_BEFORE, read_at=START)
    azure.http.forever(LOOK, vm_reply("new"))
    azure.script((LOG, logged("Accepted", "Succeeded", correlation=ours)))

    kept = go_on(azure, decided(azure.context(), look, host_id="another"), LAST)

    assert kept.outcome == "Taken"
    assert (kept.record.recovered, kept.record.ended_well, kept.record.link) == (True, True, None)
    assert (kept.record.client_request_id, kept.record.correlation_id) == (ours, ours)
    assert (kept.record.before, kept.record.seen_at) == (disk(), START)
    assert "Azure's activity log shows that it was accepted" in azure.warnings[0]
    assert azure.http.posts == 0


def test_a_doubtful_request_that_nothing_decides_stays_so_with_the_look_before_it(azure: Azure) -> None:
    """A new look would hide what has changed since. Both ways out are named."""
    azure.http.forever(LOOK, vm_reply("new"))

    kept = go_on(azure, decided(azure.context(), host_id="another"), LAST)

    assert (kept.request_id, kept.outcome, kept.look) == (REQUEST_ID, "Unknown", LOOK_BEFORE)
    assert kept.record == BASE
    assert "Its OS disk was old, and is now new" in (kept.reason or "")
    assert WAYS_OUT in (kept.reason or "")
    assert azure.http.posts == 0


def test_a_request_that_is_given_twice_in_one_run_is_doubtful_the_second_time(azure: Azure) -> None:
    """A hook of the program can make the engine repeat a step."""
    context = azure.context()
    context.run.begin_update(context.clock)
    request = decided(context)
    azure.http.forever(LOOK, vm_reply())
    azure.http.forever(POST, accepted())

    send_request(context, request, desired(), LAST)
    first = azure.clock.elapsed
    send_request(context, request, desired(), LAST)

    assert first == 0
    assert azure.clock.elapsed == FENCE_SECONDS


# A fresh request behind an earlier one


@pytest.mark.parametrize(
    ("last", "seconds"),
    [
        pytest.param(LAST, 0.0, id="ended well"),
        pytest.param(replace(LAST, record=Record(disk(), EARLIER_ID)), 0.0, id="a baseline"),
        pytest.param(IN_DOUBT, FENCE_SECONDS, id="in doubt"),
        pytest.param(replace(LAST, record=replace(BASE, ended_well=False)), FENCE_SECONDS, id="no known end"),
    ],
)
def test_a_fresh_request_waits_for_the_fence_behind_what_may_still_arrive(
    azure: Azure, last: Operation, seconds: float
) -> None:
    """ReimageResult may have repeated a request that did not end well."""
    azure.http.forever(LOOK, vm_reply())
    azure.script((POST, accepted()))

    assert of_this_run(azure, last).record.link == LINK
    assert azure.clock.elapsed == seconds


def test_a_fresh_request_waits_for_the_fence_behind_a_bad_end(azure: Azure) -> None:
    """A repeat of that request can still arrive."""
    azure.http.forever(LOOK, vm_reply())
    azure.script((POLL, ended("Failed")), (POST, accepted()))

    of_this_run(azure, replace(LAST, record=requested()))

    assert azure.clock.elapsed == FENCE_SECONDS


def test_what_is_sent_past_a_doubt_is_unsure_until_it_is_taken(azure: Azure) -> None:
    """So one look is not enough to withdraw a later change that is taken back."""
    azure.http.forever(LOOK, vm_reply())
    azure.script((POST, refused(400, "InvalidParameter")))

    rejected = of_this_run(azure, IN_DOUBT)
    azure.script((POST, accepted()))
    accepted_later = go_on(azure, decided(azure.context(), host_id="another"), rejected)

    assert (rejected.in_doubt, rejected.unsure) == (True, True)
    assert (accepted_later.outcome, accepted_later.unsure) == ("Taken", False)


@pytest.mark.parametrize(
    ("end", "unsure"), [(ended("Succeeded"), False), (ended("Failed"), True)], ids=["well", "badly"]
)
def test_a_refusal_is_unsure_only_behind_a_reimage_that_ended_badly(
    azure: Azure, end: Reply, *, unsure: bool
) -> None:
    """A repeat of that reimage may have been accepted."""
    azure.http.forever(LOOK, vm_reply())
    azure.script((POLL, end), (POST, refused(400, "InvalidParameter")))

    kept = of_this_run(azure, replace(LAST, record=requested()))

    assert (kept.outcome, kept.unsure) == ("Rejected", unsure)
