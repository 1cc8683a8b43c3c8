"""The story of one reimage, from the first look to the disk that it left."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from pulumi_azure_reimage.arm.error import ArmError
from pulumi_azure_reimage.arm.lro import Link, StillRunning
from pulumi_azure_reimage.errors import (
    ConfigurationError,
    OperationFailedError,
    OperationStillRunningError,
    RefusedError,
    RequestRejectedError,
)
from pulumi_azure_reimage.inputs.parameters import DesiredReimage, Guards
from pulumi_azure_reimage.reimage.begin import request_baseline, request_reimage
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.record import Record, Result, as_recovered
from pulumi_azure_reimage.reimage.request import Kind, Request
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS
from pulumi_azure_reimage.reimage.troubleshooting import advice
from pulumi_azure_reimage.reimage.wait import poll_once, wait_for_reimage

from ..fakes import (
    IDS,
    LINK,
    LOOK,
    OPERATION_ID,
    PERMISSIONS,
    POLL,
    POST,
    START,
    Answer,
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
from .steps import REQUEST_ID, send

BASELINE = Record(before=disk())
LAST = Request("r-1", "Baseline", (), "a host", Look(disk(), ""))
UPDATING = vm_reply(state="Updating")


# The baseline


def test_a_baseline_is_one_look(azure: Azure) -> None:
    """Nothing is sent, and nothing is remembered of a request."""
    azure.script((LOOK, vm_reply()))

    assert request_baseline(azure.context()).look.disk == disk()
    assert azure.http.posts == 0


def test_a_baseline_of_a_vm_that_does_not_exist_is_refused(azure: Azure) -> None:
    """Nothing is recorded."""
    azure.script((LOOK, refused(404, "ResourceNotFound", "It was not found.")))

    with pytest.raises(RequestRejectedError, match="Check vm_id"):
        request_baseline(azure.context())


# Begin: look, guard, send


def test_a_reimage_is_looked_at_and_sent_once(azure: Azure) -> None:
    """It returns before the operation ends, so that it can be saved."""
    azure.script((LOOK, vm_reply()), (POST, accepted(retry_after="20")))

    record = send(azure.context(), desired(), BASELINE)

    sent = azure.http.sent[-1].headers
    assert (record.request_id, record.link, record.retry_after) == (REQUEST_ID, LINK, 20.0)
    assert (record.before, record.requested_at) == (disk(), START)
    assert sent["x-ms-client-request-id"] == sent["x-ms-correlation-request-id"] == record.correlation_id
    assert record.client_request_id == record.correlation_id
    assert str(record.correlation_id).startswith(REQUEST_ID[:24])
    assert azure.clock.slept == []


def test_the_version_that_was_asked_for_is_recorded(azure: Azure) -> None:
    """The proof needs it, maybe in another run."""
    azure.script((LOOK, vm_reply()), (POST, accepted()))

    record = send(azure.context(), desired(exact_version="2.0"), BASELINE)

    assert Record.from_state(record.to_state()).requested_version == "2.0"


def test_a_reimage_on_creation_has_no_last_record(azure: Azure) -> None:
    """There is nothing to compare with."""
    azure.script((LOOK, vm_reply()), (POST, accepted()))

    assert send(azure.context(), desired(temp_disk=False), None).link == LINK


def test_a_disk_that_others_replaced_is_told_and_the_reimage_is_sent(azure: Azure) -> None:
    """Nobody asked them for what is asked for now; what is compared later is the disk that ours replaces."""
    azure.script((LOOK, vm_reply("theirs", version="2.0")), (POST, accepted()))

    record = send(azure.context(), desired(), BASELINE)

    assert (record.link, record.recovered) == (LINK, False)
    assert record.before == disk("theirs", version="2.0")
    (said,) = azure.warnings
    assert "was replaced by someone else" in said
    assert "The disk was old, and is now theirs." in said


@pytest.mark.parametrize("guarded", [True, False], ids=["a guard", "the preflight"])
def test_a_disk_that_others_replaced_is_no_way_around_what_refuses(azure: Azure, *, guarded: bool) -> None:
    """Guards and preflight are asked as for any other VM."""
    guards = Guards(prevent_reimage=guarded)
    if not guarded:
        azure.http.forever(PERMISSIONS, Reply(body={"value": [{"actions": ["*/read"]}]}))
    azure.script((LOOK, vm_reply("theirs")))

    with pytest.raises(RefusedError):
        request_reimage(azure.context(), desired(guards=guards), LAST)

    assert azure.http.posts == 0


@pytest.mark.parametrize("name", ["old", "new", "other"])
def test_the_disk_after_a_last_reimage_says_nothing(azure: Azure, name: str) -> None:
    """State knows only the one before it, so that nothing can be compared."""
    azure.script((POLL, succeeded()), (LOOK, vm_reply(name)), (POST, accepted()))

    assert send(azure.context(), desired(), requested(), Look(disk(name), "")).link == LINK
    assert azure.warnings == []


@pytest.mark.parametrize("kind", ["Baseline", "Reimage"])
def test_a_vm_that_was_created_anew_becomes_a_baseline(azure: Azure, kind: Kind) -> None:
    """If this run created it: it is fresh already, and that is said aloud."""
    azure.script((LOOK, vm_reply("new", vm="vm-2", created=START)))

    request = request_reimage(azure.context(), desired(), replace(LAST, kind=kind))

    assert (request.kind, request.look.disk) == ("Baseline", disk("new", vm="vm-2"))
    assert "was created by this run, as the version that is asked for" in azure.warnings[0]


@pytest.mark.parametrize(
    ("age", "reimage"),
    [
        pytest.param(timedelta(hours=2), desired(), id="before this run"),
        pytest.param(timedelta(0), desired(exact_version="2.0"), id="another version"),
        pytest.param(None, desired(), id="nobody says when"),
    ],
)
def test_a_vm_that_was_recreated_otherwise_is_reimaged(
    azure: Azure, age: timedelta | None, reimage: DesiredReimage
) -> None:
    """Its disk may be weeks old, so that what is asked for is still to be done."""
    azure.script((LOOK, vm_reply("new", vm="vm-2", created=None if age is None else START - age)))

    request = request_reimage(azure.context(), reimage, LAST)

    assert (request.kind, request.look.disk.vm_unique_id) == ("Reimage", "vm-2")


def test_a_busy_vm_is_waited_for_before_anything_is_sent(azure: Azure) -> None:
    """A second request during an operation could preempt it."""
    azure.script((LOOK, UPDATING), (LOOK, vm_reply()), (POST, accepted()))

    assert send(azure.context(), desired(), BASELINE).link == LINK
    assert azure.warnings == []


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(BASELINE, id="baseline"),
        pytest.param(as_recovered(requested(disk("older"))), id="request"),
        pytest.param(None, id="created"),
    ],
)
def test_what_a_busy_vm_was_at_is_told_once_and_ours_is_sent(azure: Azure, last: Record | None) -> None:
    """Its new disk is that of someone else, or of a run that was killed before it was saved."""
    azure.script((LOOK, UPDATING), (LOOK, UPDATING), (LOOK, vm_reply("theirs")), (POST, accepted()))

    record = send(azure.context(), desired(), last)

    assert (record.link, record.recovered, record.before) == (LINK, False, disk("theirs"))
    (said,) = azure.warnings
    assert "The disk was old, and is now theirs." in said


def test_a_busy_vm_is_guarded_as_it_is_when_it_has_settled(azure: Azure) -> None:
    """The other operation may have changed what a guard is about."""
    azure.script((LOOK, UPDATING), (LOOK, vm_reply(delete_option="Delete")))

    with pytest.raises(RefusedError, match="require_delete_option is Detach"):
        request_reimage(azure.context(), desired(guards=Guards(require_delete_option="Detach")), LAST)

    assert azure.http.posts == 0


def test_a_vm_that_is_busy_when_the_request_comes_is_guarded_again(azure: Azure) -> None:
    """ARM did not execute that request, and the next one is a decision of its own."""
    busy = refused(409, "AnotherOperationInProgress", "Another operation is in progress.")
    azure.script((LOOK, vm_reply()), (POST, busy), (LOOK, vm_reply(delete_option="Delete")))

    with pytest.raises(RefusedError, match="require_delete_option is Detach"):
        send(azure.context(), desired(guards=Guards(require_delete_option="Detach")), BASELINE)

    assert azure.http.posts == 1


def test_a_vm_that_cannot_be_looked_at_is_not_reimaged(azure: Azure) -> None:
    """Without a look before it, a lost answer could never be understood."""
    azure.http.forever(LOOK, httpx.ConnectError("no route"))

    with pytest.raises(ConfigurationError, match="Nothing was sent; no disk was touched"):
        send(azure.context(), desired(), BASELINE)

    assert azure.http.posts == 0


# Begin while the last operation may still run


@pytest.mark.parametrize("end", [succeeded(), ended("Failed"), ended("Canceled")], ids=["ok", "bad", "off"])
def test_the_last_operation_ends_before_the_next_is_sent(azure: Azure, end: Reply) -> None:
    """However it ends; behind one that ended badly, a repeat of it may still arrive."""
    azure.script(
        (POLL, running(retry_after="20")),
        (POLL, running()),
        (POLL, end),
        (LOOK, vm_reply("middle")),
        (POST, accepted()),
    )

    record = send(azure.context(), desired(), requested())

    assert record.before == disk("middle")
    assert azure.clock.slept[:2] == [20.0, 10.0]
    assert azure.clock.elapsed == (30.0 if end == succeeded() else FENCE_SECONDS)
    assert azure.progress[:2] == ["web: waiting for the last reimage to end"] * 2


@pytest.mark.parametrize(
    "failure", [Reply(503), Reply(429), httpx.ReadTimeout("")], ids=["503", "429", "timeout"]
)
def test_a_moment_without_an_answer_does_not_hide_that_the_last_one_runs(
    azure: Azure, failure: Answer
) -> None:
    """Else the next would be sent while it runs."""
    azure.script(
        (POLL, failure),
        (POLL, running()),
        (POLL, succeeded()),
        (LOOK, vm_reply("middle")),
        (POST, accepted()),
    )

    assert send(azure.context(), desired(), requested()).link == LINK


@pytest.mark.parametrize("status_code", [403, 404, 410])
def test_a_last_operation_that_arm_forgot_costs_one_question_and_the_fence(
    azure: Azure, status_code: int
) -> None:
    """It ended long ago; whether ReimageResult repeated it is not known here."""
    azure.script((POLL, Reply(status_code)), (LOOK, vm_reply("later")), (POST, accepted()))

    assert send(azure.context(), desired(), requested()).link == LINK
    assert azure.clock.elapsed == FENCE_SECONDS


@pytest.mark.parametrize(
    ("answer", "words"),
    [(running(), "is still running"), (Reply(503), "may still be running")],
    ids=["running", "silent"],
)
def test_a_last_operation_that_does_not_end_in_time_stops_the_next(
    azure: Azure, answer: Reply, words: str
) -> None:
    """Nothing is sent over it."""
    azure.http.forever(POLL, answer)

    with pytest.raises(OperationStillRunningError, match=f"{words}, so the new one was not sent") as caught:
        send(azure.context(60.0), desired(), requested())

    assert caught.value.correlation_id == IDS.correlation_id
    assert azure.clock.elapsed == 60.0
    assert azure.http.posts == 0


@pytest.mark.parametrize(
    "last",
    [pytest.param(as_recovered(requested()), id="recovered"), pytest.param(requested(), id="unreadable")],
)
def test_a_last_operation_that_only_the_vm_knows_of_is_waited_for(azure: Azure, last: Record) -> None:
    """Its disk is not there yet: what runs is the last reimage, and the next is still to be sent."""
    if last.link:
        azure.script((POLL, Reply(403)))
    azure.script((LOOK, UPDATING), (LOOK, UPDATING), (LOOK, vm_reply("middle")), (POST, accepted()))

    record = send(azure.context(), desired(), last)

    assert record.before == disk("middle")
    assert record.link == LINK


def test_an_ephemeral_vm_that_is_busy_is_waited_for(azure: Azure) -> None:
    """Nobody can tell what ran, and whatever it was is no answer to this request."""
    last = as_recovered(requested(disk(ephemeral=True)))
    azure.script(
        (LOOK, vm_reply(ephemeral=True, state="Updating")),
        (LOOK, vm_reply(ephemeral=True)),
        (POST, accepted()),
    )

    assert send(azure.context(), desired(), last).link == LINK
    assert azure.warnings == []


# Status


def test_the_status_is_one_question(azure: Azure) -> None:
    """For a preview."""
    azure.script((POLL, running()))

    assert poll_once(azure.context(), requested()) == StillRunning(LINK, 10.0)


def test_a_record_without_a_link_has_no_status(azure: Azure) -> None:
    """There is nothing to ask."""
    assert poll_once(azure.context(), BASELINE) is None


# Wait


def test_a_reimage_is_followed_to_its_end_and_verified(azure: Azure) -> None:
    """A reimage of 75 seconds costs four pauses of what ARM asked for."""
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


def test_progress_tells_how_long_it_has_taken(azure: Azure) -> None:
    """Since Azure accepted it, also when another run did the waiting before."""
    azure.clock.elapsed = 100.0
    azure.script((POLL, running()), (POLL, Reply(503)), (POLL, succeeded()), (LOOK, vm_reply("new")))

    wait_for_reimage(azure.context(), requested())

    assert azure.progress == [
        "web: reimage InProgress, 100 s",
        "web: reimage InProgress, 100 s",
        "web: ARM did not answer (HTTP 503), polling again",
        "web: reimaged, checking the VM",
    ]


@pytest.mark.parametrize(
    ("passed", "first_pause"),
    [
        pytest.param(0.0, 30.0, id="at once"),
        pytest.param(12.0, 18.0, id="a little later"),
        pytest.param(3600.0, 0.0, id="in another run"),
        pytest.param(-3600.0, 30.0, id="on a machine whose clock is behind"),
    ],
)
def test_the_first_pause_counts_from_the_request(azure: Azure, passed: float, first_pause: float) -> None:
    """Machines that queued up meanwhile do not wait again."""
    record = replace(requested(retry_after=30.0), requested_at=START - timedelta(seconds=passed))
    azure.script((POLL, succeeded()), (LOOK, vm_reply("new")))

    wait_for_reimage(azure.context(), record)

    assert azure.clock.slept == [first_pause]


def test_a_request_without_a_time_is_followed_too(azure: Azure) -> None:
    """State may have been written by another version."""
    azure.script((POLL, succeeded()), (LOOK, vm_reply("new")))

    result = wait_for_reimage(azure.context(), replace(requested(), requested_at=None))

    assert result.status == "Succeeded"


@pytest.mark.parametrize("word", ["Failed", "Canceled"])
def test_a_reimage_that_ended_badly_says_why_and_what_is_next(azure: Azure, word: str) -> None:
    """With ARM's words, and without a second request in this run."""
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
    """After ARM's own words, and before the advice."""
    azure.script((POLL, ended("Failed", code, "It broke.")))

    with pytest.raises(OperationFailedError, match=f"It broke. {disk}") as caught:
        wait_for_reimage(azure.context(), requested())

    advised = advice(ArmError(code))
    assert caught.value.message.endswith(f". Data disks were not touched. {advised}")


