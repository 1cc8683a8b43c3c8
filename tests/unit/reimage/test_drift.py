"""What a refresh reports about a disk that others replaced."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine
from pulumi_azure_reimage.reimage.drift import Drift, describe_drift, who_can_tell
from pulumi_azure_reimage.reimage.record import Result

from ..fakes import OPERATION_URL, SUBSCRIPTION, Azure, Question, Reply, disk, refused, vm_reply

LOG = Question("GET", f"{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values")
READ = "Microsoft.Insights/eventtypes/values/read"
OURS = "our-correlation-id"
CHANGED = (
    "VM web has the OS disk new with image version 2.0.0. "
    "This stack knew the OS disk old with image version 1.0.0."
)
END = "A refresh reports that as drift, and sends nothing."


def event(status: str, minute: int, correlation: str = "theirs", **members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON.
    """Return the event of a reimage as the log has it."""
    return {
        "operationName": {"value": "Microsoft.Compute/virtualMachines/reimage/action"},
        "status": {"value": status},
        "caller": "alice@example.com",
        "correlationId": correlation,
        "eventTimestamp": f"2026-11-23T11:{minute:02}:00Z",
        "eventDataId": f"{correlation}-{status}-{minute}",
        **members,
    }


def drift(azure: Azure, *events: dict[str, Any], known: Result | None = None) -> str:
    """Return what a refresh reports about a VM with another disk, if the log has these events."""
    azure.script((LOG, Reply(body={"value": list(events)})))
    return describe(azure, known).text


def describe(azure: Azure, known: Result | None = None) -> Drift:
    """Return the report about a VM with another disk."""
    result = known or Result("Baseline", disk(), disk())
    vm = VirtualMachine.from_body(vm_reply("new", version="2.0.0").body)
    return describe_drift(azure.context(), result.to_state(), vm)


def test_it_says_which_disk_and_version_and_who_and_when(azure: Azure) -> None:
    """The time of the request is shown, and not the end of its operation."""
    said = drift(azure, event("Succeeded", 31), event("Accepted", 30), event("Started", 30))

    assert said == (
        f"{CHANGED} The last reimage in Azure's activity log was requested by alice@example.com at "
        f"2026-11-23 11:30:00 UTC (correlation theirs). {END}"
    )


def test_the_last_of_several_is_named(azure: Azure) -> None:
    """The last one made the VM's current disk."""
    said = drift(azure, event("Accepted", 10, "one"), event("Accepted", 40, "two", caller="bob@example.com"))

    assert "requested by bob@example.com at 2026-11-23 11:40:00 UTC (correlation two)." in said
    assert "alice" not in said


def test_a_refused_request_and_our_own_reimage_are_not_named(azure: Azure) -> None:
    """A refused reimage replaced no disk, and ours made the disk that is known."""
    known = Result("Succeeded", disk(), disk(), completed_at="2026-11-23T11:20:00Z", correlation_id=OURS)
    failed = event("Failed", 40, "refused", subStatus={"value": "Conflict"})

    said = drift(azure, failed, event("Succeeded", 20, OURS.upper()), known=known)

    assert said == (
        f"{CHANGED} Azure's activity log shows no other reimage. An event can take 20 minutes to appear "
        f"there, and a disk can also be replaced without a reimage. {END}"
    )


def test_the_log_is_searched_from_the_last_result_on(azure: Azure) -> None:
    """An earlier reimage cannot have replaced its disk."""
    known = Result("Succeeded", disk(), disk(), completed_at="2026-11-23T11:20:00Z")

    drift(azure, known=known)

    (condition,) = parse_qs(azure.http.sent[0].url.query.decode())["$filter"]
    _, _, end = condition.partition("ge '2026-11-23T11:20:00.000000Z' and eventTimestamp le '")
    assert datetime.fromisoformat(end[:26]).replace(tzinfo=UTC) > azure.clock.now(), "its clock may be ahead"


def test_what_the_log_does_not_say_is_not_made_up(azure: Azure) -> None:
    """The report has no caller, time or id then."""
    said = drift(azure, event("Accepted", 30, caller=None, correlationId=None, eventTimestamp=None))

    assert "was requested by a caller that is not named. A refresh" in said


def test_a_caller_is_shown_without_what_could_be_a_secret(azure: Azure) -> None:
    """The caller comes from outside, like every text from Azure."""
    said = drift(azure, event("Accepted", 30, caller=f"{OPERATION_URL}\nx"))

    assert "requested by <operation URL> x at" in said


def test_a_log_that_may_not_be_read_is_named_by_its_right(azure: Azure) -> None:
    """A sentence that is said once for many machines names it, and the reports on each machine do not."""
    azure.script((LOG, refused(403, "AuthorizationFailed")))

    found = describe(azure)

    assert found == Drift(f"{CHANGED} {END}", READ)
    assert READ in who_can_tell(READ)


def test_a_log_that_cannot_be_read_now_costs_no_refresh(azure: Azure) -> None:
    """The drift is a fact even without the log."""
    azure.script((LOG, refused(400, "BadRequest", "Not now.")))

    found = describe(azure)

    assert found.missing_right is None
    assert "Azure's activity log, which shows who did it, could not be read: Not now." in found.text


@pytest.mark.parametrize("name", ["old", None])
def test_an_unknown_disk_or_version_is_called_unknown(azure: Azure, name: str | None) -> None:
    """An ephemeral disk or an attached disk can be such a case."""
    azure.script((LOG, Reply(body={"value": []})))
    known = Result("Baseline", disk(), disk(name, version=""))

    said = describe(azure, known).text

    assert f"knew the OS disk {name or 'with an unknown name'} with image version not known." in said


@pytest.mark.parametrize("correlation", ["theirs", None])
def test_a_reimage_of_others_after_our_own_is_named(azure: Azure, correlation: str | None) -> None:
    """This includes one without a correlation id in the log. The case of an id makes no difference."""
    known = Result("Succeeded", disk(), disk(), correlation_id=OURS)
    theirs = event("Accepted", 40, correlationId=correlation)

    said = drift(azure, event("Accepted", 30, OURS.upper()), theirs, known=known)

    assert "was requested by alice@example.com at 2026-11-23 11:40:00 UTC" in said
