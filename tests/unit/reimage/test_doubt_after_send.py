"""An answer that is lost in the step that sent: what the VM proves right afterwards, and what it does not."""

from dataclasses import replace

import httpx
import pytest

from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine
from pulumi_azure_reimage.errors import ConfigurationError
from pulumi_azure_reimage.reimage.doubt import Finding, NotTaken, Taken, Undecided, watch_after_send
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS, Run

from ..fakes import LOG, LOOK, START, Answer, Azure, Reply, disk, refused, vm_reply
from .steps import NOTHING_LOGGED, logged

FIRST = VirtualMachine("web", "Succeeded", '"1"', disk(), read_at=START)
BEGINNING = "00000000-0000-0000-0000-1"
EPHEMERAL = VirtualMachine("web", "Succeeded", '"1"', disk(ephemeral=True))


def watch(azure: Azure, first: VirtualMachine = FIRST) -> Finding:
    """Find out what became of a POST without an answer."""
    return watch_after_send(azure.context(), first, BEGINNING)


@pytest.mark.parametrize(
    "sign",
    [
        pytest.param(vm_reply("new"), id="a new disk"),
        pytest.param(vm_reply(state="Updating"), id="ARM is at work"),
        pytest.param(vm_reply("new", state="Failed"), id="a new disk on a VM that failed"),
    ],
)
def test_a_sign_on_the_vm_is_taken_for_the_reimage(azure: Azure, sign: Reply) -> None:
    """The VM was idle seconds before."""
    azure.script((LOOK, vm_reply()), (LOOK, vm_reply()), (LOOK, sign))

    assert watch(azure) == Taken()
    assert azure.clock.slept == [10.0, 10.0]


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param(vm_reply(), id="nothing moved"),
        pytest.param(vm_reply(etag='"2"'), id="only the etag of a managed disk"),
        pytest.param(vm_reply("OLD"), id="the same id in capitals"),
    ],
)
def test_no_sign_behind_the_fence_proves_that_nothing_was_taken(azure: Azure, nothing: Reply) -> None:
    """By then a POST is taken or gone, and the view of the VM is current."""
    azure.http.forever(LOOK, nothing)

    assert isinstance(watch(azure), NotTaken)
    assert azure.clock.elapsed == FENCE_SECONDS


@pytest.mark.parametrize(
    ("first", "now"),
    [
        pytest.param(FIRST, vm_reply(None), id="an id is missing now"),
        pytest.param(VirtualMachine("web", "Succeeded", None, disk(None)), vm_reply("new"), id="or before"),
        pytest.param(EPHEMERAL, vm_reply(ephemeral=True, etag='"2"'), id="an ephemeral disk moved"),
        pytest.param(FIRST, vm_reply("new", vm="vm-2"), id="another VM"),
        pytest.param(FIRST, vm_reply(ephemeral=True), id="another kind of disk"),
        pytest.param(
            VirtualMachine("web", "Succeeded", None, disk(ephemeral=True)),
            vm_reply(ephemeral=True, etag=""),
            id="an ephemeral disk without anything to compare",
        ),
    ],
)
def test_what_cannot_be_compared_proves_nothing(azure: Azure, first: VirtualMachine, now: Reply) -> None:
    """A stranger may have made the change."""
    azure.http.forever(LOOK, now)

    assert isinstance(watch(azure, first), Undecided)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        pytest.param(httpx.ConnectError("no route"), "no route", id="not reached"),
        pytest.param(httpx.ReadTimeout(""), "did not answer", id="no answer"),
        pytest.param(refused(403, "AuthorizationFailed", "Not you."), "Not you.", id="refused"),
        pytest.param(Reply(503), "HTTP 503", id="503"),
    ],
)
def test_a_vm_that_cannot_be_read_proves_nothing(azure: Azure, failure: Answer, words: str) -> None:
    """The finding says why."""
    azure.http.forever(LOOK, failure)

    found = watch(azure)

    assert isinstance(found, Undecided)
    assert words in found.seen


def test_signing_in_that_fails_now_proves_nothing(azure: Azure) -> None:
    """A token can expire at the worst moment."""
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")

    assert watch(azure) == Undecided("The VM could not be read: Could not sign in to Azure: expired.")


def test_a_vm_that_is_unreadable_for_a_while_is_looked_at_again(azure: Azure) -> None:
    """The network that lost the answer may be down for a moment."""
    azure.script(*[(LOOK, httpx.ReadTimeout(""))] * 4, (LOOK, vm_reply("new")))

    assert watch(azure) == Taken()


def test_the_last_look_decides(azure: Azure) -> None:
    """If the VM can be read at the end and shows no sign, earlier failures do not count."""
    azure.script(*[(LOOK, httpx.ReadTimeout(""))] * 4)
    azure.http.forever(LOOK, vm_reply())

    assert isinstance(watch(azure), NotTaken)


# Many machines


def test_fifty_lost_answers_are_watched_for_1_4_fences_together(azure: Azure) -> None:
    """The host has only four threads, so machines with lost answers would otherwise wait in a queue."""
    azure.http.forever(LOOK, vm_reply())
    context = replace(azure.context(36_000.0), run=Run())

    found = [watch_after_send(context, FIRST, BEGINNING) for _ in range(50)]

    assert isinstance(found[0], NotTaken)
    assert {type(finding) for finding in found[1:]} == {Undecided}
    assert azure.clock.elapsed == pytest.approx(1.4 * FENCE_SECONDS)


def test_a_machine_that_comes_last_is_still_looked_at_once(azure: Azure) -> None:
    """A VM that is busy or has another disk by then shows that the POST was taken."""
    context = azure.context()
    context.run.watched_until(context.clock, FENCE_SECONDS)
    azure.clock.elapsed += 2 * FENCE_SECONDS
    azure.script((LOOK, vm_reply("new")))

    assert watch_after_send(context, FIRST, BEGINNING) == Taken()
    assert azure.clock.slept == []


def test_a_watch_that_is_cut_short_does_not_say_that_nothing_was_taken(azure: Azure) -> None:
    """The POST may still arrive."""
    context = azure.context()
    context.run.watched_until(context.clock, FENCE_SECONDS)
    azure.clock.elapsed += FENCE_SECONDS
    azure.http.forever(LOOK, vm_reply())

    found = watch_after_send(context, FIRST, BEGINNING)

    assert isinstance(found, Undecided)
    assert found.seen == "The VM does not show it yet."


# The activity log


@pytest.mark.parametrize("statuses", [("Accepted",), ("Accepted", "Succeeded")], ids=["taken", "ended well"])
def test_the_log_says_whose_work_a_vm_is_that_changed_without_being_seen_busy(
    azure: Azure, statuses: tuple[str, ...]
) -> None:
    """The log is read once. The next run can wait for it, and this run may have more to send."""
    ours = f"{BEGINNING}-a"
    azure.http.forever(LOOK, vm_reply(ephemeral=True, etag='"2"'))
    azure.script((LOG, logged(*statuses, correlation=ours)))

    found = watch(azure, replace(EPHEMERAL, read_at=START))

    assert found == Taken(ended_well="Succeeded" in statuses, correlation_id=ours)


def test_a_log_without_our_request_proves_nothing_so_early(azure: Azure) -> None:
    """An event may be missing for 20 minutes."""
    azure.http.forever(LOOK, vm_reply(ephemeral=True, etag='"2"'))
    azure.script((LOG, NOTHING_LOGGED))

    found = watch(azure, replace(EPHEMERAL, read_at=START))

    assert isinstance(found, Undecided)
    assert "The activity log shows no end of it yet." in found.seen