def test_a_reimage_that_failed_without_a_word_is_told_too(azure: Azure) -> None:
    """ARM's contract asks for a reason, and ARM may break it; one space stands between the sentences."""
    azure.script((POLL, Reply(200, {"status": "Failed"})))

    with pytest.raises(OperationFailedError) as caught:
        wait_for_reimage(azure.context(), requested())

    assert caught.value.message == (
        "Azure ended the reimage of web with Failed: no reason given. The OS disk may be lost or half built. "
        "Data disks were not touched."
    )


# Wait, and the time is up


def test_at_the_timeout_the_operation_is_kept(azure: Azure) -> None:
    """One last question is asked; the message says how to go on."""
    azure.http.forever(POLL, running())

    with pytest.raises(OperationStillRunningError, match="is still running after its timeout") as caught:
        wait_for_reimage(azure.context(60.0), requested())

    assert "resumes the wait and sends nothing" in caught.value.message
    assert azure.clock.elapsed == 60.0


def test_a_timeout_without_an_answer_does_not_say_that_it_runs(azure: Azure) -> None:
    """Nobody knows."""
    azure.http.forever(POLL, Reply(503))

    with pytest.raises(OperationStillRunningError, match=r"cannot be read yet: .*HTTP 503.*sends nothing"):
        wait_for_reimage(azure.context(60.0), requested())

    assert azure.clock.elapsed == 60.0


