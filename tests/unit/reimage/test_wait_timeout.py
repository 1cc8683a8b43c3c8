"""The wait for a reimage whose time is up, or that cannot be read. The next run resumes and sends nothing."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from pulumi_azure_reimage.errors import (
    ConfigurationError,
    OperationFailedError,
    OperationStillRunningError,
)
from pulumi_azure_reimage.reimage.record import as_recovered
from pulumi_azure_reimage.reimage.run import VIEW_SECONDS
from pulumi_azure_reimage.reimage.wait import wait_for_reimage

from ..fakes import (
    LOOK,
    OPERATION_ID,
    POLL,
    START,
    Answer,
    Azure,
    Reply,
    disk,
    refused,
    requested,
    running,
    succeeded,
    vm_reply,
)

UPDATING = vm_reply(state="Updating")


# Wait, and the time is up


def test_at_the_timeout_the_operation_is_kept(azure: Azure) -> None:
    """There is one last poll, and the message says how to continue."""
    azure.http.forever(POLL, running())

    with pytest.raises(OperationStillRunningError, match="is still running after its timeout") as caught:
        wait_for_reimage(azure.context(60.0), requested())

    assert "resumes the wait and sends nothing" in caught.value.message
    assert azure.clock.elapsed == 60.0


def test_a_timeout_without_an_answer_does_not_say_that_it_runs(azure: Azure) -> None:
    """It is not known whether the operation runs."""
    azure.http.forever(POLL, Reply(503))

    with pytest.raises(OperationStillRunningError, match=r"cannot be read yet: .*HTTP 503.*sends nothing"):
        wait_for_reimage(azure.context(60.0), requested())

    assert azure.clock.elapsed == 60.0


def test_a_resumed_wait_needs_no_second_request(azure: Azure) -> None:
    """The same record is used again."""
    record = requested()
    azure.script(*[(POLL, running())] * 3)
    with pytest.raises(OperationStillRunningError):
        wait_for_reimage(azure.context(25.0), record)

    azure.script((POLL, succeeded()), (LOOK, vm_reply("new")))
    result = wait_for_reimage(azure.context(), record)

    assert result.operation_id == OPERATION_ID
    assert azure.http.posts == 0


def test_signing_in_that_fails_keeps_the_operation(azure: Azure) -> None:
    """A pipeline's assertion may expire during the wait."""
    azure.script((POLL, running()))
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: AADSTS700024.")
    azure.tokens.fails_from = 2

    with pytest.raises(
        OperationStillRunningError, match=r"may still be running.*AADSTS700024.*resumes"
    ) as caught:
        wait_for_reimage(azure.context(), requested())

    assert caught.value.__cause__ is azure.tokens.failure


# Verify


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        pytest.param(refused(404, "ResourceNotFound", "It was not found."), "It was not found.", id="404"),
        pytest.param(httpx.ConnectError("no route"), "no route", id="not reached"),
    ],
)
def test_a_vm_that_cannot_be_read_afterwards_is_read_by_the_next_run(
    azure: Azure, failure: Answer, words: str
) -> None:
    """The operation is kept."""
    azure.script((POLL, succeeded()))
    azure.http.forever(LOOK, failure)

    with pytest.raises(
        OperationStillRunningError, match=f"{words}.* The next `pulumi up` continues from here"
    ):
        wait_for_reimage(azure.context(), requested())


@pytest.mark.parametrize("time_scale", [1.0, 0.5])
def test_a_vm_that_may_not_be_read_afterwards_is_looked_at_for_as_long_as_a_server_may_be_late(
    azure: Azure, time_scale: float
) -> None:
    """The wait does not last for the whole timeout. On a simulator, this time is scaled."""
    azure.script((POLL, succeeded()))
    azure.http.forever(LOOK, refused(403, "AuthorizationFailed"))

    with pytest.raises(OperationStillRunningError, match="cannot be read yet"):
        wait_for_reimage(replace(azure.context(), time_scale=time_scale), requested())

    assert VIEW_SECONDS * time_scale <= azure.clock.elapsed <= VIEW_SECONDS * time_scale + 20.0
    assert azure.progress[-1] == "the VM cannot be read, trying again"


def test_a_vm_that_can_be_read_in_between_is_looked_at_again(azure: Azure) -> None:
    """Servers differ, and a single answer shows that the identity may read the VM."""
    denied = refused(403, "AuthorizationFailed")
    looks = [denied, *[UPDATING] * 5, denied, vm_reply("new")]
    azure.script((POLL, succeeded()), *((LOOK, look) for look in looks))

    assert wait_for_reimage(azure.context(), requested()).operation_id == OPERATION_ID


