"""The wait for a reimage: how its operation ends, and what the VM then shows."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from pulumi_azure_reimage.arm.error import ArmError
from pulumi_azure_reimage.arm.lro import Link, StillRunning
from pulumi_azure_reimage.errors import (
    OperationFailedError,
)
from pulumi_azure_reimage.reimage.record import Record, Result, as_recovered
from pulumi_azure_reimage.reimage.troubleshooting import advice
from pulumi_azure_reimage.reimage.wait import poll_once, wait_for_reimage

from ..fakes import (
    IDS,
    LINK,
    LOOK,
    OPERATION_ID,
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
    running,
    succeeded,
    vm_reply,
)
from .steps import send

BASELINE = Record(before=disk())
UPDATING = vm_reply(state="Updating")


# Status


def test_the_status_needs_one_poll(azure: Azure) -> None:
    """A preview polls only once."""
    azure.script((POLL, running()))

    assert poll_once(azure.context(), requested()) == StillRunning(LINK, 10.0)


def test_a_record_without_a_link_has_no_status(azure: Azure) -> None:
    """There is nothing to poll."""
    assert poll_once(azure.context(), BASELINE) is None


# Wait


def test_a_reimage_is_followed_to_its_end_and_verified(azure: Azure) -> None:
    """A reimage of 75 seconds needs four of the pauses that ARM asks for."""
    azure.script(*[(POLL, running(retry_after="20"))] * 3, (POLL, succeeded()), (LOOK, vm_reply("new")))

    result = wait_for_reimage(azure.context(), requested(retry_after=20.0))

    assert azure.clock.slept == [20.0, 20.0, 20.0, 20.0]
    assert result == Result(
        status="Succeeded",
        before=disk("old"),
        after=disk("new"),
        operation_id=OPERATION_ID,
        started_at="2026-11-23T12:00:01.1234567+00:00",
        completed_at="2026-11-23T12:01:16.1234567+00:00",
        correlation_id=IDS.correlation_id,
        recovered=False,
    )
    assert result.duration_seconds == 75.0
    assert azure.warnings == []
    assert azure.http.posts == 0


def test_progress_shows_how_long_it_has_taken(azure: Azure) -> None:
    """The time counts since Azure accepted it, even if an earlier run has waited before."""
    azure.clock.elapsed = 100.0
    azure.script((POLL, running()), (POLL, Reply(503)), (POLL, succeeded()), (LOOK, vm_reply("new")))

    wait_for_reimage(replace(azure.context(), last_took=64.0), requested())

    assert azure.progress == [
        "running in Azure for 100 s (the last one took 64 s)",
        "ARM did not answer (HTTP 503), polling again",
        "reimaged, checking the VM",
    ]


def test_a_resumed_wait_says_nothing_of_an_operation_that_has_ended(azure: Azure) -> None:
    """It is polled first, because nothing is known about it yet."""
    azure.clock.elapsed = 100.0
    azure.script((POLL, succeeded()), (LOOK, vm_reply("new")))

    wait_for_reimage(azure.context(), requested())

    assert azure.progress == ["reimaged, checking the VM"]


@pytest.mark.parametrize(
    ("passed", "first_pauses"),
    [
        pytest.param(0.0, [30.0], id="at once"),
        pytest.param(12.0, [18.0], id="a little later"),
        pytest.param(3600.0, [], id="in another run"),
        pytest.param(-3600.0, [30.0], id="on a machine whose clock is behind"),
    ],
)
def test_the_first_pause_counts_from_the_request(
    azure: Azure, passed: float, first_pauses: list[float]
) -> None:
    """So machines that have queued do not wait again."""
    record = replace(requested(retry_after=30.0), requested_at=START - timedelta(seconds=passed))
    azure.script((POLL, succeeded()), (LOOK, vm_reply("new")))

    wait_for_reimage(azure.context(), record)

    assert azure.clock.slept == first_pauses


def test_a_request_without_a_time_is_followed_too(azure: Azure) -> None:
    """State may have been written by another version."""
    azure.script((POLL, succeeded()), (LOOK, vm_reply("new")))

    result = wait_for_reimage(azure.context(), replace(requested(), requested_at=None))

    assert result.status == "Succeeded"


@pytest.mark.parametrize("word", ["Failed", "Canceled"])
def test_a_reimage_that_ended_badly_says_why_and_what_is_next(azure: Azure, word: str) -> None:
    """The error has ARM's message, and this run sends no second request."""
    azure.script((POLL, ended(word, "OperationPreempted", "A more recent operation.")))

    with pytest.raises(OperationFailedError) as caught:
        wait_for_reimage(azure.context(), requested())

    error = caught.value
    assert (error.status, error.code) == (word, "OperationPreempted")
    assert f"with {word}: A more recent operation." in error.message
    assert azure.http.posts == 0