def test_a_resumed_wait_needs_no_second_request(azure: Azure) -> None:
    """The same record goes on."""
    record = requested()
    azure.script(*[(POLL, running())] * 3)
    with pytest.raises(OperationStillRunningError):
        wait_for_reimage(azure.context(25.0), record)

    azure.script((POLL, succeeded()), (LOOK, vm_reply("new")))
    result = wait_for_reimage(azure.context(), record)

    assert result.operation_id == OPERATION_ID
    assert azure.http.posts == 0


def test_signing_in_that_fails_keeps_the_operation(azure: Azure) -> None:
    """An assertion of a pipeline expires while it waits."""
    azure.script((POLL, running()))
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: AADSTS700024.")
    azure.tokens.fails_from = 2

    with pytest.raises(
        OperationStillRunningError, match=r"may still be running.*AADSTS700024.*resumes"
    ) as caught:
        wait_for_reimage(azure.context(), requested())

    assert caught.value.__cause__ is azure.tokens.failure


# Wait, and only the VM tells


def test_a_stored_link_of_another_endpoint_is_ignored_loudly(azure: Azure) -> None:
    """No token goes there; the VM tells."""
    record = requested(link=Link("https://evil.example/subscriptions/1", "Location"))
    azure.script((LOOK, vm_reply("new")))

    result = wait_for_reimage(azure.context(), record)

    assert result.recovered
    assert "not one of the configured Azure endpoint" in azure.warnings[0]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(as_recovered(requested()), id="recovered"),
        pytest.param(requested(link=None), id="done at once"),
    ],
)
def test_without_a_link_the_end_is_when_arm_has_settled_the_vm(azure: Azure, record: Record) -> None:
    """Then the disks are compared."""
    azure.script((LOOK, UPDATING), (LOOK, UPDATING), (LOOK, vm_reply("new")))

    result = wait_for_reimage(azure.context(), record)

    assert (result.status, result.recovered) == ("Succeeded", record.recovered)
    assert azure.clock.slept == [10.0, 10.0]


