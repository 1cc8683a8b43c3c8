"""ReimageResult: the wait, what follows a failure, and what a refresh shows."""

import json

import pytest

from pulumi_azure_reimage.errors import OperationFailedError, OperationStillRunningError
from pulumi_azure_reimage.simulator import Simulator

from ..fakes import FakeClock
from ..stack import COMPONENT, Stack


def test_a_failed_reimage_fails_the_up(stack: Stack, simulator: Simulator) -> None:
    """The error has ARM's message, and there is no second request."""
    stack.up(triggers={"a": 1})
    simulator.fail("web", "OSProvisioningTimedOut", "The OS did not start.")

    with pytest.raises(OperationFailedError, match="The OS did not start") as caught:
        stack.up(triggers={"a": 2})

    assert caught.value.code == "OSProvisioningTimedOut"
    assert len(simulator.reimage_requests()) == 1


def test_after_a_failed_reimage_the_next_up_succeeds(stack: Stack, simulator: Simulator) -> None:
    """The preview says that the reimage will be requested again, and why."""
    stack.up(triggers={"a": 1})
    simulator.fail("web", "AllocationFailed", "There is no room.")
    stack.try_up(triggers={"a": 2})

    preview = stack.preview(triggers={"a": 2})
    announced = list(stack.log.warnings)
    stack.up(triggers={"a": 2})

    assert preview == "update"
    assert any("ended the reimage of web with Failed: There is no room." in text for text in announced)
    assert any("may be reimaged again (attempt 2)" in text for text in announced)
    assert stack.told["status"] == "Succeeded"
    assert len(simulator.reimage_requests()) == 2


def test_a_disk_that_was_rebuilt_is_not_wiped_again_automatically(stack: Stack, simulator: Simulator) -> None:
    """The next run looks at the VM. Once the VM is healthy, the reimage has succeeded."""
    stack.up(triggers={"a": 1})
    simulator.fail("web", "OSProvisioningTimedOut", "The OS did not start.")
    stack.try_up(triggers={"a": 2})

    with pytest.raises(OperationFailedError, match="The OS disk was rebuilt") as caught:
        stack.up(triggers={"a": 2})
    simulator.change("web", failed=False)
    stack.up(triggers={"a": 2})

    assert "is not reimaged again automatically" in caught.value.message
    assert "pulumi up --replace 'urn:pulumi:test::project::azure-reimage:index:" in caught.value.message
    assert stack.told["status"] == "Succeeded"
    assert stack.up(triggers={"a": 2}) == ("same", "same")
    assert len(simulator.reimage_requests()) == 1


def test_a_failure_is_repeated_twice_at_most(stack: Stack, simulator: Simulator) -> None:
    """After that the failure remains until a trigger changes."""
    stack.up(triggers={"a": 1})
    for _ in range(5):
        simulator.fail("web", "AllocationFailed", "There is no room.")
        stack.try_up(triggers={"a": 2})
    simulator.fail("web", "AllocationFailed", "There is no room.")
    sent = len(simulator.reimage_requests())

    stack.try_up(triggers={"a": 3})
    stack.up(triggers={"a": 3})

    assert sent == 3
    assert stack.told["status"] == "Succeeded"


def test_a_password_that_azure_quotes_is_neither_shown_nor_kept(stack: Stack, simulator: Simulator) -> None:
    """The reason of the last failure is part of the announcement and of the state."""
    password = "correct-Horse-1"  # noqa: S105 - made up.
    secret = {"os_profile": {"admin_password": password}}
    stack.up(triggers={"a": 1}, **secret)
    simulator.fail("web", "InvalidParameter", f"The password {password} is not allowed.")
    with pytest.raises(OperationFailedError, match=r"The password \[secret\] is not allowed") as caught:
        stack.up(triggers={"a": 2}, **secret)

    assert password not in str(caught.value)
    stack.preview(triggers={"a": 2}, **secret)
    stack.up(triggers={"a": 2}, **secret)

    kept = json.dumps([stack.request.outputs, stack.operation.outputs, stack.result.outputs])
    assert any("The password [secret] is not allowed." in text for text in stack.log.warnings)
    assert not any(password in text for text in (kept, *stack.log.warnings))


def test_a_timeout_is_resumed_without_a_second_request(stack: Stack, simulator: Simulator) -> None:
    """The next run has its full time again."""
    stack.up(triggers={"a": 1})
    simulator.set_operation_seconds("web", 3600)
    with pytest.raises(OperationStillRunningError):
        stack.up(triggers={"a": 2}, timeout="1m")
    preview = stack.preview(triggers={"a": 2})
    simulator.finish("web")

    done = stack.up(triggers={"a": 2}, timeout="1m")

    assert preview == "update", "of the result: the wait is resumed"
    assert done == ("same", "update")
    assert stack.told["status"] == "Succeeded"
    assert len(simulator.reimage_requests()) == 1


