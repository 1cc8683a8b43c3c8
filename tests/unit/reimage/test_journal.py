"""One line of a journal: what it says about a decision, and what it never says."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

from pulumi_azure_reimage.arm.virtual_machine import VirtualMachine
from pulumi_azure_reimage.inputs.parameters import Cause
from pulumi_azure_reimage.reimage.journal import Entry, Event, Facts
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.request import Request

from ..fakes import IDS, LINK, OPERATION_URL, START, SUBSCRIPTION, VM_ID, Azure, disk, requested

PAGE = Path(__file__).parents[3] / "docs" / "journal.md"
REQUEST = Request(
    "1f3a",
    "Reimage",
    (Cause("triggers.image", "triggers.image changed"),),
    "run-1",
    Look(disk(), "fingerprint"),
)
MACHINE = VirtualMachine("web", "Updating", '"7"', disk("new", version="2.0.0"), power="running")
EVERYTHING = Facts(
    request=REQUEST,
    sent=replace(requested(), requested_version="2.0.0"),
    before=disk(),
    after=MACHINE,
    outcome="Accepted",
    reason="Because.",
    attempt=2,
    seconds=75.12345,
)
DISK_ID = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/disks"


def entry(event: Event = "ended", **facts: object) -> Entry:
    """Return an entry about the machine of the tests."""
    return Entry(START, event, VM_ID, "run-1", Facts(**facts))  # type: ignore[typeddict-item]


def test_a_line_has_the_members_that_it_always_had() -> None:
    """Users' programs read them."""
    line = Entry(START, "ended", VM_ID, "run-1", EVERYTHING).to_json()

    assert line == {
        "time": "2026-11-23T12:00:00.000Z",
        "event": "ended",
        "vm_id": VM_ID,
        "run_id": "run-1",
        "request_id": "1f3a",
        "client_request_id": IDS.client_request_id,
        "correlation_id": IDS.correlation_id,
        "requested_version": "2.0.0",
        "decision": "Reimage",
        "causes": ["triggers.image changed"],
        "before": {
            "vm_unique_id": "vm-1",
            "os_disk_id": f"{DISK_ID}/old",
            "image_version": "1.0.0",
            "delete_option": "Detach",
            "ephemeral": False,
        },
        "after": {
            "vm_unique_id": "vm-1",
            "os_disk_id": f"{DISK_ID}/new",
            "image_version": "2.0.0",
            "delete_option": "Detach",
            "ephemeral": False,
            "provisioning_state": "Updating",
            "power": "running",
            "etag": '"7"',
        },
        "attempt": 2,
        "outcome": "Accepted",
        "duration_seconds": 75.123,
        "reason": "Because.",
    }


def test_a_time_has_milliseconds() -> None:
    """It is rounded down, so no line is from the future."""
    line = Entry(START.replace(microsecond=998_999), "ended", VM_ID, "run-1", Facts()).to_json()

    assert line["time"] == "2026-11-23T12:00:00.998Z"


def test_the_events_have_the_names_that_they_always_had() -> None:
    """Users' programs filter by them."""
    assert get_args(Event) == (
        "decided",
        "refused",
        "left as it is",
        "withdrawn",
        "fence",
        "doubt resolved",
        "sending",
        "answered",
        "still running",
        "ended",
        "failed",
        "repeated",
    )


def test_what_is_not_known_is_left_out() -> None:
    """A reader need not distinguish null from missing."""
    assert entry("fence").to_json() == {
        "time": "2026-11-23T12:00:00.000Z",
        "event": "fence",
        "vm_id": VM_ID,
        "run_id": "run-1",
    }


def test_no_signed_url_of_an_operation_is_in_a_line() -> None:
    """The record has such a URL, and Azure may quote it."""
    line = json.dumps(entry(sent=requested(link=LINK), reason=f"See {OPERATION_URL} for more.").to_json())

    assert "See <operation URL> for more." in line
    assert "S1gn" not in line
    assert "operations/" not in line


def test_no_secret_is_in_a_line() -> None:
    """Azure may quote what it was sent, even as base64, and a cause could name anything."""
    secrets = ("Tr0ub4dor&3", "I2Nsb3VkLWNvbmZpZw==", "#cloud-config")
    request = replace(REQUEST, causes=(Cause("triggers", "triggers.Tr0ub4dor&3 changed"),))
    reason = "Parameter Tr0ub4dor&3 is wrong, and so is I2Nsb3VkLWNvbmZpZw==, which means #cloud-config."

    line = json.dumps(entry(request=request, reason=reason).to_json(secrets))

    assert not [secret for secret in secrets if secret in line]
    assert "Parameter [secret] is wrong" in line


def test_a_disk_is_named_even_if_its_group_is_called_operations() -> None:
    """Other texts with such a path look like the URL of an operation, and are hidden."""
    path = DISK_ID.replace("/rg/", "/operations/")
    facts = replace(disk(), os_disk_id=f"{path}/old")

    line = entry(before=facts, after=replace(facts, os_disk_id=f"{path}/new?sig=abc")).to_json()

    assert line["before"] == {**facts.to_state()}
    assert "sig" not in json.dumps(line["after"])


def test_a_request_without_causes_has_none() -> None:
    """Nothing causes a baseline."""
    line = entry(request=replace(REQUEST, kind="Baseline", causes=())).to_json()

    assert line["decision"] == "Baseline"
    assert "causes" not in line


def test_a_context_records_who_and_when(azure: Azure) -> None:
    """So a call passes only what happened."""
    kept: list[Entry] = []
    context = replace(azure.context(), journal=kept.append)

    context.record("sending", request=REQUEST)

    assert kept == [Entry(START, "sending", VM_ID, context.run.id, Facts(request=REQUEST))]


def test_without_a_journal_nothing_is_kept(azure: Azure) -> None:
    """Callers need not check whether there is a journal."""
    azure.context().record("sending")


def test_the_page_has_every_event_and_every_member() -> None:
    """There a reader finds the meaning of a line."""
    page = PAGE.read_text(encoding="utf-8")
    told = {
        title: re.findall(r"`([a-z_ ]+)`", " ".join(re.findall(r"^\| ([^|]+) \|", text, flags=re.MULTILINE)))
        for title, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", page, flags=re.MULTILINE | re.DOTALL)
    }
    line = Entry(START, "ended", VM_ID, "run-1", EVERYTHING).to_json()

    assert told["When a line is written"] == list(get_args(Event))
    assert told["What is in a line"] == [*line, "urn", "project", "stack"]
    assert [name for name in dict(line["after"]) if f"`{name}`" not in page] == []  # type: ignore[call-overload]