@pytest.mark.parametrize(
    ("vm", "words"),
    [
        pytest.param(vm_reply("old"), "still has its old OS disk", id="old disk"),
        pytest.param(vm_reply("OLD"), "still has its old OS disk", id="old disk in capitals"),
        pytest.param(vm_reply("new", state="Failed"), "provisioning state of the VM is Failed", id="failed"),
        pytest.param(vm_reply("old", state="Canceled"), "state of the VM is Canceled", id="canceled"),
    ],
)
def test_a_vm_that_shows_no_success_is_none(azure: Azure, vm: Reply, words: str) -> None:
    """Nobody claims what nobody saw."""
    azure.script((LOOK, vm))

    with pytest.raises(OperationFailedError, match=words) as caught:
        wait_for_reimage(azure.context(), as_recovered(requested()))

    assert caught.value.status == "Failed"
    assert "nothing shows that it was done" in caught.value.message


def test_an_ephemeral_disk_keeps_its_id(azure: Azure) -> None:
    """That is no sign of a failure."""
    azure.script((LOOK, vm_reply(ephemeral=True)))

    result = wait_for_reimage(azure.context(), as_recovered(requested(disk(ephemeral=True))))

    assert result.status == "Succeeded"


# Verify


def test_a_success_that_leaves_the_old_disk_is_none(azure: Azure) -> None:
    """What counts is the machine; it is given a minute to show it."""
    azure.script((POLL, succeeded()))
    azure.http.forever(LOOK, vm_reply("old"))

    with pytest.raises(OperationFailedError, match="the VM still has its old OS disk") as caught:
        wait_for_reimage(azure.context(), requested())

    assert "nothing shows that it was done" in str(caught.value)
    assert sum(azure.clock.slept) == 70.0
    assert azure.http.posts == 0


