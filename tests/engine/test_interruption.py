"""One POST per trigger change, despite failures, timeouts and killed runs, on the real engine.

A run that is killed between Azure's acceptance and Pulumi's save leaves a doubt. The activity log resolves
it. Without the log, the user decides.
"""

import re
from collections.abc import Mapping

import pytest

from pulumi_azure_reimage.simulator import serve
from tests.engine.conftest import NewStack
from tests.engine.reimaging import OPERATION, Reimaging

ONE: Mapping[str, Mapping[str, object]] = {"web": {}}


def test_a_run_that_was_killed_in_the_wait_is_finished_by_the_next(new_stack: NewStack) -> None:
    """After a kill -9 of the process group, `pulumi cancel` and `pulumi up`, there is one POST in total."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=6)
    fleet.set(triggers={"image": "2"})
    running = fleet.up_in_subprocess()
    running.until(lambda: "running in Azure for" in running.text)
    running.kill9()
    operation_url = fleet.state(OPERATION, "web")["outputs"]["operation"]["record"]["operation_url"]

    locked = fleet.stack.up()
    cancelled = fleet.stack.cancel()
    result = fleet.stack.up()

    assert not locked.ok
    assert cancelled.ok, cancelled.text
    assert result.ok, result.text
    assert fleet.posts == 1
    assert fleet.outputs("web")["operation_id"] in operation_url
    assert fleet.outputs("web")["status"] == "Succeeded"


def test_an_operation_that_ended_failed_is_requested_again_by_the_next_up(new_stack: NewStack) -> None:
    """The error ends with ARM's code and message. The next preview says that it is sent again, and why."""
    fleet = Reimaging.with_baseline(new_stack, ONE)
    fleet.simulator.fail("web", "AllocationFailed", "Allocation failed for lack of capacity.")

    failed = fleet.up(triggers={"image": "2"})
    preview = fleet.preview()
    sent_until_preview = fleet.posts
    result = fleet.up()
    unchanged = fleet.up()

    last_line = [line for line in failed.text.splitlines() if "AllocationFailed" in line][-1]
    assert not failed.ok
    assert "AllocationFailed" in last_line
    assert "Allocation failed for lack of capacity." in last_line
    assert "Azure ended the reimage of web with Failed: " in preview.text
    assert "Allocation failed for lack of capacity." in preview.text
    # The update first checks whether a run in between has repeated it.
    assert "VM web may be reimaged again (attempt 2): its last reimage failed." in preview.text
    assert sent_until_preview == 1
    assert result.ok, result.text
    assert fleet.posts == 2
    assert fleet.outputs("web")["status"] == "Succeeded"
    assert unchanged.changes == {"same": 5}


def test_a_wait_that_timed_out_is_resumed_by_the_next_up(new_stack: NewStack) -> None:
    """The error says that it is still running, and nothing more is sent."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=5)

    timed_out = fleet.up(triggers={"image": "2"}, timeout="1s")
    fleet.set(timeout="5m")
    result = fleet.stack.up()

    assert not timed_out.ok
    assert "still running" in timed_out.text
    assert result.ok, result.text
    assert fleet.posts == 1
    assert fleet.outputs("web")["status"] == "Succeeded"
    assert result.changes == {"same": 4, "update": 1}


def test_a_trigger_that_changes_during_an_operation_waits_for_its_end(new_stack: NewStack) -> None:
    """ARM runs one operation on a VM at a time, so the second POST is sent after the first has ended."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=4)
    fleet.up(triggers={"image": "2"}, timeout="1s")

    result = fleet.up(triggers={"image": "3"}, timeout="5m")

    first, second = fleet.simulator.reimage_requests()
    assert result.ok, result.text
    assert [first.status, second.status] == [202, 202]
    assert (second.time - first.time).total_seconds() >= 4
    assert fleet.outputs("web")["status"] == "Succeeded"


def test_a_refused_request_leaves_the_disk_alone_and_is_due_again(new_stack: NewStack) -> None:
    """ARM refuses what the preflight could not know, and the reimage is still due."""
    fleet = Reimaging.with_baseline(new_stack, ONE)
    disk = fleet.simulator.machine("web").os_disk_id

    fleet.simulator.script('POST web: 409 RequestDisallowedByPolicy "Not on Mondays."')

    refused = fleet.up(triggers={"image": "2"})
    result = fleet.up()

    assert not refused.ok
    assert "Not on Mondays. An Azure Policy forbids it. Ask whoever assigned the policy." in refused.text
    assert "The disk was not touched." in refused.text
    assert result.ok, result.text
    assert [post.status for post in fleet.simulator.reimage_requests()] == [409, 202]
    assert disk == fleet.told("web")["os_disk_id_before"]


def kill_before_the_save(fleet: Reimaging) -> None:
    """Kill an `up` after Azure has taken its request and before Pulumi has saved that.

    It uses HTTP, where a slow answer really delays the run.
    """
    with serve(fleet.simulator) as server:
        fleet.stack.set_config("azure-reimage:simulator", server.url)
        fleet.up(triggers={"image": "1"})
        fleet.set(triggers={"image": "2"})
        fleet.simulator.script("POST web: slow 30")
        running = fleet.up_in_subprocess()
        running.until(lambda: fleet.posts == 1)
        running.kill9()
        fleet.stack.cancel()
    fleet.stack.set_config("azure-reimage:simulator", "machines.json")


