"""The wait for a reimage whose operation does not report its end. The VM and the activity log show it."""

from dataclasses import replace

import httpx
import pytest

from pulumi_azure_reimage.errors import ConfigurationError, OperationFailedError, OperationStillRunningError
from pulumi_azure_reimage.reimage.log_witness import LOG_INTERVAL
from pulumi_azure_reimage.reimage.record import Record, as_recovered
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS, LOG_SECONDS
from pulumi_azure_reimage.reimage.troubleshooting import Disk
from pulumi_azure_reimage.reimage.wait import verify_reimage, wait_for_reimage

from ..fakes import IDS, LOG, LOOK, POLL, START, Azure, Reply, disk, requested, succeeded, vm_reply
from .steps import NOTHING_LOGGED, logged

LOST = replace(as_recovered(requested()), seen_at=START)
EPHEMERAL = replace(LOST, before=disk(ephemeral=True))
NEW = vm_reply("new")
NEW_EPHEMERAL = vm_reply(ephemeral=True)
# Gateways and proxies were seen to answer with these to a poll although the operation continued.
ODD = [
    *(Reply(status, headers={"Retry-After": "0"}) for status in (400, 404, 405, 410, 423, 425, 499)),
    Reply(200, b"<html>", {"Retry-After": "0"}),
    Reply(204, headers={"Retry-After": "0"}),
    Reply(200, b'{"properties": {"provisioningState": "Succeeded"}}', {"Retry-After": "0"}),
]


def log(*statuses: str, error: str = "") -> Reply:
    """Return the activity log with these events of our request."""
    return logged(*statuses, correlation=IDS.client_request_id, error=error)


# The VM


@pytest.mark.parametrize(
    ("vm", "words"),
    [
        pytest.param(vm_reply("old"), "still has its old OS disk", id="old disk"),
        pytest.param(vm_reply("OLD"), "still has its old OS disk", id="old disk in capitals"),
        pytest.param(vm_reply("new", state="Failed"), "provisioning state of the VM is Failed", id="failed"),
        pytest.param(vm_reply("old", state="Canceled"), "state of the VM is Canceled", id="canceled"),
        pytest.param(vm_reply("new", vm="vm-2"), "was deleted and created again", id="another VM"),
    ],
)
@pytest.mark.parametrize("timeout", [3600.0, 5.0, -5.0])
def test_without_a_sign_on_the_vm_within_the_fence_there_is_no_success(
    azure: Azure, vm: Reply, words: str, timeout: float
) -> None:
    """A view of the VM may be late, so one look proves nothing, even if the time is up."""
    azure.http.forever(LOOK, vm)

    with pytest.raises(OperationFailedError, match=words) as caught:
        wait_for_reimage(azure.context(timeout), LOST)

    assert (caught.value.status, caught.value.disk) == ("Failed", Disk.UNKNOWN.name)
    assert "nothing shows that it was done" in caught.value.message
    assert sum(azure.clock.slept) == FENCE_SECONDS


def test_a_vm_that_shows_its_new_disk_after_a_late_view_was_reimaged(azure: Azure) -> None:
    """The VM is looked at until the fence has passed."""
    azure.script((LOOK, vm_reply("old")), (LOOK, vm_reply("old")), (LOOK, NEW))

    assert wait_for_reimage(azure.context(), LOST).status == "Succeeded"


def test_a_gateway_that_refuses_polls_does_not_hide_an_operation_that_continues(azure: Azure) -> None:
    """Some gateways answer a poll with 400, 405 or 410 (seen). The VM is busy, so the wait continues."""
    azure.script(
        *[(POLL, Reply(400))] * 4,
        *[(LOOK, vm_reply(state="Updating"))] * 3,
        (LOOK, NEW),
    )

    result = wait_for_reimage(azure.context(), requested())

    assert (result.status, result.recovered) == ("Succeeded", True)
    assert "is determined from the VM itself" in azure.warnings[0]


def test_a_poll_that_is_forbidden_leaves_the_end_to_the_next_run(azure: Azure) -> None:
    """Once the missing role is assigned again, the operation itself reports how it ended."""
    azure.script(*[(POLL, Reply(403))] * 4)

    with pytest.raises(OperationStillRunningError, match="continues from here and sends nothing"):
        wait_for_reimage(azure.context(), requested())


