"""A component that the command line excludes, and the limits of a stack, as the providers apply them."""

from dataclasses import replace

import pytest

from pulumi_azure_reimage.errors import ReimageError
from pulumi_azure_reimage.simulator import Simulator

from ..stack import COMPONENT, OTHER, Stack

EXCLUDED = "This component is excluded by --exclude"


def exclude(stack: Stack) -> None:
    """Begin a run whose command line excludes the component, as `restart` begins one."""
    stack.restart()
    host = replace(stack.request.provider.host, excludes=lambda urn: urn == COMPONENT)
    for resource in (stack.request, stack.operation, stack.result):
        resource.provider.host = host


@pytest.mark.parametrize(
    "changes", [{"triggers": {"a": 2}}, {"vm_id": OTHER}], ids=["a trigger", "another VM"]
)
def test_nothing_changes_for_a_component_that_is_excluded(stack: Stack, changes: dict[str, object]) -> None:
    """The engine calls the providers of its children anyway."""
    stack.up(triggers={"a": 1})
    exclude(stack)

    inputs = stack.inputs({"triggers": {"a": 1}, **changes})

    assert stack.request.plan(inputs) == "same"
    assert any(EXCLUDED in text for text in stack.log.warnings) is ("triggers" in changes)


def test_a_request_of_a_killed_run_is_not_sent_for_a_component_that_is_excluded(stack: Stack) -> None:
    """It is still due in the next run."""
    stack.up(triggers={"a": 1})
    stack.restart()
    stack.request.apply(stack.inputs({"triggers": {"a": 2}}))
    exclude(stack)

    given = stack._to_operation({"triggers": {"a": 2}})  # noqa: SLF001 - what it is given.

    assert stack.operation.plan(given) == "same"
    stack.restart()
    assert stack.operation.plan(given) == "update"


def test_a_failure_is_not_repeated_for_a_component_that_is_excluded(
    stack: Stack, simulator: Simulator
) -> None:
    """It is still due in the next run."""
    stack.up(triggers={"a": 1})
    simulator.fail("web", "AllocationFailed", "There is no room.")
    stack.try_up(triggers={"a": 2})
    given = stack._to_result({"triggers": {"a": 2}})  # noqa: SLF001 - what it is given.
    exclude(stack)

    assert stack.result.plan(given) == "same"
    stack.restart()
    assert stack.result.plan(given) == "update"


@pytest.mark.parametrize("creates", [True, False], ids=["with a reimage", "a baseline"])
def test_a_creation_that_is_excluded_reimages_nothing(stack: Stack, *, creates: bool) -> None:
    """The engine would create the children of a component that it does not create."""
    exclude(stack)

    checked = stack.request.provider.check({}, stack.inputs({"reimage_on_create": creates}))

    reasons = [failure.reason for failure in checked.failures]
    assert len(reasons) == creates
    assert all("Add --exclude-dependents." in reason for reason in reasons)


# Limits of the stack

ONE, NONE = {"azure-reimage:maxReimagesPerRun": "1"}, {"azure-reimage:maxReimagesPerRun": "0"}


def limited(stack: Stack, settings: dict[str, str]) -> None:
    """Set the stack's configuration for the next runs."""
    stack._settings |= settings  # noqa: SLF001 - as a user changes it.


def test_a_reimage_within_the_limit_is_sent(stack: Stack, simulator: Simulator) -> None:
    """The limit is one, and one reimage is due."""
    limited(stack, ONE)
    stack.up(triggers={"a": 1})

    stack.up(triggers={"a": 2})

    assert len(simulator.reimage_requests()) == 1


def test_a_reimage_above_the_limit_is_kept_as_refused_and_sent_when_it_is_raised(
    stack: Stack, simulator: Simulator
) -> None:
    """The preview refuses it, and so does an update without a preview."""
    stack.up(triggers={"a": 1})
    limited(stack, NONE)

    planned = stack.preview(triggers={"a": 2})
    with pytest.raises(ReimageError, match="maxReimagesPerRun allows 0") as refused:
        stack.up(triggers={"a": 2})
    before = len(simulator.reimage_requests())
    limited(stack, ONE)
    stack.up(triggers={"a": 2})

    assert planned == "refused"
    assert "Nothing was sent; no disk was touched." in str(refused.value)
    assert before == 0
    assert len(simulator.reimage_requests()) == 1
    assert stack.told["status"] == "Succeeded"


def test_a_repeat_counts_too(stack: Stack, simulator: Simulator) -> None:
    """It wipes a disk like any other request."""
    stack.up(triggers={"a": 1})
    simulator.fail("web", "AllocationFailed", "There is no room.")
    stack.try_up(triggers={"a": 2})
    limited(stack, NONE)

    with pytest.raises(ReimageError, match="maxReimagesPerRun allows 0"):
        stack.up(triggers={"a": 2})

    assert len(simulator.reimage_requests()) == 1


def test_a_stack_that_prevents_reimages_refuses_the_decision(stack: Stack, simulator: Simulator) -> None:
    """The decision is refused, so no hook of the component runs."""
    stack.up(triggers={"a": 1})
    limited(stack, {"azure-reimage:preventReimage": "true"})

    planned = stack.preview(triggers={"a": 2})
    stack.try_up(triggers={"a": 2})

    assert planned == "refused"
    assert "azure-reimage:preventReimage is true." in stack.refused[0]
    assert "azure-reimage:preventReimage is true." in (stack.request.outputs or {})["request"]["refusal"]
    assert simulator.reimage_requests() == []