@pytest.mark.parametrize(
    ("code", "disk"),
    [
        ("OSProvisioningTimedOut", "The OS disk was rebuilt: its old content is gone"),
        ("OperationPreempted", "It is not known whether the OS disk was rebuilt."),
        ("AllocationFailed", "The OS disk may be lost or half built."),
    ],
)
def test_a_reimage_that_ended_badly_says_what_happened_to_the_disk(
    azure: Azure, code: str, disk: str
) -> None:
    """This sentence follows ARM's own message and precedes the advice."""
    azure.script((POLL, ended("Failed", code, "It broke.")))

    with pytest.raises(OperationFailedError, match=f"It broke. {disk}") as caught:
        wait_for_reimage(azure.context(), requested())

    advised = advice(ArmError(code))
    assert caught.value.message.endswith(f". Data disks were not touched. {advised}")


def test_a_reimage_that_failed_without_a_reason_is_reported(azure: Azure) -> None:
    """ARM's contract requires a reason, but ARM may break it. A single space separates the sentences."""
    azure.script((POLL, Reply(200, {"status": "Failed"})))

    with pytest.raises(OperationFailedError) as caught:
        wait_for_reimage(azure.context(), requested())

    assert caught.value.message == (
        "Azure ended the reimage of web with Failed: no reason given. The OS disk may be lost or half built. "
        "Data disks were not touched."
    )


# Wait, and only the VM shows the end


def test_a_stored_link_of_another_endpoint_is_ignored_with_a_warning(azure: Azure) -> None:
    """No token goes there, and the VM shows the end."""
    record = requested(link=Link("https://evil.example/subscriptions/1", "Location"))
    azure.script((LOOK, vm_reply("new")))

    result = wait_for_reimage(azure.context(), record)

    assert result.recovered
    assert "not belong to the configured Azure endpoint" in azure.warnings[0]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(as_recovered(requested()), id="recovered"),
        pytest.param(requested(link=None), id="done at once"),
    ],
)
def test_without_a_link_the_end_is_when_arm_has_settled_the_vm(azure: Azure, record: Record) -> None:
    """The disks are then compared."""
    azure.script((LOOK, UPDATING), (LOOK, UPDATING), (LOOK, vm_reply("new")))

    result = wait_for_reimage(azure.context(), record)

    assert (result.status, result.recovered) == ("Succeeded", record.recovered)
    assert azure.clock.slept == [10.0, 10.0]


# Verify


def test_a_success_that_leaves_the_old_disk_is_not_a_success(azure: Azure) -> None:
    """Only the machine counts, and it has a minute to show its new disk."""
    azure.script((POLL, succeeded()))
    azure.http.forever(LOOK, vm_reply("old"))

    with pytest.raises(OperationFailedError, match="the VM still has its old OS disk") as caught:
        wait_for_reimage(azure.context(), requested())

    assert "nothing shows that it was done" in str(caught.value)
    assert sum(azure.clock.slept) == 70.0
    assert azure.http.posts == 0


def test_a_vm_that_shows_its_new_disk_late_was_reimaged(azure: Azure) -> None:
    """Not every server of ARM knows about it immediately."""
    azure.script((POLL, succeeded()), (LOOK, vm_reply("old")), (LOOK, vm_reply("new")))

    assert wait_for_reimage(azure.context(), requested()).status == "Succeeded"
    assert azure.warnings == []


def test_a_vm_that_was_replaced_meanwhile_is_reported(azure: Azure) -> None:
    """The result shows the disk of the new VM."""
    azure.script((POLL, succeeded()), (LOOK, vm_reply("new", vm="vm-2")))

    result = wait_for_reimage(azure.context(), requested())

    assert result.after.vm_unique_id == "vm-2"
    assert "was deleted and created again since its reimage was requested" in azure.warnings[0]


# No secrets


def test_no_message_ever_has_the_operations_url(azure: Azure) -> None:
    """It is a signed link, 3 KB long."""
    url = f"{LINK.url}&again"
    azure.script(
        (LOOK, vm_reply()),
        (POST, accepted()),
        (POLL, refused(503, "Busy", f"GET {url} failed")),
        (POLL, httpx.ReadTimeout(f"{url} timed out")),
        (POLL, ended("Failed", "Bad", f"See {url} for more.")),
    )
    record = send(azure.context(), desired(), BASELINE)

    with pytest.raises(OperationFailedError) as caught:
        wait_for_reimage(azure.context(), record)

    told = " ".join([str(caught.value), *azure.progress, *azure.warnings])
    assert "S1gn" not in told
    assert "MIIH" not in told