def test_a_vm_that_does_not_settle_is_left_to_the_next_run(azure: Azure) -> None:
    """The wait ends at the deadline."""
    azure.http.forever(LOOK, UPDATING)

    with pytest.raises(OperationStillRunningError, match=r"still working on the VM \(Updating\)"):
        wait_for_reimage(azure.context(25.0), as_recovered(requested()))

    assert azure.clock.slept == [10.0, 10.0, 5.0]


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param(Reply(200), id="empty"),
        pytest.param(Reply(200, b"<html>"), id="HTML"),
        pytest.param(Reply(200, b'{"id": "', cut=httpx.ReadError("reset")), id="cut"),
        pytest.param(httpx.ReadError("reset"), id="reset"),
        pytest.param(httpx.ConnectError("refused"), id="refused"),
        pytest.param(Reply(503), id="503"),
        pytest.param(Reply(302), id="redirect"),
        pytest.param(Reply(403), id="403"),
    ],
)
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("timeout", [3600.0, 0.0], ids=["in time", "at the deadline"])
def test_a_look_that_fails_does_not_end_a_wait_for_what_has_ended_well(
    azure: Azure, lost: Answer, times: int, timeout: float
) -> None:
    """The VM is looked at again, as after a reset, even if the operation ended in the last second."""
    azure.script((POLL, succeeded()), *[(LOOK, lost)] * times, (LOOK, vm_reply("new")))

    assert wait_for_reimage(azure.context(timeout), requested()).after == disk("new")


def test_a_vm_that_stays_unreadable_is_left_to_the_next_run_at_the_deadline(azure: Azure) -> None:
    """It is looked at until then, and no longer."""
    azure.script((POLL, succeeded()))
    azure.http.forever(LOOK, Reply(200, b"<html>"))

    with pytest.raises(OperationStillRunningError, match=r"could not be read.* continues from here"):
        wait_for_reimage(azure.context(600.0), requested())

    assert 600.0 <= azure.clock.elapsed < 620.0


@pytest.mark.parametrize(
    "late",
    [vm_reply("old"), vm_reply("old", state="Updating"), vm_reply("new", state="Updating")],
    ids=["old disk", "old disk and busy", "new disk and busy"],
)
@pytest.mark.parametrize("timeout", [0.0, 5.0, -100.0])
def test_a_view_that_is_late_at_the_deadline_is_waited_for(azure: Azure, late: Reply, timeout: float) -> None:
    """The operation has succeeded and its disk appears within a minute, so an error would be wrong."""
    azure.script((POLL, succeeded()), *[(LOOK, late)] * 6, (LOOK, vm_reply("new")))

    assert wait_for_reimage(azure.context(timeout), requested()).after == disk("new")


@pytest.mark.parametrize("timeout", [0.0, 10.0, -5.0])
def test_the_grace_at_the_deadline_ends_after_a_minute(azure: Azure, timeout: float) -> None:
    """A disk that is not shown by then is an error."""
    azure.script((POLL, succeeded()))
    azure.http.forever(LOOK, vm_reply("old"))

    with pytest.raises(OperationFailedError, match="still has its old OS disk"):
        wait_for_reimage(azure.context(timeout), requested())

    assert azure.clock.elapsed == max(0.0, timeout) + 60.0


def test_the_grace_of_a_simulator_is_as_much_shorter_as_its_fence(azure: Azure) -> None:
    """Its VM shows a new disk immediately."""
    azure.script((POLL, succeeded()))
    azure.http.forever(LOOK, vm_reply("old"))

    with pytest.raises(OperationFailedError, match="still has its old OS disk"):
        wait_for_reimage(replace(azure.context(0.0), time_scale=0.1), requested())

    assert azure.clock.elapsed == pytest.approx(6.0)


@pytest.mark.parametrize(("hours", "seconds"), [(1, 10.0), (0, 10.0), (-1, 0.0)])
def test_a_clock_that_was_set_back_makes_the_wait_no_longer(azure: Azure, hours: int, seconds: float) -> None:
    """The state may come from a machine whose clock was ahead. ARM's pause is the longest wait."""
    record = replace(requested(), requested_at=START + timedelta(hours=hours), retry_after=10.0)
    azure.script((POLL, succeeded()), (LOOK, vm_reply("new")))

    assert wait_for_reimage(azure.context(), record).after == disk("new")
    assert azure.clock.elapsed == seconds
