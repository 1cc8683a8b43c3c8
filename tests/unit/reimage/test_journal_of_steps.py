"""What the steps write into a journal if nothing, or nothing more, is sent."""

from dataclasses import replace
from typing import Any

import pytest

from pulumi_azure_reimage.errors import OperationFailedError, RefusedError
from pulumi_azure_reimage.inputs.parameters import Guards
from pulumi_azure_reimage.reimage.context import VmContext
from pulumi_azure_reimage.reimage.finish import finish_reimage
from pulumi_azure_reimage.reimage.journal import Entry
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.repeat import Failure
from pulumi_azure_reimage.reimage.send import send_request
from pulumi_azure_reimage.reimage.troubleshooting import Disk

from ..fakes import LOOK, POST, Azure, desired, refused, requested, vm_reply
from .steps import EARLIER_ID, LOOK_BEFORE, SENT, decided

GUARDED = desired(guards=Guards(prevent_reimage=True))
LAST = Operation(EARLIER_ID, "Taken", replace(requested(link=None), ended_well=True))


def journaled(azure: Azure, lines: list[dict[str, Any]]) -> VmContext:
    """Return the machine in an update, and the list that its journal fills."""

    def keep(entry: Entry) -> None:
        lines.append(entry.to_json())

    context = replace(azure.context(), journal=keep)
    context.run.begin_update(context.clock)
    return context


def failure(disk: Disk, attempt: int) -> Failure:
    """Return the failure of the request in an earlier run."""
    return Failure(disk, "It broke.", attempt, look=LOOK_BEFORE)


def events(lines: list[dict[str, Any]]) -> list[object]:
    """Return the names of the events."""
    return [line["event"] for line in lines]


def test_a_request_that_is_held_is_written_as_refused(azure: Azure) -> None:
    """The line names the decision and the reason."""
    lines: list[dict[str, Any]] = []
    azure.http.forever(LOOK, vm_reply())
    context = journaled(azure, lines)

    send_request(context, decided(context, host_id="another"), GUARDED, LAST)

    assert events(lines)[-1] == "refused"
    assert (lines[-1]["decision"], "prevent_reimage" in lines[-1]["reason"]) == ("Reimage", True)


@pytest.mark.parametrize("times", [1, 2])
def test_each_answer_is_written_with_what_it_was(azure: Azure, times: int) -> None:
    """Each POST has two lines: one before it is sent, and one with its answer."""
    lines: list[dict[str, Any]] = []
    azure.http.forever(LOOK, vm_reply())
    throttled = [(POST, refused(429, "TooManyRequests", Retry_After="1"))] * (times - 1)
    azure.script(*throttled, (POST, refused(400, "InvalidParameter")))
    context = journaled(azure, lines)

    send_request(context, decided(context), desired(), LAST)

    assert events(lines) == ["sending", "answered"] * times


def test_a_failure_that_is_given_up_is_written_as_failed_again(azure: Azure) -> None:
    """The line has the attempt and what happened to the disk."""
    lines: list[dict[str, Any]] = []

    with pytest.raises(OperationFailedError):
        finish_reimage(journaled(azure, lines), SENT, failure(Disk.UNTOUCHED, 3), desired(), keeps=True)

    assert events(lines) == ["failed"]
    assert (lines[0]["attempt"], lines[0]["outcome"]) == (3, "untouched")


def test_a_repeat_that_a_guard_forbids_is_written_as_refused(azure: Azure) -> None:
    """The line has the causes of the repeat."""
    lines: list[dict[str, Any]] = []
    azure.http.forever(LOOK, vm_reply())

    with pytest.raises(RefusedError):
        finish_reimage(journaled(azure, lines), SENT, failure(Disk.UNTOUCHED, 1), GUARDED, keeps=True)

    assert events(lines)[-1] == "refused"
    assert lines[-1]["causes"] == ["triggers.image changed"]


def test_a_vm_that_is_healthy_after_all_is_written_as_ended(azure: Azure) -> None:
    """The line has the VM as it is then."""
    lines: list[dict[str, Any]] = []
    azure.http.forever(LOOK, vm_reply("new"))

    finish_reimage(journaled(azure, lines), SENT, failure(Disk.REBUILT, 1), desired(), keeps=True)

    assert events(lines) == ["ended"]
    assert lines[0]["after"]["os_disk_id"].endswith("/new")