def test_a_vm_that_shows_its_new_disk_late_was_reimaged(azure: Azure) -> None:
    """Not every server of ARM knows at once."""
    azure.script((POLL, succeeded()), (LOOK, vm_reply("old")), (LOOK, vm_reply("new")))

    assert wait_for_reimage(azure.context(), requested()).status == "Succeeded"
    assert azure.warnings == []


def test_a_vm_that_was_replaced_meanwhile_is_told(azure: Azure) -> None:
    """The result shows the disk of the new one."""
    azure.script((POLL, succeeded()), (LOOK, vm_reply("new", vm="vm-2")))

    result = wait_for_reimage(azure.context(), requested())

    assert result.after.vm_unique_id == "vm-2"
    assert "was deleted and created again since its reimage was requested" in azure.warnings[0]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        pytest.param(refused(404, "ResourceNotFound", "It was not found."), "It was not found.", id="404"),
        pytest.param(httpx.ConnectError("no route"), "no route", id="not reached"),
    ],
)
def test_a_vm_that_cannot_be_read_afterwards_is_asked_by_the_next_run(
    azure: Azure, failure: Answer, words: str
) -> None:
    """The operation is kept."""
    azure.script((POLL, succeeded()))
    azure.http.forever(LOOK, failure)

    with pytest.raises(
        OperationStillRunningError, match=f"{words}.* The next `pulumi up` continues from here"
    ):
        wait_for_reimage(azure.context(), requested())


def test_a_vm_that_does_not_settle_is_asked_by_the_next_run(azure: Azure) -> None:
    """At the deadline."""
    azure.http.forever(LOOK, UPDATING)

    with pytest.raises(OperationStillRunningError, match=r"still working on the VM \(Updating\)"):
        wait_for_reimage(azure.context(25.0), as_recovered(requested()))

    assert azure.clock.slept == [10.0, 10.0, 5.0]


# No secrets


def test_no_message_ever_has_the_operations_url(azure: Azure) -> None:
    """It is a pointer with a signature, and 3 KB long."""
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
