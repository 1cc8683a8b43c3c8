"""A stack with a journal: what a preview checks, and what an update writes."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from pulumi_azure_reimage.errors import ConfigurationError, OperationFailedError
from pulumi_azure_reimage.simulator import Simulator

from ..fakes import FakeClock
from ..stack import COMPONENT, INVENTORY, WEB, Stack

PASSWORD = "Tr0ub4dor&3"  # noqa: S105 - a value that must not appear anywhere.
CUSTOM_DATA = "#cloud-config\npackages: [nginx]"


def read(journal: Path) -> list[dict[str, Any]]:
    """Return the lines, and empty the journal."""
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    journal.unlink()
    return lines


def events(lines: list[dict[str, Any]]) -> list[str]:
    """Return the events, each with its outcome."""
    return [" ".join(filter(None, (line["event"], line.get("outcome")))) for line in lines]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return the file of the journal, which does not exist yet."""
    return tmp_path / "reimages.jsonl"


@pytest.fixture
def stack(inventory: Path, clock: FakeClock, journal: Path) -> Stack:
    """Return a stack with a journal."""
    return Stack(inventory, clock, {"azure-reimage:journal": str(journal)})


def test_a_bad_path_is_refused_in_the_preview(stack: Stack, journal: Path, simulator: Simulator) -> None:
    """This comes before anything is read or sent."""
    journal.mkdir()

    with pytest.raises(ConfigurationError, match=r"azure-reimage:journal names the file .*a regular file"):
        stack.preview()

    assert simulator.requests() == []


def test_a_preview_and_a_refresh_write_nothing(stack: Stack, journal: Path) -> None:
    """They decide nothing, and users with read access alone may run them."""
    stack.up(triggers={"image": 1})
    journal.unlink(missing_ok=True)

    stack.preview(triggers={"image": 2})
    stack.refresh()

    assert not journal.exists()


def test_a_baseline_is_a_decision(stack: Stack, journal: Path) -> None:
    """It is recorded with the look at the VM."""
    stack.up(triggers={"image": 1})

    (line,) = read(journal)
    assert (line["event"], line["decision"], line["vm_id"]) == ("decided", "Baseline", WEB)
    assert line["before"].keys() > {"os_disk_id", "image_version", "provisioning_state", "etag"}
    assert (line["urn"], line["project"], line["stack"]) == (COMPONENT, "project", "test")


def test_a_reimage_is_recorded_from_its_cause_to_its_end(
    stack: Stack, journal: Path, simulator: Simulator
) -> None:
    """The lines have Azure's ids of it, and the disk before and after it."""
    stack.up(triggers={"image": 1})
    old = read(journal)[0]["before"]

    stack.up(triggers={"image": 2})

    lines = read(journal)
    decided, sending, answered, ended = lines
    (post,) = simulator.reimage_requests("web")
    assert events(lines) == ["decided", "sending", "answered Accepted", "ended"]
    assert decided["causes"] == sending["causes"] == ["triggers.image changed"]
    assert {line["request_id"] for line in lines} == {decided["request_id"]}
    assert len({line["run_id"] for line in lines}) == 1
    for line in (sending, answered, ended):
        assert line["correlation_id"] == post.correlation_id
        assert line["client_request_id"] == post.client_request_id
    assert sending["before"]["os_disk_id"] == ended["before"]["os_disk_id"] == old["os_disk_id"]
    assert ended["after"]["os_disk_id"] == simulator.machine("web").os_disk_id != old["os_disk_id"]
    assert ended["after"]["provisioning_state"] == "Succeeded"
    assert ended["duration_seconds"] == stack.told["duration_seconds"]
    assert ended["correlation_id"] == stack.told["correlation_id"]


def test_a_refusal_is_recorded_with_its_reason(stack: Stack, journal: Path) -> None:
    """A guard refuses, so nothing is sent."""
    stack.up(triggers={"image": 1})
    read(journal)

    stack.try_up(triggers={"image": 2}, prevent_reimage=True)

    (line,) = read(journal)
    assert (line["event"], line["causes"]) == ("refused", ["triggers.image changed"])
    assert "prevent_reimage" in line["reason"]