@pytest.mark.parametrize("seconds", [1, 8], ids=["ended-meanwhile", "still-running"])
def test_a_request_that_was_not_saved_is_found_in_the_activity_log(
    new_stack: NewStack, seconds: float
) -> None:
    """It was accepted and succeeds, so it is not sent again."""
    fleet = Reimaging.start(new_stack, ONE, seconds=seconds)
    fleet.simulator.set_activity_log_seconds(0)
    old = fleet.simulator.machine("web").os_disk_name
    kill_before_the_save(fleet)
    kept = fleet.state(OPERATION, "web")["outputs"]["operation"]["record"]

    result = fleet.stack.up()
    unchanged = fleet.stack.up()

    assert "operation_url" not in kept
    assert result.ok, result.text
    assert [post.status for post in fleet.simulator.reimage_requests()] == [202]
    assert "Azure's activity log shows that it was accepted" in " ".join(result.text.split())
    assert fleet.outputs("web")["status"] == "Succeeded"
    assert fleet.outputs("web")["os_disk_id"] == fleet.simulator.machine("web").os_disk_id
    assert old in fleet.outputs("web")["os_disk_id_before"]
    assert unchanged.changes == {"same": 5}


@pytest.mark.parametrize("way", ["do it", "leave it"])
def test_a_request_that_was_not_saved_is_not_sent_again_without_the_activity_log(
    new_stack: NewStack, way: str
) -> None:
    """A new disk may be a stranger's work, so the error names two ways out, and both work."""
    fleet = Reimaging.start(new_stack, ONE, seconds=1)
    kill_before_the_save(fleet)
    fleet.simulator.script("activity every: 403 AuthorizationFailed")

    doubtful = fleet.stack.up()
    posts_until_then = fleet.posts
    (command,) = set(re.findall(r"`pulumi up --replace '([^']+)'`", doubtful.text))
    after = fleet.up(triggers={"image": "3"}) if way == "do it" else fleet.stack.up(replace=[command])
    unchanged = fleet.stack.up()

    assert not doubtful.ok
    assert "change a trigger" in doubtful.text
    assert "Microsoft.Insights/eventtypes/values/read" in doubtful.text
    assert posts_until_then == 1
    assert after.ok, after.text
    assert fleet.posts == (2 if way == "do it" else 1)
    assert fleet.outputs("web")["status"] == ("Succeeded" if way == "do it" else "Baseline")
    assert unchanged.changes == {"same": 5}


def test_a_run_that_was_killed_between_the_end_and_its_saving_reads_the_result_again(
    new_stack: NewStack,
) -> None:
    """The operation has succeeded and the VM is being read. The next `up` sends nothing.

    It uses HTTP, where a slow answer really delays the run. Answers are slow from the wait on.
    """
    fleet = Reimaging.start(new_stack, ONE, seconds=3600)
    with serve(fleet.simulator) as server:
        fleet.stack.set_config("azure-reimage:simulator", server.url)
        fleet.up(triggers={"image": "1"})
        fleet.set(triggers={"image": "2"})
        running = fleet.up_in_subprocess()
        running.until(lambda: "running in Azure for" in running.text)
        fleet.simulator.script("GET 1+ web: slow 30")
        fleet.simulator.finish("web")
        running.until(lambda: "checking the VM" in running.text)
        running.kill9()
        fleet.stack.cancel()
        fleet.simulator.clear_script()
        kept = fleet.told("web")

        result = fleet.stack.up()

    assert kept["status"] == "Baseline"
    assert result.ok, result.text
    assert fleet.posts == 1
    assert fleet.outputs("web")["status"] == "Succeeded"
    assert (
        fleet.outputs("web")["operation_id"]
        in fleet.state(OPERATION, "web")["outputs"]["operation"]["record"]["operation_url"]
    )


def test_two_stacks_that_reimage_the_same_vm_do_so_one_after_the_other(new_stack: NewStack) -> None:
    """The second finds ARM busy, waits, and sends its own request, because another stack's does not count."""
    first = Reimaging.start(new_stack, ONE, seconds=6)
    second = Reimaging.start(new_stack, ONE, endpoint=f"{first.stack.folder}/machines.json")
    first.up(triggers={"image": "1"})
    second.up(triggers={"image": "1"})
    first.set(triggers={"image": "2"})
    running = first.up_in_subprocess()
    running.until(lambda: first.posts == 1)

    result = second.up(triggers={"image": "2"})
    first_ended = running.wait()

    assert first_ended, running.text
    assert result.ok, result.text
    sent, then = first.simulator.reimage_requests()
    assert [sent.status, then.status] == [202, 202]
    assert (then.time - sent.time).total_seconds() >= 6
    assert "was replaced by someone else" in result.text
    assert second.outputs("web")["os_disk_id_before"] == first.outputs("web")["os_disk_id"]
    assert second.outputs("web")["os_disk_id"] == first.simulator.machine("web").os_disk_id


def test_a_token_that_expires_in_the_wait_is_renewed(new_stack: NewStack) -> None:
    """ARM refuses the token before it handles the poll, which is repeated with a new token."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=0)
    fleet.simulator.script("poll web: 401 ExpiredAuthenticationToken")

    result = fleet.up(triggers={"image": "2"})

    assert result.ok, result.text
    assert fleet.simulator.pending_script() == []
    assert fleet.posts == 1


def test_a_preview_without_azure_says_what_it_could_not_check(new_stack: NewStack) -> None:
    """An operation whose end cannot be read is no reason to fail a preview, nor to reimage."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=30)
    fleet.up(triggers={"image": "2"}, timeout="1s")
    fleet.simulator.script("any 1+ web: drop before send")

    result = fleet.preview()

    assert result.ok, result.text
    assert "will be reimaged" not in result.text
    assert fleet.posts == 1