@pytest.mark.parametrize("answer", ODD, ids=lambda answer: f"{answer.status} {answer.body!r}")
@pytest.mark.parametrize("ephemeral", [False, True], ids=["managed", "ephemeral"])
def test_no_number_of_bad_polls_says_how_a_reimage_ended_while_the_vm_is_not_looked_at(
    azure: Azure, answer: Reply, *, ephemeral: bool
) -> None:
    """A view that is 30 s late shows the VM idle at first. Later it is busy, and the wait continues."""
    before = disk(ephemeral=ephemeral)
    late, busy, new = (
        vm_reply(name, state=state, ephemeral=ephemeral)
        for name, state in (("old", "Succeeded"), ("old", "Updating"), ("new", "Succeeded"))
    )
    azure.script(*[(LOOK, late)] * 3, *[(LOOK, busy)] * 30)
    azure.http.forever(POLL, answer)
    azure.http.forever(LOOK, new)
    azure.http.forever(LOG, log("Accepted", "Succeeded"))

    result = wait_for_reimage(azure.context(), replace(requested(), before=before, seen_at=START))

    assert (result.status, result.recovered) == ("Succeeded", True)


@pytest.mark.parametrize("answer", ODD, ids=lambda answer: f"{answer.status} {answer.body!r}")
def test_one_refused_poll_is_not_the_end_of_the_wait(azure: Azure, answer: Reply) -> None:
    """The next poll reports how the operation ended."""
    azure.script((POLL, answer), (POLL, succeeded()), (LOOK, NEW))

    assert wait_for_reimage(azure.context(), requested()).recovered is False


# An ephemeral disk


@pytest.mark.parametrize(
    "vm", [NEW_EPHEMERAL, vm_reply(ephemeral=True, etag='"2"')], ids=["as it was", "moved"]
)
def test_an_ephemeral_disk_proves_nothing_without_an_end(azure: Azure, vm: Reply) -> None:
    """Its provisioning state was `Succeeded` before, and its id does not change."""
    azure.http.forever(LOOK, vm)

    with pytest.raises(OperationFailedError, match="an ephemeral OS disk does not show") as caught:
        wait_for_reimage(azure.context(), EPHEMERAL)

    assert caught.value.disk == Disk.UNKNOWN.name
    assert "no right to read that (Microsoft.Insights/eventtypes/values/read)" in caught.value.message


@pytest.mark.parametrize("record", [replace(EPHEMERAL, ended_well=True), EPHEMERAL], ids=["known", "logged"])
def test_an_ephemeral_disk_was_rebuilt_if_azure_says_so(azure: Azure, record: Record) -> None:
    """Azure says so with HTTP 200, with the end of the operation, or in the activity log."""
    azure.http.forever(LOOK, NEW_EPHEMERAL)
    azure.http.forever(LOG, log("Accepted", "Succeeded"))

    assert wait_for_reimage(azure.context(), record).status == "Succeeded"


# The activity log


@pytest.mark.parametrize(
    ("status", "error", "told", "what"),
    [
        pytest.param("Failed", "OSProvisioningTimedOut", "with Failed", Disk.REBUILT, id="rebuilt"),
        pytest.param("Failed", "AllocationFailed", "with Failed", Disk.IN_DOUBT, id="half built"),
        pytest.param("Failed", "", "no reason given", Disk.UNKNOWN, id="no reason"),
        pytest.param("Canceled", "", "with Canceled", Disk.UNKNOWN, id="canceled"),
    ],
)
def test_a_failure_that_only_the_log_knows_says_no_more_than_the_log(
    azure: Azure, status: str, error: str, told: str, what: Disk
) -> None:
    """An event can lack its reason, and then nothing shows that the disk may be wiped again."""
    azure.http.forever(LOOK, vm_reply("old", state="Failed"))
    azure.http.forever(LOG, log("Accepted", status, error=error))

    with pytest.raises(OperationFailedError, match=told) as caught:
        wait_for_reimage(azure.context(), LOST)

    assert caught.value.disk == what.name


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(log("Accepted"), "The activity log shows no end of it yet.", id="no end"),
        pytest.param(NOTHING_LOGGED, "The activity log shows no end of it yet.", id="nothing"),
        pytest.param(log("Started"), "The activity log does not decide it", id="unclear"),
        pytest.param(Reply(503), "it could not be read", id="not read"),
    ],
)
def test_a_log_that_does_not_decide_is_named_with_what_the_vm_shows(
    azure: Azure, answer: Reply, words: str
) -> None:
    """The user needs both to decide."""
    azure.http.forever(LOOK, vm_reply("old"))
    azure.http.forever(LOG, answer)

    with pytest.raises(OperationFailedError, match="still has its old OS disk") as caught:
        wait_for_reimage(azure.context(), LOST)

    assert words in caught.value.message


