"""The third step after a failure: what is repeated, resumed, looked at again, or given up."""

from dataclasses import replace
from typing import Any

import pytest

from pulumi_azure_reimage.errors import (
    OperationFailedError,
    OperationStillRunningError,
    OutcomeUnknownError,
    RefusedError,
    RequestRejectedError,
)
from pulumi_azure_reimage.inputs.parameters import Guards
from pulumi_azure_reimage.reimage.finish import Ended
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.repeat import Failure
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS
from pulumi_azure_reimage.reimage.troubleshooting import Disk

from ..fakes import (
    LINK,
    LOG,
    LOOK,
    POLL,
    POST,
    Azure,
    Reply,
    accepted,
    desired,
    disk,
    ended,
    refused,
    running,
    succeeded,
    vm_reply,
)
from .steps import REQUEST_ID, SENT, broken, finish, logged

BEFORE = Look(disk(), "a fingerprint")
WAYS_OUT = "To reimage the VM, change a trigger and run `pulumi up`."
NO_REPEAT = "It is not sent again automatically."


def failure(what: Disk = Disk.UNTOUCHED, attempt: int = 1, **facts: Any) -> Failure:  # noqa: ANN401 - see Failure.
    """Return the failure of the request in an earlier run."""
    return Failure(what, "It broke.", attempt, **{"look": BEFORE, **facts})


# A repeat


@pytest.mark.parametrize("what", [Disk.UNTOUCHED, Disk.IN_DOUBT])
def test_a_repeat_is_sent_behind_the_fence_and_waited_for(azure: Azure, what: Disk) -> None:
    """A run in between may have sent it and been killed, so it is in doubt like any other request."""
    azure.http.forever(LOOK, vm_reply("old"))
    azure.script((POST, accepted()), (POLL, succeeded()), (LOOK, vm_reply("new")))

    found = finish(azure, failure(what))

    assert isinstance(found, Ended)
    ids = azure.http.sent[-3].headers["x-ms-client-request-id"]
    assert ids.startswith(f"{REQUEST_ID[:24]}2"), "the second attempt has its own ids"
    assert azure.clock.elapsed >= FENCE_SECONDS


def test_a_repeat_that_still_runs_is_kept_and_resumed(azure: Azure) -> None:
    """Without its own link, the next run could only find out who changed the VM."""
    azure.http.forever(LOOK, vm_reply("old"))
    azure.http.forever(POLL, running())
    azure.script((POST, accepted()))

    first = broken(finish(azure, failure(), timeout=200.0))
    sent = len(azure.http.sent)
    azure.script((POLL, succeeded()), (LOOK, vm_reply("new")))
    second = finish(azure, first.failure)

    assert isinstance(first.error, OperationStillRunningError)
    assert first.failure.sent is not None
    assert (first.failure.attempt, first.failure.sent.link) == (2, LINK)
    assert Failure.from_state(first.failure.to_state()) == first.failure
    assert isinstance(second, Ended)
    assert azure.http.posts == 1
    assert len(azure.http.sent) > sent


def test_a_repeat_that_is_resumed_and_still_runs_is_kept_unchanged(azure: Azure) -> None:
    """Every run resumes it without another request."""
    azure.http.forever(POLL, running())
    before = failure(attempt=2, sent=SENT)

    found = broken(finish(azure, before, timeout=60.0))

    assert found.failure == before
    assert azure.http.posts == 0


def test_a_repeat_that_fails_counts_as_an_attempt(azure: Azure) -> None:
    """The third attempt is the last."""
    azure.script((POLL, ended("Failed", "AllocationFailed")))

    found = broken(finish(azure, failure(attempt=3, sent=SENT)))

    assert found.failure.attempt == 3
    assert f"It was sent 3 times. {NO_REPEAT} {WAYS_OUT}" in str(found.error)


def test_a_repeat_that_the_log_knows_to_have_been_accepted_is_not_sent_again(azure: Azure) -> None:
    """It ended well while no run waited for it."""
    ours = f"{REQUEST_ID[:24]}20a1b2c3d4e5"
    azure.http.forever(LOOK, vm_reply("new"))
    azure.http.forever(LOG, logged("Accepted", "Succeeded", correlation=ours))
    look = replace(BEFORE, read_at=azure.clock.now())

    found = finish(azure, failure(look=look))

    assert isinstance(found, Ended)
    assert (found.result.recovered, found.result.correlation_id) == (True, ours)
    assert azure.http.posts == 0


