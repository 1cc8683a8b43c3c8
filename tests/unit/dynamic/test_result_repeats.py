"""ReimageResult after a failure: what is repeated, what is only looked at, and what is given up."""

from typing import Any

import pytest

from pulumi_azure_reimage.dynamic.engine_errors import KeepingError
from pulumi_azure_reimage.dynamic.host import HostProcess
from pulumi_azure_reimage.dynamic.properties import PROVIDER_KEY
from pulumi_azure_reimage.errors import (
    ConfigurationError,
    OperationFailedError,
    OperationStillRunningError,
    RefusedError,
    ReimageError,
)
from pulumi_azure_reimage.simulator import Simulator

from ..stack import WEB, FakeLog, Stack, configured

BEFORE, AFTER = {"triggers": {"a": 1}}, {"triggers": {"a": 2}}


@pytest.fixture
def failed(stack: Stack, simulator: Simulator) -> Stack:
    """Return a stack whose last reimage failed with a disk that may be lost."""
    stack.up(**BEFORE)
    simulator.fail("web", "AllocationFailed", "There is no room.")
    stack.try_up(**AFTER)
    return stack


def test_a_repeat_that_outlasts_its_timeout_is_resumed(failed: Stack, simulator: Simulator) -> None:
    """The repeat has its own link, which is kept with the failure."""
    simulator.set_operation_seconds("web", 3600)
    with pytest.raises(OperationStillRunningError):
        failed.up(**AFTER, timeout="5m")
    planned = failed.preview(**AFTER)
    said = list(failed.log.warnings)
    simulator.finish("web")

    failed.up(**AFTER)

    assert planned == "update"
    assert any("the update resumes the wait for attempt 2." in text for text in said)
    assert failed.told["status"] == "Succeeded"
    assert len(simulator.reimage_requests()) == 2


def test_what_forbids_a_repeat_is_a_warning_in_its_diff(failed: Stack, simulator: Simulator) -> None:
    """A preview does not wait for the announcement of ReimageResult. The update refuses."""
    failed.preview(**AFTER, prevent_reimage=True)
    said = list(failed.log.warnings)

    with pytest.raises(RefusedError, match="prevent_reimage is true"):
        failed.up(**AFTER, prevent_reimage=True)

    assert any("prevent_reimage is true." in text for text in said)
    assert len(simulator.reimage_requests()) == 1


def test_after_three_attempts_the_preview_names_both_ways_out(failed: Stack, simulator: Simulator) -> None:
    """Each later update fails with the same message."""
    for _ in range(2):
        simulator.fail("web", "AllocationFailed", "There is no room.")
        failed.try_up(**AFTER)

    planned = failed.preview(**AFTER)
    said = list(failed.log.warnings)
    with pytest.raises(OperationFailedError, match="To reimage the VM, change a trigger"):
        failed.up(**AFTER)

    assert planned == "update"
    assert any("pulumi up --replace 'urn:pulumi:test::project" in text for text in said)
    assert len(simulator.reimage_requests()) == 3


def test_a_vm_that_is_current_by_now_is_not_reimaged_for_an_old_failure(
    failed: Stack, simulator: Simulator
) -> None:
    """The VM was repaired, and with skip_if_current this is enough."""
    current = {"exact_version": simulator.machine("web").image_version, "skip_if_current": True}
    simulator.change("web", failed=False)

    failed.preview(**AFTER, **current)
    said = list(failed.log.warnings)
    failed.up(**AFTER, **current)

    assert not any("attempt" in text for text in said)
    assert failed.told["status"] == "Baseline"
    assert len(simulator.reimage_requests()) == 1
    assert failed.up(**AFTER, **current) == ("same", "same")


def test_a_refresh_does_not_forget_a_failure(failed: Stack, simulator: Simulator) -> None:
    """The engine forgets that a step failed, so the repeat relies on the outputs that were kept."""
    failed.refresh()

    failed.up(**AFTER)

    assert failed.told["status"] == "Succeeded"
    assert len(simulator.reimage_requests()) == 2


def test_a_request_behind_a_configuration_that_broke_is_resumed_later(
    stack: Stack, simulator: Simulator
) -> None:
    """Its operation continues in Azure, so the error must not say that nothing was sent."""
    stack.up(**BEFORE)
    stack.begin(**AFTER)
    given = stack._to_result(AFTER)  # noqa: SLF001 - what ReimageResult is given.
    configured(stack.result.provider, {"azure-reimage:simulator": ""})

    with pytest.raises(OperationStillRunningError, match="resumes the wait and sends nothing") as caught:
        stack.result.provider.update(WEB, dict(stack.result.outputs or {}), given)

    assert "Nothing was sent" not in str(caught.value)
    stack.up(**AFTER)
    assert len(simulator.reimage_requests()) == 1


def test_a_doubt_of_the_operation_is_raised_by_the_result(stack: Stack, simulator: Simulator) -> None:
    """ReimageOperation keeps it and ends normally, so the other machines continue."""
    stack.up(**BEFORE)
    simulator.script('POST web: 400 InvalidParameter "Not like this."')

    with pytest.raises(ReimageError, match="Not like this"):
        stack.up(**AFTER)
    kept = (stack.operation.outputs or {})["operation"]["outcome"]
    stack.up(**AFTER)

    assert kept == "Rejected"
    assert stack.told["status"] == "Succeeded"


def test_what_holds_the_operation_is_raised_by_the_result(stack: Stack, simulator: Simulator) -> None:
    """Here, a guard was set after a run was killed, for a request that may have been sent."""
    stack.up(**BEFORE)
    stack.restart()
    stack.request.apply(stack.inputs(AFTER))

    with pytest.raises(RefusedError, match="prevent_reimage is true"):
        stack.up(**AFTER, prevent_reimage=True)

    assert simulator.reimage_requests() == []
    assert stack.preview(**AFTER, prevent_reimage=True) == "refused"


# What the engine keeps


def test_a_failure_is_kept_with_its_inputs_and_the_provider() -> None:
    """The engine saves the outputs unchanged."""
    inputs: dict[str, Any] = {"vm_id": WEB, PROVIDER_KEY: "gASV"}

    failing = HostProcess(FakeLog()).failing(ConfigurationError("No."), {"a": 1}, inputs)

    assert isinstance(failing, KeepingError)
    assert (failing.id_, failing.outputs, failing.inputs) == (WEB, {"a": 1}, inputs)


def test_outside_of_a_call_of_the_engine_nothing_is_kept() -> None:
    """So no repeat is promised."""
    assert not HostProcess(FakeLog()).keeps_failures()
