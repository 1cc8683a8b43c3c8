"""What the VM itself says when ARM's answer was lost, or when it is busy."""

import httpx
import pytest

from pulumi_azure_reimage.arm.virtual_machine import DiskFacts, VirtualMachine
from pulumi_azure_reimage.errors import ConfigurationError, OutcomeUnknownError, RequestRejectedError
from pulumi_azure_reimage.reimage.reconcile import (
    RECONCILE_WINDOW,
    known_disk,
    recover_lost_answer,
    report_replaced_disk,
    wait_for_other_operation,
    wait_until_settled,
)
from pulumi_azure_reimage.reimage.record import Record, as_recovered

from ..fakes import IDS, LOOK, Answer, Azure, Reply, disk, refused, requested, vm_reply

RECORD = requested(link=None, retry_after=0.0)
FIRST = VirtualMachine("web", "Succeeded", '"1"', disk())
EPHEMERAL = VirtualMachine("web", "Succeeded", '"1"', disk(ephemeral=True))


def ask(azure: Azure, first: VirtualMachine = FIRST) -> Record:
    """Find out what became of a POST without an answer."""
    return recover_lost_answer(azure.context(), first, RECORD, "ARM answered 504")


# A lost answer


@pytest.mark.parametrize(
    "sign",
    [
        pytest.param(vm_reply("new"), id="a new disk"),
        pytest.param(vm_reply(state="Updating"), id="ARM is at work"),
        pytest.param(vm_reply("new", state="Failed"), id="a new disk on a VM that failed"),
    ],
)
def test_a_sign_on_the_vm_is_taken_for_the_reimage(azure: Azure, sign: Reply) -> None:
    """The record says that it was recovered, and is followed like any other."""
    azure.script((LOOK, vm_reply()), (LOOK, vm_reply()), (LOOK, sign))

    assert ask(azure) == as_recovered(RECORD)
    assert azure.clock.slept == [10.0, 10.0]
    assert "was lost (ARM answered 504)" in azure.warnings[0]


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param(vm_reply(), id="nothing moved"),
        pytest.param(vm_reply(etag='"2"'), id="only the etag of a managed disk"),
        pytest.param(vm_reply("OLD"), id="the same id in capitals"),
        pytest.param(vm_reply(None), id="an id is missing"),
    ],
)
def test_no_sign_for_the_whole_window_is_told_and_nothing_is_sent(azure: Azure, nothing: Reply) -> None:
    """Two to three minutes, every ten seconds."""
    azure.http.forever(LOOK, nothing)

    with pytest.raises(OutcomeUnknownError) as caught:
        ask(azure)

    assert 120 <= azure.clock.elapsed <= 180
    assert azure.clock.slept == [10.0] * 15
    assert "no sign that it started" in caught.value.message
    assert "run `pulumi up` again to send it" in caught.value.message
    assert caught.value.correlation_id == IDS.correlation_id
    assert azure.http.posts == 0


def test_a_disk_that_was_not_known_before_proves_nothing(azure: Azure) -> None:
    """Its id may only have been missing in the first answer."""
    azure.http.forever(LOOK, vm_reply("new"))

    with pytest.raises(OutcomeUnknownError):
        ask(azure, VirtualMachine("web", "Succeeded", '"1"', disk(None)))


def test_an_ephemeral_disk_that_moved_was_probably_reimaged(azure: Azure) -> None:
    """That it is not certain is said aloud."""
    azure.script((LOOK, vm_reply(ephemeral=True)), (LOOK, vm_reply(ephemeral=True, etag='"2"')))

    assert ask(azure, EPHEMERAL) == as_recovered(RECORD)
    assert "probably reimaged" in azure.warnings[-1]


def test_an_ephemeral_disk_that_did_not_move_is_unknown(azure: Azure) -> None:
    """As for a managed one."""
    azure.http.forever(LOOK, vm_reply(ephemeral=True))

    with pytest.raises(OutcomeUnknownError):
        ask(azure, EPHEMERAL)