def test_a_failure_and_its_repeat_are_recorded(stack: Stack, journal: Path, simulator: Simulator) -> None:
    """The lines say what happened to the disk, and which attempt it is."""
    stack.up(triggers={"image": 1})
    read(journal)
    simulator.fail("web", "AllocationFailed", "There is no room.")
    stack.try_up(triggers={"image": 2})
    first = read(journal)

    stack.preview(triggers={"image": 2})
    previewed = journal.exists()
    stack.up(triggers={"image": 2})

    again = read(journal)
    assert not previewed
    assert events(first)[-2:] == ["answered Accepted", "failed in_doubt"]
    assert (first[-1]["attempt"], first[-1]["correlation_id"]) == (1, first[-2]["correlation_id"])
    assert "There is no room." in first[-1]["reason"]
    assert events(again) == [
        "repeated",
        "fence",
        "doubt resolved NotTaken",
        "sending",
        "answered Accepted",
        "ended",
    ]
    assert again[0]["attempt"] == again[3]["attempt"] == 2
    assert again[1]["duration_seconds"] > 0
    assert {line["request_id"] for line in again} == {first[0]["request_id"]}
    assert again[-1]["correlation_id"] != first[-1]["correlation_id"]


def test_a_wait_that_ends_too_early_is_recorded_and_so_is_the_end(
    stack: Stack, journal: Path, simulator: Simulator
) -> None:
    """The next run resumes it, under the same ids."""
    stack.up(triggers={"image": 1})
    simulator.hang("web")
    stack.try_up(triggers={"image": 2}, timeout=30)
    waited = read(journal)[-1]
    simulator.finish("web")

    stack.up(triggers={"image": 2}, timeout=30)

    (ended,) = read(journal)
    assert [waited["event"], ended["event"]] == ["still running", "ended"]
    assert waited["correlation_id"] == ended["correlation_id"]
    assert waited["run_id"] != ended["run_id"]


def test_a_lost_answer_is_recorded_with_what_was_found(
    stack: Stack, journal: Path, simulator: Simulator
) -> None:
    """The lines have the request, its lost answer, and what the VM shows."""
    stack.up(triggers={"image": 1})
    read(journal)
    simulator.lose_answer("web")

    stack.up(triggers={"image": 2})

    told = events(read(journal))
    assert told[:4] == ["decided", "sending", "answered Unknown", "doubt resolved Taken"]
    assert told[-1] == "ended"


def test_a_doubt_of_an_earlier_run_is_recorded(
    stack: Stack, journal: Path, simulator: Simulator, inventory: Path
) -> None:
    """Without the activity log it cannot be decided, so nothing is sent."""
    inventory.write_text(f'actions = ["Microsoft.Compute/*"]\n{INVENTORY}')
    stack.up(triggers={"image": 1})
    stack.restart()
    stack.request.apply(stack.inputs({"triggers": {"image": 2}}))
    simulator.reimage("web")
    read(journal)

    stack.preview(triggers={"image": 2})
    previewed = journal.exists()
    stack.try_up(triggers={"image": 2})

    doubt = read(journal)
    assert not previewed
    assert events(doubt)[-1] == "doubt resolved Undecided"
    assert doubt[-1]["after"]["os_disk_id"] == simulator.machine("web").os_disk_id
    assert "Its OS disk was" in doubt[-1]["reason"]


def test_a_change_that_was_taken_back_is_recorded(stack: Stack, journal: Path) -> None:
    """A killed run had decided on the reimage and had not sent it."""
    stack.up(triggers={"image": 1})
    stack.restart()
    stack.request.apply(stack.inputs({"triggers": {"image": 2}}))
    read(journal)

    stack.up(triggers={"image": 1})

    lines = read(journal)
    assert [line["event"] for line in lines] == ["decided", "fence", "doubt resolved", "withdrawn"]
    assert len({line["request_id"] for line in lines}) == 1


def test_a_vm_that_its_user_leaves_as_it_is_is_recorded(stack: Stack, journal: Path) -> None:
    """The engine replaces ReimageRequest and keeps the other two resources."""
    stack.up(triggers={"image": 1})
    read(journal)
    stack.request.outputs = None

    stack.up(triggers={"image": 1})

    assert [line["event"] for line in read(journal)] == ["decided", "fence", "left as it is"]