def test_a_run_that_was_killed_in_the_wait_is_resumed(stack: Stack, simulator: Simulator) -> None:
    """Its operation was saved before the wait began."""
    stack.up(triggers={"a": 1})
    stack.begin(triggers={"a": 2})

    done = stack.up(triggers={"a": 2})

    assert done == ("same", "update")
    assert len(simulator.reimage_requests()) == 1


def test_a_refresh_shows_a_new_disk_and_fires_nothing(stack: Stack, simulator: Simulator) -> None:
    """The triggers are still those of the last reimage."""
    stack.up(triggers={"a": 1})
    simulator.recreate("web")

    drift = stack.refresh()

    assert drift == (False, True)
    assert stack.result.plan(stack.result.inputs) == "same", "`up --refresh` does not answer it"
    assert stack.refresh() == (False, False), "drift is reported once"
    assert stack.told["os_disk_id"] != stack.told["os_disk_id_before"]
    assert any("was created again since its last baseline" in text for text in stack.log.warnings)
    assert stack.up(triggers={"a": 1})[0] == "same"
    assert simulator.reimage_requests() == []


def test_drift_that_no_diff_asked_for_is_not_waited_for(stack: Stack, simulator: Simulator) -> None:
    """The engine's legacy refresh does not diff, and the check of the next update forgets the drift."""
    stack.up(triggers={"a": 1})
    stack.up(triggers={"a": 2})
    simulator.recreate("web")
    stack.restart()
    outputs = stack.result.provider.read(stack.result.id, dict(stack.result.outputs or {})).outs
    stack.result.outputs = dict(outputs or {})
    asked = len(simulator.requests())

    done = stack.result.apply(stack.result.inputs)

    assert done == "same"
    assert stack.result.outputs == outputs
    assert len(simulator.requests()) == asked


def test_a_refresh_without_the_vm_keeps_what_was_known(stack: Stack, simulator: Simulator) -> None:
    """A warning says so once."""
    stack.up(triggers={"a": 1})
    before = (stack.operation.outputs, stack.result.outputs)
    simulator.remove("web")

    stack.refresh()

    assert (stack.operation.outputs, stack.result.outputs) == before
    (said,) = [text for text in stack.log.warnings if "could not be read" in text]
    assert "If the VM was deleted, remove its reimage from the program" in said


def test_the_timeout_counts_from_the_request(stack: Stack, simulator: Simulator, clock: FakeClock) -> None:
    """So the timeouts of machines that queue for the host's four threads do not add up."""
    stack.up(triggers={"a": 1})
    simulator.set_operation_seconds("web", 3600)
    stack.begin(triggers={"a": 2})
    requested_at = clock.elapsed
    clock.elapsed += 40
    with pytest.raises(OperationStillRunningError):
        stack.result.apply(stack._to_result({"timeout": 60}))  # noqa: SLF001 - the rest of the run.

    assert clock.elapsed - requested_at == 60


def test_a_resumed_wait_has_its_full_time_again(stack: Stack, simulator: Simulator, clock: FakeClock) -> None:
    """The timeout counts from the start of the run that resumes."""
    stack.up(triggers={"a": 1})
    simulator.set_operation_seconds("web", 36_000)
    stack.begin(triggers={"a": 2})
    clock.elapsed += 7200
    resumed_at = clock.elapsed
    with pytest.raises(OperationStillRunningError):
        stack.up(triggers={"a": 2}, timeout=60)

    assert clock.elapsed - resumed_at == 60


def test_polls_carry_the_ids_of_their_request(stack: Stack, simulator: Simulator) -> None:
    """This is also true in another process."""
    stack.up(triggers={"a": 1})
    stack.begin(triggers={"a": 2})
    stack.up(triggers={"a": 2})

    post = next(index for index, request in enumerate(simulator.requests()) if request.method == "POST")
    (sent, *polls) = [
        request
        for request in simulator.requests()[post:]
        if request.method == "POST" or "/operations/" in request.path
    ]
    assert polls
    assert {poll.client_request_id for poll in polls} == {sent.client_request_id}
    assert {poll.correlation_id for poll in polls} == {sent.correlation_id}


def test_messages_are_on_the_row_of_the_component(stack: Stack) -> None:
    """A run also says once that its machines are simulated."""
    stack.up(triggers={"a": 1})
    stack.up(triggers={"a": 2})

    assert stack.log.urns == {COMPONENT}
    assert any(text.startswith("running in Azure for ") for text in stack.log.progressed)
    assert sum("nothing in Azure is touched" in text for text in stack.log.warnings) == 1


def test_an_update_with_nothing_to_wait_for_keeps_what_it_has(stack: Stack, simulator: Simulator) -> None:
    """The engine can call `update` for drift that no diff has reported."""
    stack.up(triggers={"a": 1})
    stack.restart()
    result, asked = stack.result, len(simulator.requests())

    updated = result.provider.update(result.id, dict(result.outputs or {}), dict(result.inputs))

    assert updated.outs == result.outputs
    assert len(simulator.requests()) == asked
