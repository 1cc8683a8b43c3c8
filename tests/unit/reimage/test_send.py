"""A request of this run is sent once, after a look at the VM and after the last operation has ended."""

import httpx
import pytest

from pulumi_azure_reimage.errors import RefusedError
from pulumi_azure_reimage.inputs.parameters import Guards
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.record import Record, as_recovered
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS
from pulumi_azure_reimage.reimage.send import send_request

from ..fakes import (
    IDS,
    LINK,
    LOOK,
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
from .steps import REQUEST_ID, decided, known, send

BASELINE = Record(before=disk())
UPDATING = vm_reply(state="Updating")


def go_on(azure: Azure, last: Record, timeout: float = 3600.0) -> Operation:
    """Send a request that this run decided on, and return what is kept."""
    context = azure.context(timeout)
    context.run.begin_update(context.clock)
    return send_request(context, decided(context), desired(), known(last))


def test_a_reimage_is_looked_at_and_sent_once(azure: Azure) -> None:
    """The step returns before the operation ends, so that the engine can save it."""
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
    """The check after the reimage needs it, possibly in another run."""
    azure.script((LOOK, vm_reply()), (POST, accepted()))

    record = send(azure.context(), desired(exact_version="2.0"), BASELINE)

    assert Record.from_state(record.to_state()).requested_version == "2.0"


def test_a_reimage_on_creation_has_no_last_record(azure: Azure) -> None:
    """There is no earlier record to compare with."""
    azure.script((LOOK, vm_reply()), (POST, accepted()))

    assert send(azure.context(), desired(temp_disk=False), None).link == LINK


def test_a_disk_that_others_replaced_is_reported_and_the_reimage_is_sent(azure: Azure) -> None:
    """Their reimage does not count as this request. Later checks compare with the disk that ours replaces."""
    azure.script((LOOK, vm_reply("theirs", version="2.0")), (POST, accepted()))

    record = send(azure.context(), desired(), BASELINE)

    assert (record.link, record.recovered) == (LINK, False)
    assert record.before == disk("theirs", version="2.0")
    (said,) = azure.warnings
    assert "was replaced by someone else" in said
    assert "The disk was old, and is now theirs." in said


@pytest.mark.parametrize("name", ["old", "new", "other"])
def test_the_disk_after_a_last_reimage_proves_nothing(azure: Azure, name: str) -> None:
    """State has only the disk before that reimage, so there is nothing to compare with."""
    azure.script((POLL, succeeded()), (LOOK, vm_reply(name)), (POST, accepted()))

    assert send(azure.context(), desired(), requested(), Look(disk(name), "")).link == LINK
    assert azure.warnings == []


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
def test_what_kept_a_vm_busy_is_reported_once_and_ours_is_sent(azure: Azure, last: Record | None) -> None:
    """The new disk comes from a stranger, or from a run that was killed before its save."""
    azure.script((LOOK, UPDATING), (LOOK, UPDATING), (LOOK, vm_reply("theirs")), (POST, accepted()))

    record = send(azure.context(), desired(), last)

    assert (record.link, record.recovered, record.before) == (LINK, False, disk("theirs"))
    (said,) = azure.warnings
    assert "The disk was old, and is now theirs." in said


def test_a_vm_that_is_busy_when_the_request_comes_is_guarded_again(azure: Azure) -> None:
    """ARM did not execute that request, and the next one needs a new decision."""
    busy = refused(409, "AnotherOperationInProgress", "Another operation is in progress.")
    azure.script((LOOK, vm_reply()), (POST, busy), (LOOK, vm_reply(delete_option="Delete")))

    with pytest.raises(RefusedError, match="require_delete_option is Detach"):
        send(azure.context(), desired(guards=Guards(require_delete_option="Detach")), BASELINE)

    assert azure.http.posts == 1


def test_a_vm_that_cannot_be_looked_at_is_not_reimaged(azure: Azure) -> None:
    """Without a look before the POST, a lost answer could never be resolved."""
    azure.http.forever(LOOK, httpx.ConnectError("no route"))

    kept = go_on(azure, BASELINE)

    assert "Nothing was sent; no disk was touched" in (kept.held or "")

    assert azure.http.posts == 0


@pytest.mark.parametrize("end", [succeeded(), ended("Failed"), ended("Canceled")], ids=["ok", "bad", "off"])
def test_the_last_operation_ends_before_the_next_is_sent(azure: Azure, end: Reply) -> None:
    """Its outcome does not matter. After a bad end, a repeat may still arrive, so the fence passes first."""
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
    assert azure.progress[:2] == ["waiting for the last reimage to end"] * 2


@pytest.mark.parametrize(
    "failure", [Reply(503), Reply(429), httpx.ReadTimeout("")], ids=["503", "429", "timeout"]
)
def test_a_moment_without_an_answer_does_not_hide_that_the_last_one_runs(
    azure: Azure, failure: Answer
) -> None:
    """Otherwise the next request would be sent while the operation runs."""
    azure.script(
        (POLL, failure),
        (POLL, running()),
        (POLL, succeeded()),
        (LOOK, vm_reply("middle")),
        (POST, accepted()),
    )

    assert send(azure.context(), desired(), requested()).link == LINK


@pytest.mark.parametrize(("status_code", "questions"), [(403, 4), (404, 1), (410, 1)])
def test_a_last_operation_that_arm_forgot_costs_its_polls_and_the_fence(
    azure: Azure, status_code: int, questions: int
) -> None:
    """It ended long ago, but this step does not know whether ReimageResult repeated it."""
    azure.script(*[(POLL, Reply(status_code))] * questions, (LOOK, vm_reply("later")), (POST, accepted()))

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
    """Nothing is sent on top of it, and the record of the last one is kept."""
    azure.http.forever(POLL, answer)

    kept = go_on(azure, requested(), timeout=60.0)

    assert f"{words}, so the new one was not sent" in (kept.held or "")
    assert str(IDS.correlation_id) in (kept.held or "")
    assert kept.record == requested()
    assert azure.clock.elapsed == 60.0
    assert azure.http.posts == 0


@pytest.mark.parametrize(
    "last",
    [pytest.param(as_recovered(requested()), id="recovered"), pytest.param(requested(), id="unreadable")],
)
def test_a_last_operation_that_only_the_vm_shows_is_waited_for(azure: Azure, last: Record) -> None:
    """Its disk is not there yet, so the running operation is the last reimage, and the next is still due."""
    if last.link:
        azure.script((POLL, Reply(404)))
    azure.script((LOOK, UPDATING), (LOOK, UPDATING), (LOOK, vm_reply("middle")), (POST, accepted()))

    record = send(azure.context(), desired(), last)

    assert record.before == disk("middle")
    assert record.link == LINK


def test_an_ephemeral_vm_that_is_busy_is_waited_for(azure: Azure) -> None:
    """It cannot be known what ran, and in no case does it count as this request."""
    last = as_recovered(requested(disk(ephemeral=True)))
    azure.script(
        (LOOK, vm_reply(ephemeral=True, state="Updating")),
        (LOOK, vm_reply(ephemeral=True)),
        (POST, accepted()),
    )

    assert send(azure.context(), desired(), last).link == LINK
    assert azure.warnings == []