def test_a_vm_that_changed_since_the_failure_is_not_wiped_on_a_guess(azure: Azure) -> None:
    """An interrupted run may have repeated it, or a stranger changed the VM. Both ways out are named."""
    azure.http.forever(LOOK, vm_reply("new"))

    with pytest.raises(OutcomeUnknownError, match="a repeat may have been accepted since") as caught:
        finish(azure, failure())

    assert WAYS_OUT in caught.value.message
    assert azure.http.posts == 0


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        pytest.param(refused(400, "BadRequest"), RequestRejectedError, "(attempt 2 of 3)", id="refused"),
        pytest.param(Reply(504), OutcomeUnknownError, "may have started", id="lost"),
    ],
)
def test_a_repeat_that_is_not_accepted_is_said_and_repeated_by_the_next_run(
    azure: Azure, answer: Reply, error: type[Exception], words: str
) -> None:
    """The next one is still attempt 2, because Azure did not work on this one."""
    azure.http.forever(LOOK, vm_reply("old"))
    azure.http.forever(POST, answer)

    with pytest.raises(error) as caught:
        finish(azure, failure())

    assert words in str(caught.value)


def test_the_guards_of_today_hold_for_a_repeat(azure: Azure) -> None:
    """A guard may have been set after the failure."""
    azure.http.forever(LOOK, vm_reply("old"))

    with pytest.raises(RefusedError, match="prevent_reimage is true"):
        finish(azure, failure(), reimage=desired(guards=Guards(prevent_reimage=True)))

    assert azure.http.posts == 0


# No repeat


def test_after_three_attempts_it_gives_up_with_both_ways_out(azure: Azure) -> None:
    """It reads nothing, and sends nothing."""
    with pytest.raises(OperationFailedError, match=r"^It broke\. It was sent 3 times\.") as caught:
        finish(azure, failure(attempt=3))

    assert WAYS_OUT in caught.value.message
    assert "pulumi up --replace" in caught.value.message
    assert azure.http.sent == []


def test_a_failure_without_a_look_is_given_up(azure: Azure) -> None:
    """It could not be found out whether a run in between has repeated it."""
    with pytest.raises(OperationFailedError, match="could not be looked at reliably"):
        finish(azure, failure(look=None))

    assert azure.http.sent == []


def test_where_the_engine_keeps_nothing_any_more_nothing_is_repeated(azure: Azure) -> None:
    """The outcome of the repeat could not be kept."""
    with pytest.raises(OperationFailedError, match=f"^It broke. {NO_REPEAT}"):
        finish(azure, failure(), keeps=False)

    assert azure.http.sent == []


def test_a_disk_that_was_rebuilt_is_looked_at_and_healthy_by_now(azure: Azure) -> None:
    """The reimage has then succeeded, and a message says so."""
    azure.script((LOOK, vm_reply("new")))

    found = finish(azure, failure(Disk.REBUILT))

    assert isinstance(found, Ended)
    assert (found.result.status, found.result.recovered) == ("Succeeded", True)
    assert azure.warnings == ["VM web is healthy now, so its reimage is recorded as successful."]


@pytest.mark.parametrize("state", ["Failed", "Updating"])
def test_a_disk_that_was_rebuilt_and_is_not_healthy_yet_is_said_again(azure: Azure, state: str) -> None:
    """The error has the same sentence and both ways out."""
    azure.script((LOOK, vm_reply("new", state=state)))

    with pytest.raises(
        OperationFailedError, match=rf"It broke\. It is not healthy yet \({state}, None\)"
    ) as caught:
        finish(azure, failure(Disk.REBUILT))

    assert WAYS_OUT in caught.value.message
    assert azure.http.posts == 0


@pytest.mark.parametrize(
    ("now", "ends"), [("new", True), ("old", False)], ids=["the VM shows it by now", "nothing shows it yet"]
)
def test_an_end_that_nothing_showed_is_looked_for_again(azure: Azure, now: str, *, ends: bool) -> None:
    """It is never sent again automatically."""
    azure.http.forever(LOOK, vm_reply(now))

    if ends:
        assert isinstance(finish(azure, failure(Disk.UNKNOWN)), Ended)
    else:
        with pytest.raises(OperationFailedError, match="nothing shows that it was done") as caught:
            finish(azure, failure(Disk.UNKNOWN))
        assert WAYS_OUT in caught.value.message

    assert azure.http.posts == 0