def test_no_secret_and_no_signed_url_is_in_a_journal(
    stack: Stack, journal: Path, simulator: Simulator, tmp_path: Path
) -> None:
    """Azure quotes what it was sent, in the answer to the request and in the result of the operation."""
    (tmp_path / "init.yaml").write_text(CUSTOM_DATA)
    encoded = base64.b64encode(CUSTOM_DATA.encode()).decode()
    profile = {"admin_password": PASSWORD, "custom_data_file": str(tmp_path / "init.yaml")}
    inputs: dict[str, object] = {"os_profile": profile}
    stack.up(triggers={"image": 1}, **inputs)
    url = "https://management.azure.com/subscriptions/1/operations/2?p=1&t=63&c=MIIH&s=S1gnature&h=H4sh"
    quoted = f"Bad: {PASSWORD}, {encoded}, {CUSTOM_DATA}, {url}"
    simulator.reject("web", 400, "InvalidParameter", quoted)
    stack.try_up(triggers={"image": 2}, **inputs)
    simulator.fail("web", "AllocationFailed", quoted)

    stack.try_up(triggers={"image": 2}, **inputs)

    text, link = journal.read_text(), stack.record["operation_url"]
    assert "HTTP 400: InvalidParameter: Bad: [secret], [secret], [secret], <operation URL>" in text
    assert "ended the reimage of web with Failed: Bad: [secret], [secret], [secret], <operation URL>" in text
    for secret in (PASSWORD, encoded, "nginx", "S1gnature", link, link.partition("?")[2]):
        assert secret not in text


def test_a_journal_that_fails_after_the_request_costs_a_warning(stack: Stack, journal: Path) -> None:
    """The reimage was sent, so the wait continues and its end is kept."""
    stack.up(triggers={"image": 1})
    stack.begin(triggers={"image": 2})
    journal.unlink()
    journal.mkdir()

    ended = stack.end(triggers={"image": 2})

    assert ended == "update"
    assert stack.told["status"] == "Succeeded"
    (warning,) = [warning for warning in stack.log.warnings if "azure-reimage:journal" in warning]
    assert "could not be written to: it is not a regular file." in warning


def test_accepted_and_failed_rows_have_the_correlation_id(stack: Stack, simulator: Simulator) -> None:
    """The row of the component shows it, for Azure support and the activity log."""
    stack.up(triggers={"image": 1})
    stack.up(triggers={"image": 2})
    accepted = list(stack.log.informed)
    simulator.fail("web", "AllocationFailed", "There is no room.")

    with pytest.raises(OperationFailedError) as failed:
        stack.up(triggers={"image": 3})

    first, second = [post.correlation_id for post in simulator.reimage_requests()]
    assert accepted == [f"accepted by Azure (correlation {first}): triggers.image changed"]
    assert stack.log.informed == [f"accepted by Azure (correlation {second}): triggers.image changed"]
    assert str(failed.value).endswith(f"correlation {second})")
    assert stack.log.urns == {COMPONENT}


def test_a_failure_of_an_earlier_run_still_names_its_correlation_id(
    stack: Stack, simulator: Simulator
) -> None:
    """It is that of the last failed send, and appears once."""
    stack.up(triggers={"image": 1})
    for _ in range(3):
        simulator.fail("web", "AllocationFailed", "There is no room.")
        stack.try_up(triggers={"image": 2})

    with pytest.raises(OperationFailedError, match="It was sent 3 times") as given_up:
        stack.up(triggers={"image": 2})

    *earlier, last = [str(post.correlation_id) for post in simulator.reimage_requests()]
    assert str(given_up.value).count(last) == 1
    assert [id_ for id_ in earlier if id_ in str(given_up.value)] == []


def test_a_disk_that_was_rebuilt_is_named_with_the_correlation_id(stack: Stack, simulator: Simulator) -> None:
    """The next run checks whether the VM is healthy, and it is not."""
    stack.up(triggers={"image": 1})
    simulator.fail("web", "OSProvisioningTimedOut", "The OS did not start.")
    stack.try_up(triggers={"image": 2})

    with pytest.raises(OperationFailedError, match="It is not healthy yet") as failed:
        stack.up(triggers={"image": 2})

    (post,) = simulator.reimage_requests()
    assert str(failed.value).count(str(post.correlation_id)) == 1