def test_another_vm_ends_the_search(azure: Azure) -> None:
    """It was created again, so nothing can be found out."""
    azure.script((LOOK, vm_reply("new", vm="vm-2")))

    with pytest.raises(OutcomeUnknownError, match="deleted and created again"):
        ask(azure)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        pytest.param(httpx.ConnectError("no route"), "no route", id="not reached"),
        pytest.param(httpx.ReadTimeout(""), "did not answer", id="no answer"),
        pytest.param(refused(403, "AuthorizationFailed", "Not you."), "Not you.", id="refused"),
        pytest.param(Reply(503), "HTTP 503", id="503"),
    ],
)
def test_a_vm_that_cannot_be_read_is_unknown_and_not_unsent(
    azure: Azure, failure: Answer, words: str
) -> None:
    """The request was sent: no error may sound as if it had not been."""
    azure.http.forever(LOOK, failure)

    with pytest.raises(OutcomeUnknownError, match="may have started") as caught:
        ask(azure)

    assert words in caught.value.message


def test_signing_in_that_fails_now_is_unknown_and_not_unsent(azure: Azure) -> None:
    """A token can expire at the worst moment."""
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")

    with pytest.raises(OutcomeUnknownError, match=r"may have started: .*expired\. It was not sent again"):
        ask(azure)


def test_a_vm_that_is_unreadable_for_a_while_is_asked_again(azure: Azure) -> None:
    """The network that lost the answer may be away for a moment."""
    lost = httpx.ReadTimeout("")
    azure.script(*[(LOOK, lost)] * 4, (LOOK, vm_reply("new")))

    assert ask(azure).recovered


def test_the_last_look_decides_what_is_told(azure: Azure) -> None:
    """A VM that was read at the end shows no sign, whatever failed before."""
    azure.script(*[(LOOK, httpx.ReadTimeout(""))] * 4)
    azure.http.forever(LOOK, vm_reply())

    with pytest.raises(OutcomeUnknownError, match="no sign that it started"):
        ask(azure)


def test_the_window_is_two_to_three_minutes() -> None:
    """A reimage that ARM accepted shows on the VM within it."""
    assert 120 <= RECONCILE_WINDOW <= 180


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
    """Whatever ran there was not this update's reimage, which is still to be sent."""
    azure.script((LOOK, vm_reply(state="Updating")), (LOOK, now))

    assert wait_for_other_operation(azure.context(), first) == VirtualMachine.from_body(now.body)
    assert azure.clock.slept == [10.0, 10.0]
    assert azure.progress == ["web: waiting for another operation (Updating)"] * 2
    assert azure.warnings == []


def test_a_vm_that_was_created_anew_meanwhile_is_not_reimaged(azure: Azure) -> None:
    """The next run takes it as a baseline."""
    azure.script((LOOK, vm_reply("new", vm="vm-2")))

    with pytest.raises(RequestRejectedError, match="which records the new VM as a new baseline"):
        wait_for_other_operation(azure.context(), UPDATING)


def test_a_vm_that_stays_busy_is_given_up_at_the_deadline(azure: Azure) -> None:
    """Not a second later."""
    azure.http.forever(LOOK, vm_reply(state="Updating"))

    with pytest.raises(RequestRejectedError, match=r"still busy with another operation \(Updating\)"):
        wait_until_settled(azure.context(25.0), UPDATING)

    assert azure.clock.slept == [10.0, 10.0, 5.0]


def test_the_first_look_may_have_a_pause_of_its_own(azure: Azure) -> None:
    """ARM may have asked for it."""
    azure.script((LOOK, vm_reply(state="Updating")), (LOOK, vm_reply()))

    wait_until_settled(azure.context(), UPDATING, 90.0)

    assert azure.clock.slept == [90.0, 10.0]


# A disk that others replaced


def test_a_disk_that_others_replaced_is_named_before_and_now(azure: Azure) -> None:
    """A fact, and no answer to any request."""
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


def test_only_a_baseline_knows_the_disk_that_the_vm_should_have() -> None:
    """After a request, state holds the disk before it, which is gone."""
    now = VirtualMachine("web", "Succeeded", None, disk("new"))

    assert known_disk(Record(before=disk("old")), now) == disk("old")
    assert known_disk(RECORD, now) == disk("new")
    assert known_disk(None, now) == disk("new")