def test_a_new_disk_is_enough_if_the_log_cannot_be_read(azure: Azure) -> None:
    """It is known that the request was accepted, and the VM shows its result."""
    azure.script((LOOK, NEW))

    assert wait_for_reimage(azure.context(), LOST).status == "Succeeded"


def test_a_disk_that_another_client_made_after_ours_had_failed_is_no_success(azure: Azure) -> None:
    """The log has our request, so the wait continues until it has its end, regardless of the timeout."""
    azure.http.forever(LOOK, NEW)
    azure.script((LOG, log("Accepted")), (LOG, log("Accepted")))
    azure.http.forever(LOG, log("Accepted", "Failed", error="AllocationFailed"))

    with pytest.raises(OperationFailedError, match="AllocationFailed") as caught:
        wait_for_reimage(azure.context(5.0), LOST)

    assert caught.value.disk == Disk.IN_DOUBT.name
    assert sum(azure.clock.slept) == 2 * LOG_INTERVAL


def test_an_end_that_the_log_never_shows_is_not_waited_for_any_longer_than_a_log_is_late(
    azure: Azure,
) -> None:
    """The VM then shows that it ended well."""
    azure.http.forever(LOOK, NEW)
    azure.http.forever(LOG, log("Accepted"))

    assert wait_for_reimage(azure.context(5.0), LOST).status == "Succeeded"
    assert sum(azure.clock.slept) == LOG_SECONDS


@pytest.mark.parametrize("answer", [NOTHING_LOGGED, log("Started"), Reply(503), Reply(403)], ids=str)
def test_a_log_without_our_request_is_not_waited_for(azure: Azure, answer: Reply) -> None:
    """A lost answer would otherwise cost a fleet twenty minutes (docs/architecture.md has the assumption)."""
    azure.http.forever(LOOK, NEW)
    azure.http.forever(LOG, answer)

    assert wait_for_reimage(azure.context(), LOST).status == "Succeeded"
    assert sum(azure.clock.slept) < LOG_INTERVAL


def test_a_log_that_says_that_it_ended_well_does_not_hide_the_old_disk(azure: Azure) -> None:
    """Only the machine counts."""
    azure.http.forever(LOOK, vm_reply("old"))
    azure.http.forever(LOG, log("Accepted", "Succeeded"))

    with pytest.raises(OperationFailedError, match="still has its old OS disk"):
        wait_for_reimage(azure.context(), LOST)


# Another look, of the next run


def test_another_look_is_the_same_verification(azure: Azure) -> None:
    """The VM may by now show an end that was not known."""
    azure.script((LOOK, NEW))

    assert verify_reimage(azure.context(), LOST).after == disk("new")


@pytest.mark.parametrize(
    ("fails", "words"), [("the token", "AADSTS700024"), ("the network", "no route")], ids=str
)
def test_a_vm_that_cannot_be_looked_at_again_is_left_to_the_next_run(
    azure: Azure, fails: str, words: str
) -> None:
    """A failed look proves nothing."""
    azure.http.forever(LOOK, httpx.ConnectError("no route"))
    if fails == "the token":
        azure.tokens.failure = ConfigurationError("Could not sign in to Azure: AADSTS700024.")

    with pytest.raises(OperationStillRunningError, match=words):
        verify_reimage(azure.context(), LOST)


# Absurd times


NEVER = ["0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999Z", "soon", ""]


@pytest.mark.parametrize("time", NEVER)
@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 -1400", ""])
def test_meaningless_times_break_nothing(azure: Azure, time: str, date: str) -> None:
    """If .NET has no time, it writes the first or the last possible one."""
    new = vm_reply("new")
    assert isinstance(new.body, dict)
    body = {**new.body, "properties": {**new.body["properties"], "timeCreated": time}}
    done = {"status": "Succeeded", "startTime": time, "endTime": time}
    azure.script((POLL, Reply(200, done, {"Date": date})), (LOOK, Reply(200, body, {"Date": date})))

    result = wait_for_reimage(azure.context(), requested())

    assert (result.status, result.duration_seconds) == ("Succeeded", None)


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9998 23:59:59 GMT", ""])
def test_a_log_is_searched_up_to_any_date(azure: Azure, date: str) -> None:
    """If the time of the look is not known, the log is not a witness."""
    azure.http.forever(LOOK, replace(vm_reply("old"), headers={"Date": date}))

    with pytest.raises(OperationFailedError, match="still has its old OS disk"):
        wait_for_reimage(azure.context(), LOST)
