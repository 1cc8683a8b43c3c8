"""A send of an earlier run. An unchanged VM behind the fence proves that nothing was accepted."""

from dataclasses import replace

import pytest

from pulumi_azure_reimage.arm.virtual_machine import DiskFacts, VirtualMachine
from pulumi_azure_reimage.reimage.context import VmContext
from pulumi_azure_reimage.reimage.doubt import (
    Finding,
    NotTaken,
    Undecided,
    describe_change,
    resolve_doubt,
    wait_for_fence,
)
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS

from ..fakes import LOOK, START, Azure, Reply, disk, vm_reply

FIRST = VirtualMachine("web", "Succeeded", '"1"', disk(), read_at=START)
EPHEMERAL = replace(FIRST, disk=disk(ephemeral=True))
BEGINNING = "00000000-0000-0000-0000-1"


def updating(azure: Azure) -> VmContext:
    """Return the machine in a run whose update has just begun."""
    context = azure.context()
    context.run.begin_update(context.clock)
    return context


def resolve(azure: Azure, first: VirtualMachine = FIRST) -> Finding:
    """Find out what became of a POST of an earlier run."""
    return resolve_doubt(updating(azure), Look.at(first), BEGINNING)


# The VM, and the fence


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
    """A new disk is never adopted as the result of a request."""
    azure.http.forever(LOOK, now)

    assert isinstance(resolve(azure), Undecided)
    assert azure.clock.elapsed == 0


def test_a_late_post_that_is_taken_behind_the_first_look_is_seen(azure: Azure) -> None:
    """The fence exists for this case."""
    azure.script((LOOK, vm_reply()), (LOOK, vm_reply(state="Updating")), (LOOK, vm_reply("new")))

    found = resolve(azure)

    assert isinstance(found, Undecided)
    assert "Its OS disk was old, and is now new" in found.seen


def test_a_busy_vm_is_waited_for_first(azure: Azure) -> None:
    """The running operation may be ours."""
    azure.script((LOOK, vm_reply(state="Updating")), (LOOK, vm_reply("new")))

    assert isinstance(resolve(azure), Undecided)


def test_the_fence_is_not_cut_by_the_timeout(azure: Azure) -> None:
    """Half a fence would protect nothing."""
    context = azure.context(1.0)

    wait_for_fence(context)

    assert azure.clock.elapsed == FENCE_SECONDS
    assert azure.progress[0] == "an earlier request may still arrive, so nothing is sent for 95 s"


def test_the_fence_counts_from_the_start_of_the_update(azure: Azure) -> None:
    """A machine that comes later in the run waits only for the rest of the fence, or not at all."""
    context = updating(azure)
    azure.clock.elapsed += 60.0

    wait_for_fence(context)
    first = list(azure.clock.slept)
    wait_for_fence(context)

    assert sum(first) == FENCE_SECONDS - 60.0
    assert azure.clock.slept == first


def test_the_fence_begins_again_with_a_post_of_our_own(azure: Azure) -> None:
    """A program's hook can make the engine repeat a step in the same host while its POST is under way."""
    context = updating(azure)
    azure.clock.elapsed += 200.0
    context.run.note_post(context.vm_id.key, context.clock)
    azure.http.forever(LOOK, vm_reply())

    assert isinstance(resolve_doubt(context, Look.at(FIRST), BEGINNING), NotTaken)
    assert azure.clock.elapsed == 200.0 + FENCE_SECONDS


def test_a_post_for_another_vm_begins_no_fence(azure: Azure) -> None:
    """Each VM has its own fence."""
    context = updating(azure)
    azure.clock.elapsed += 200.0
    context.run.note_post("another", context.clock)

    wait_for_fence(context)

    assert azure.clock.slept == []


# What has changed


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        pytest.param(
            disk(), disk("new", vm="vm-2"), "The VM was deleted and created again.", id="another VM"
        ),
        pytest.param(
            disk(ephemeral=True),
            disk(ephemeral=True),
            "The VM has changed since, and its ephemeral OS disk does not show what changed it.",
            id="ephemeral",
        ),
        pytest.param(
            disk(),
            disk("new", ephemeral=True),
            "The VM has changed since, and its ephemeral OS disk does not show what changed it.",
            id="now ephemeral",
        ),
        pytest.param(
            disk(ephemeral=True),
            disk("new"),
            "The VM has changed since, and its ephemeral OS disk does not show what changed it.",
            id="ephemeral before",
        ),
        pytest.param(
            disk(),
            disk("new", version=""),
            "Its OS disk was old, and is now new with an unknown image version.",
            id="another disk",
        ),
        pytest.param(
            disk(),
            disk(None),
            "Its OS disk was old, and is now not known with image version 1.0.0.",
            id="no id",
        ),
    ],
)
def test_what_has_changed_is_said_in_a_sentence(before: DiskFacts, now: DiskFacts, sentence: str) -> None:
    """The user decides by this sentence."""
    assert describe_change(Look(before, ""), replace(FIRST, disk=now)) == sentence
