"""State that cannot be read is refused by name, with the command that leaves the VM as it is."""

from collections.abc import Callable
from typing import Any

import pytest

from pulumi_azure_reimage.errors import UnreadableStateError
from pulumi_azure_reimage.simulator import Simulator

from ..stack import COMPONENT, WEB, Resource, Stack

CHILD = COMPONENT.replace(
    "VirtualMachineReimage::web", "VirtualMachineReimage$pulumi-python:dynamic/azure-reimage:"
)
REPLACED = [
    f"--replace '{CHILD}{name}::web'" for name in ("ReimageRequest", "ReimageOperation", "ReimageResult")
]
LEAVE_IT = (
    f"Nothing was sent. To keep the VM as it is, run `pulumi up {' '.join(REPLACED)}`, which records a new "
    f"baseline and sends nothing."
)
# What version 0.1.0 wrote, without the parts that are not read.
OLD_RECORD = {
    "before": {"vm_unique_id": "1b17f531", "os_disk_id": "a disk", "delete_option": "Detach"},
    "client_request_id": "e7d408c8",
    "operation_url": "https://management.azure.com/subscriptions/1/operations/2",
}
OLD_OPERATION = {"vm_id": WEB, "component_urn": COMPONENT, "triggers": {"a": 1.0}, "record": OLD_RECORD}


def request_of(stack: Stack) -> Resource:
    """Return ReimageRequest."""
    return stack.request


def operation_of(stack: Stack) -> Resource:
    """Return ReimageOperation."""
    return stack.operation


def result_of(stack: Stack) -> Resource:
    """Return ReimageResult."""
    return stack.result


@pytest.fixture
def applied(stack: Stack) -> Stack:
    """Return a stack with a baseline, in another run."""
    stack.up(triggers={"a": 1})
    stack.restart()
    return stack


def refusal(resource: Resource, verb: str = "diff", **changed: object) -> str:
    """Return why a resource with these outputs in state cannot be diffed or updated."""
    outputs = {**(resource.outputs or {}), **changed}
    with pytest.raises(UnreadableStateError) as caught:
        getattr(resource.provider, verb)(resource.id, outputs, dict(resource.inputs))
    return str(caught.value)


@pytest.mark.parametrize("verb", ["diff", "update"])
@pytest.mark.parametrize(
    ("of", "changed", "why"),
    [
        pytest.param(request_of, {"request": None}, "it has no request", id="no request"),
        pytest.param(
            request_of,
            {"request": {"id": "1", "kind": "Reimage"}},
            "it does not say which VM was looked at",
            id="a request without its look",
        ),
        pytest.param(operation_of, {"operation": {}}, "it has no operation", id="no operation"),
        pytest.param(
            operation_of,
            {"operation": {"request_id": "1", "outcome": "Taken", "record": {}}},
            "it does not say which VM was reimaged",
            id="an operation without its VM",
        ),
        pytest.param(
            operation_of,
            {"operation": {"request_id": "1", "outcome": "Unknown", "record": OLD_RECORD}},
            "it has an outcome in doubt and no look at the VM",
            id="a doubt without its look",
        ),
        pytest.param(
            operation_of,
            {
                "operation": {
                    "request_id": "1",
                    "outcome": "Taken",
                    "record": {**OLD_RECORD, "requested_at": "0001-01-01T00:00:00+05:00"},
                }
            },
            "its requested_at is not a time",
            id="a time before the year 1",
        ),
        pytest.param(
            operation_of,
            {"operation": {"request_id": "1", "outcome": "Whatever", "record": OLD_RECORD}},
            "it has no operation",
            id="an outcome that is not known",
        ),
    ],
)
def test_what_cannot_be_read_names_the_command_that_leaves_the_vm(
    applied: Stack, verb: str, of: Callable[[Stack], Resource], changed: dict[str, Any], why: str
) -> None:
    """Nothing is guessed from such state, because version 0.1.0 dropped a reimage on such a guess."""
    said = refusal(of(applied), verb, **changed)

    assert said == (
        f"This version cannot read what is in state: {why}. {LEAVE_IT} To reimage it then, change a trigger."
    )


@pytest.mark.parametrize(
    "failure",
    [
        {},
        {"disk": "GONE", "attempt": 1.0},
        {"disk": "UNTOUCHED", "attempt": "two"},
        {"disk": "UNTOUCHED", "attempt": float("inf")},
        {"disk": "UNTOUCHED", "attempt": float("nan")},
    ],
    ids=["empty", "a word that is not known", "no number", "no finite number", "not a number"],
)
def test_a_failure_that_cannot_be_read_names_the_command_too(applied: Stack, failure: dict[str, Any]) -> None:
    """Otherwise ReimageResult would guess whether to repeat."""
    said = refusal(applied.result, failure=failure)

    assert "it has a failure that cannot be read" in said
    assert LEAVE_IT in said


@pytest.mark.parametrize("name", ["request", "operation"])
def test_what_reimage_result_is_given_and_cannot_read_names_the_command_too(
    applied: Stack, name: str
) -> None:
    """Its inputs are outputs of the two resources before it."""
    applied.result.inputs[name] = {}

    assert LEAVE_IT in refusal(applied.result)


def test_a_refresh_of_a_request_that_cannot_be_read_names_the_command_too(applied: Stack) -> None:
    """Every way to unreadable state says how to continue."""
    with pytest.raises(UnreadableStateError) as caught:
        applied.request.provider.read(WEB, {**(applied.request.outputs or {}), "request": {}})

    assert LEAVE_IT in str(caught.value)


def test_reimage_on_create_must_be_removed_first(applied: Stack) -> None:
    """A replacement creates the resources again, and with `reimage_on_create` that would be a reimage."""
    applied.operation.inputs["reimage_on_create"] = True

    said = refusal(applied.operation, operation={})

    assert said.endswith(
        f"{LEAVE_IT} Set reimage_on_create to false first. To reimage it then, change a trigger."
    )


def test_state_of_version_0_1_0_is_refused_without_a_request_that_it_does_not_have(
    stack: Stack, simulator: Simulator
) -> None:
    """The message must not name a resource that is not in state, because Pulumi would fail on it."""
    stack.request.apply(stack.inputs({"triggers": {"a": 1}}))
    stack.operation.id, stack.operation.outputs = WEB, OLD_OPERATION
    stack.operation.inputs = stack._to_operation({})  # noqa: SLF001 - what ReimageOperation is given.

    said = refusal(stack.operation)

    assert "it has no operation" in said
    assert f"run `pulumi up {REPLACED[1]} {REPLACED[2]}`" in said
    assert "ReimageRequest" not in said
    assert simulator.reimage_requests() == []


@pytest.mark.parametrize("name", ["operation", "result"])
def test_the_diff_that_follows_the_read_of_state_of_version_0_1_0_changes_nothing(
    applied: Stack, name: str
) -> None:
    """Inputs of that version have no request, so a refresh compares nothing, and the next update refuses."""
    resource = getattr(applied, name)
    old = {"vm_id": WEB, "component_urn": COMPONENT, "record": {}}

    read = resource.provider.read(WEB, dict(resource.outputs or {}))

    assert resource.provider.diff(WEB, dict(read.outs or {}), dict(old)).changes is False
