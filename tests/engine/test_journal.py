"""The journal on the real engine: several hosts and threads write one file, and a preview writes none."""

import json
from pathlib import Path
from typing import Any

import pulumi

from pulumi_azure_reimage import Provider, VirtualMachineReimage
from tests.engine.conftest import NewStack
from tests.engine.reimaging import COMPONENT, Reimaging, vm_id

FLEET: dict[str, dict[str, object]] = {"web": {}, "db": {}, "cache": {}}


def read(journal: Path) -> list[dict[str, Any]]:
    """Return the lines, and delete them."""
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    journal.unlink()
    return lines


def test_every_host_of_a_run_writes_the_same_journal_and_a_preview_writes_none(new_stack: NewStack) -> None:
    """An explicit provider is a separate process. Its machines are in the journal of the stack, too."""
    release = {"value": "1"}

    def program() -> None:
        other = Provider("other", tenant_id="tenant", client_id="client", client_secret="secret")  # noqa: S106 - nowhere used.
        for name in FLEET:
            opts = pulumi.ResourceOptions(provider=other) if name == "cache" else None
            VirtualMachineReimage(name, opts, vm_id=vm_id(name), triggers={"release": release["value"]})

    fleet = Reimaging.start(new_stack, FLEET, seconds=0.5)
    fleet.stack.program = program
    fleet.stack.set_config("azure-reimage:journal", "reimages.jsonl")
    journal = fleet.stack.folder / "reimages.jsonl"
    created = fleet.stack.up()
    baselines = read(journal)
    release["value"] = "2"

    previewed = fleet.stack.preview()
    refreshed = fleet.stack.refresh()
    before = journal.exists()
    changed = fleet.stack.up()

    lines = read(journal)
    for run in (created, previewed, refreshed, changed):
        assert run.ok, run.text
    assert before is False
    assert {line["urn"].rpartition("::")[2] for line in baselines} == FLEET.keys()
    assert {line["decision"] for line in baselines} == {"Baseline"}
    for name in FLEET:
        told = [line for line in lines if line["vm_id"] == vm_id(name)]
        (post,) = fleet.simulator.reimage_requests(name)
        assert [line["event"] for line in told] == ["decided", "sending", "answered", "ended"]
        assert {line["correlation_id"] for line in told[1:]} == {post.correlation_id}
        assert (told[0]["project"], told[0]["stack"]) == ("test", "test")
        (accepted,) = [said for said in changed.diagnostics if str(post.correlation_id) in said.message]
        assert f"accepted by Azure (correlation {post.correlation_id})" in accepted.message
        assert (accepted.urn or "").endswith(f"{COMPONENT}::{name}")
        assert accepted.ephemeral is not True
    assert len({line["run_id"] for line in lines}) == 2


def test_a_journal_that_cannot_be_written_is_refused_in_the_preview(new_stack: NewStack) -> None:
    """The error is one line that names the setting, before anything is sent."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}})
    fleet.stack.set_config("azure-reimage:journal", "no/such/folder/reimages.jsonl")
    asked = len(fleet.simulator.requests())

    previewed = fleet.preview(triggers={"image": "2"})
    updated = fleet.up(triggers={"image": "2"})

    for run in (previewed, updated):
        assert not run.ok
        assert "azure-reimage:journal names the file no/such/folder/reimages.jsonl, which is in a" in run.text
        assert "Traceback" not in run.text
    assert len(fleet.simulator.requests()) == asked


def test_a_failed_row_has_the_correlation_id(new_stack: NewStack) -> None:
    """Azure support and the activity log find the request by this id."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}})
    fleet.simulator.fail("web", "AllocationFailed", "There is no room.")

    failed = fleet.up(triggers={"image": "2"})

    (post,) = fleet.simulator.reimage_requests("web")
    (error,) = [
        said
        for said in failed.diagnostics
        if said.severity == "error" and "There is no room." in said.message
    ]
    assert not failed.ok
    assert f"correlation {post.correlation_id})" in error.message
