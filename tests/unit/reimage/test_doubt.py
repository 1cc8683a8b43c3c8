"""A send in doubt: an unchanged VM proves that nothing was taken, and a changed one proves nothing."""

import httpx
import pytest

from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine
from pulumi_azure_reimage.errors import ConfigurationError
from pulumi_azure_reimage.reimage.doubt import (
    Finding,
    NotTaken,
    Taken,
    Undecided,
    resolve_doubt,
    wait_for_fence,
    watch_after_send,
)
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS

from ..fakes import LOOK, Answer, Azure, Reply, disk, refused, vm_reply

FIRST = VirtualMachine("web", "Succeeded", '"1"', disk())
BEGINNING = "00000000-0000-0000-0000-1"
EPHEMERAL = VirtualMachine("web", "Succeeded", '"1"', disk(ephemeral=True))


def watch(azure: Azure, first: VirtualMachine = FIRST) -> Finding:
    """Find out what became of a POST without an answer."""
    return watch_after_send(azure.context(), first, BEGINNING)


def resolve(azure: Azure, first: VirtualMachine = FIRST) -> Finding:
    """Find out what became of a POST of an earlier run."""
    context = azure.context()
    context.run.begin_update(context.clock)
    return resolve_doubt(context, Look.at(first), BEGINNING)


# An answer that was lost in the step that sent


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
    """A POST is taken or gone by then, and the view of the VM is current."""
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
    """A stranger may have done it."""
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
    """And it is said why."""
    azure.http.forever(LOOK, failure)

    found = watch(azure)

    assert isinstance(found, Undecided)
    assert words in found.seen


def test_signing_in_that_fails_now_proves_nothing(azure: Azure) -> None:
    """A token can expire at the worst moment."""
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")

    assert watch(azure) == Undecided("The VM could not be read: Could not sign in to Azure: expired.")


def test_a_vm_that_is_unreadable_for_a_while_is_looked_at_again(azure: Azure) -> None:
    """The network that lost the answer may be away for a moment."""
    azure.script(*[(LOOK, httpx.ReadTimeout(""))] * 4, (LOOK, vm_reply("new")))

    assert watch(azure) == Taken()


def test_the_last_look_decides(azure: Azure) -> None:
    """A VM that was read at the end shows no sign, whatever failed before."""
    azure.script(*[(LOOK, httpx.ReadTimeout(""))] * 4)
    azure.http.forever(LOOK, vm_reply())

    assert isinstance(watch(azure), NotTaken)


# A send of an earlier run


@pytest.mark.parametrize("first", [FIRST, EPHEMERAL], ids=["managed", "ephemeral"])
def test_an_unchanged_vm_behind_the_fence_proves_that_nothing_was_taken(
    azure: Azure, first: VirtualMachine
) -> None:
    """The fence counts from the start of this run's update."""
    azure.http.forever(LOOK, vm_reply(ephemeral=first.disk.ephemeral))

    assert isinstance(resolve(azure, first), NotTaken)
    assert azure.clock.elapsed == FENCE_SECONDS


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(vm_reply("new"), id="another disk"),
        pytest.param(vm_reply("new", vm="vm-2"), id="another VM"),
        pytest.param(vm_reply(None), id="no id"),
    ],
)
def test_a_changed_vm_proves_nothing_and_costs_no_fence(azure: Azure, now: Reply) -> None:
    """Nothing is ever adopted because a disk is new."""
    azure.http.forever(LOOK, now)

    assert isinstance(resolve(azure), Undecided)
    assert azure.clock.elapsed == 0


def test_a_late_post_that_is_taken_behind_the_first_look_is_seen(azure: Azure) -> None:
    """That is what the fence is for."""
    azure.script((LOOK, vm_reply()), (LOOK, vm_reply(state="Updating")), (LOOK, vm_reply("new")))

    found = resolve(azure)

    assert isinstance(found, Undecided)
    assert "Its OS disk was old, and is now new" in found.seen


def test_a_busy_vm_is_waited_for_first(azure: Azure) -> None:
    """What runs may be ours."""
    azure.script((LOOK, vm_reply(state="Updating")), (LOOK, vm_reply("new")))

    assert isinstance(resolve(azure), Undecided)


def test_the_fence_is_not_cut_by_the_timeout(azure: Azure) -> None:
    """Half a fence guards nothing."""
    context = azure.context(1.0)

    wait_for_fence(context)

    assert azure.clock.elapsed == FENCE_SECONDS
    assert azure.progress[0] == "web: an earlier request may still arrive, so nothing is sent for 95 s"
