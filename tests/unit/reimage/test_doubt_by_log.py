"""A send of an earlier run, and a VM that has changed since. The activity log decides, or the user does."""

from dataclasses import replace

import pytest

from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine
from pulumi_azure_reimage.reimage.context import VmContext
from pulumi_azure_reimage.reimage.doubt import (
    Finding,
    NotTaken,
    Taken,
    Undecided,
    resolve_doubt,
)
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS, LOG_SECONDS

from ..fakes import LOG, LOOK, START, Azure, Reply, disk, vm_reply
from .steps import NOTHING_LOGGED, logged

FIRST = VirtualMachine("web", "Succeeded", '"1"', disk(), read_at=START)
BEGINNING = "00000000-0000-0000-0000-1"
OURS = f"{BEGINNING}0a1b2c3d4e5"


def log(*statuses: str, error: str = "") -> Reply:
    """Return the activity log with these events of our request."""
    return logged(*statuses, correlation=OURS, error=error)


def updating(azure: Azure) -> VmContext:
    """Return the machine in a run whose update has just begun."""
    context = azure.context()
    context.run.begin_update(context.clock)
    return context


def resolve(azure: Azure, first: VirtualMachine = FIRST) -> Finding:
    """Find out what became of a POST of an earlier run."""
    return resolve_doubt(updating(azure), Look.at(first), BEGINNING)


# The activity log


@pytest.mark.parametrize(
    "now", [vm_reply("new"), vm_reply(state="Updating"), vm_reply()], ids=["changed", "busy", "unchanged"]
)
def test_a_request_that_the_log_knows_to_have_ended_well_was_taken(azure: Azure, now: Reply) -> None:
    """This decides immediately, even if the VM shows nothing, because its view may be late."""
    azure.script((LOOK, now), (LOG, log("Started", "Accepted", "Succeeded")))

    assert resolve(azure) == Taken(ended_well=True, correlation_id=OURS)
    assert azure.clock.elapsed == 0


def test_a_request_that_the_log_knows_to_have_rebuilt_the_disk_was_taken(azure: Azure) -> None:
    """No later event can change that, and the disk must not be wiped again."""
    failed = log("Accepted", "Failed", error="OSProvisioningTimedOut")
    azure.script((LOOK, vm_reply("new")), (LOG, failed))

    assert resolve(azure) == Taken(ended_well=False, correlation_id=OURS)
    assert azure.clock.elapsed == 0


@pytest.mark.parametrize(
    "statuses", [("Accepted",), ("Accepted", "Failed"), ("Started", "In progress")], ids=str
)
def test_a_request_without_a_good_end_answers_when_the_log_has_had_its_time(
    azure: Azure, statuses: tuple[str, ...]
) -> None:
    """Another send of the same request may still appear in the log, and may have ended well."""
    azure.http.forever(LOOK, vm_reply("new"))
    azure.http.forever(LOG, log(*statuses))

    assert resolve(azure) == Taken(ended_well=False, correlation_id=OURS)
    assert azure.clock.elapsed == LOG_SECONDS


def test_a_good_end_that_appears_in_time_answers_at_once(azure: Azure) -> None:
    """The log is read again every minute."""
    azure.http.forever(LOOK, vm_reply("new"))
    azure.script(*[(LOG, NOTHING_LOGGED)] * 2, (LOG, log("Accepted")), (LOG, log("Accepted", "Succeeded")))

    assert resolve(azure) == Taken(ended_well=True, correlation_id=OURS)
    assert azure.clock.elapsed == 120.0


def test_a_request_that_the_log_does_not_have_in_time_was_not_taken(azure: Azure) -> None:
    """So a stranger has changed the VM. Before that time, its absence proves nothing."""
    azure.http.forever(LOOK, vm_reply("theirs"))
    azure.http.forever(LOG, NOTHING_LOGGED)

    found = resolve(azure)

    assert isinstance(found, NotTaken)
    assert found.vm.disk == disk("theirs")
    assert azure.clock.elapsed == LOG_SECONDS
    assert "may still show whose reimage it was (1295 s)" in azure.progress[0]


def test_the_time_of_the_log_begins_again_with_a_post_of_our_own(azure: Azure) -> None:
    """The log must have time to show that POST."""
    context = updating(azure)
    azure.clock.elapsed += 2 * LOG_SECONDS
    context.run.note_post(context.vm_id.key, context.clock)
    azure.http.forever(LOOK, vm_reply("theirs"))
    azure.http.forever(LOG, NOTHING_LOGGED)

    assert isinstance(resolve_doubt(context, Look.at(FIRST), BEGINNING), NotTaken)
    assert azure.clock.elapsed == 3 * LOG_SECONDS


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(
            log("Started"), "Azure logged that the request began, but not how it ended.", id="no end"
        ),
        pytest.param(Reply(503), "it could not be read (", id="not readable now"),
    ],
)
def test_a_log_that_is_unclear_to_the_end_decides_nothing(azure: Azure, answer: Reply, words: str) -> None:
    """The message says what was seen of the VM and of the log."""
    azure.http.forever(LOOK, vm_reply("new"))
    azure.http.forever(LOG, answer)

    found = resolve(azure)

    assert isinstance(found, Undecided)
    assert "Its OS disk was old, and is now new with image version 1.0.0." in found.seen
    assert words in found.seen
    assert azure.clock.elapsed >= LOG_SECONDS


def test_without_the_right_to_read_the_log_nothing_is_waited_for(azure: Azure) -> None:
    """The message names the right, because with it the next run could decide."""
    azure.http.forever(LOOK, vm_reply("new"))

    found = resolve(azure)

    assert isinstance(found, Undecided)
    assert "no right to read that (Microsoft.Insights/eventtypes/values/read)" in found.seen
    assert azure.clock.elapsed == 0


def test_an_unchanged_vm_needs_no_log(azure: Azure) -> None:
    """This is true even if the log has a failed request, because that did not touch the disk."""
    azure.http.forever(LOOK, vm_reply())
    azure.http.forever(LOG, log("Accepted", "Failed"))

    assert isinstance(resolve(azure), NotTaken)
    assert azure.clock.elapsed == FENCE_SECONDS


@pytest.mark.parametrize("scale", [0.5, 0.0007])
def test_the_log_of_a_simulator_may_have_a_shorter_time(azure: Azure, scale: float) -> None:
    """The whole time is waited, to the last fraction of a second, and the intervals are shorter as well."""
    azure.http.forever(LOOK, vm_reply("theirs"))
    azure.http.forever(LOG, NOTHING_LOGGED)

    found = resolve_doubt(replace(updating(azure), time_scale=scale), Look.at(FIRST), BEGINNING)

    assert isinstance(found, NotTaken)
    assert azure.clock.elapsed == pytest.approx(LOG_SECONDS * scale)
    assert max(azure.clock.slept) == pytest.approx(60.0 * scale)
