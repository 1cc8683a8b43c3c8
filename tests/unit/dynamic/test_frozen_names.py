"""Names that are part of the format of users' state and programs. Changing one breaks every stack.

Pulumi pickles the provider object into the state of each resource: ours as a string that calls a function
with a name. If that function moved, the stack could not be loaded any more, not even to destroy it.
"""

import base64
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

import pulumi_azure_reimage
from pulumi_azure_reimage.component import VirtualMachineReimage, VirtualMachineReimageArgs
from pulumi_azure_reimage.dynamic.operation import ReimageOperationProvider
from pulumi_azure_reimage.dynamic.pickled_call import pickled_call
from pulumi_azure_reimage.dynamic.request import ReimageRequestProvider
from pulumi_azure_reimage.dynamic.resources import ProviderByName
from pulumi_azure_reimage.dynamic.result import ReimageResultProvider
from pulumi_azure_reimage.inputs.parameters import Cause
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.record import Record, Result
from pulumi_azure_reimage.reimage.repeat import Failure
from pulumi_azure_reimage.reimage.request import Predecessor, Request
from pulumi_azure_reimage.reimage.troubleshooting import Disk
from pulumi_azure_reimage.simulator import Simulator
from pulumi_azure_reimage.version import VERSION
from tests.examples.mocked_program import run_program

from ..fakes import START, disk, requested
from ..stack import WEB, Stack

PROVIDERS = [
    pytest.param(
        "request",
        ReimageRequestProvider,
        b"\x80\x04\x95J\x00\x00\x00\x00\x00\x00\x00"
        b"\x8c&pulumi_azure_reimage.dynamic.resources\x94"
        b"\x8c\rload_provider\x94\x93\x94\x8c\x07request\x94\x85\x94R\x94.",
        id="request",
    ),
    pytest.param(
        "operation",
        ReimageOperationProvider,
        b"\x80\x04\x95L\x00\x00\x00\x00\x00\x00\x00"
        b"\x8c&pulumi_azure_reimage.dynamic.resources\x94"
        b"\x8c\rload_provider\x94\x93\x94\x8c\toperation\x94\x85\x94R\x94.",
        id="operation",
    ),
    pytest.param(
        "result",
        ReimageResultProvider,
        b"\x80\x04\x95I\x00\x00\x00\x00\x00\x00\x00"
        b"\x8c&pulumi_azure_reimage.dynamic.resources\x94"
        b"\x8c\rload_provider\x94\x93\x94\x8c\x06result\x94\x85\x94R\x94.",
        id="result",
    ),
]
PROGRAM = f"""
from pulumi_azure_reimage import VirtualMachineReimage

VirtualMachineReimage("web", vm_id="{WEB}")
"""

DISK_KEYS = {"vm_unique_id", "os_disk_id", "image_version", "delete_option", "ephemeral"}
LOOK_KEYS = {"disk", "fingerprint", "read_at"}
REQUEST_KEYS = {
    "id",
    "kind",
    "causes",
    "host_id",
    "look",
    "refusal",
    "forecast",
    "predecessor_id",
    "predecessor_look",
    "predecessor_of_predecessor_id",
}
OPERATION_KEYS = {"request_id", "outcome", "record", "look", "reason", "unsure", "held"}
FAILURE_KEYS = {"disk", "text", "attempt", "look", "sent"}
RECORD_KEYS = {
    "before",
    "request_id",
    "seen_at",
    "requested_at",
    "client_request_id",
    "correlation_id",
    "operation_url",
    "operation_header",
    "retry_after",
    "recovered",
    "ended_well",
    "requested_version",
}
RESULT_KEYS = {
    "status",
    "operation_id",
    "started_at",
    "completed_at",
    "duration_seconds",
    "os_disk_id",
    "os_disk_id_before",
    "image_version",
    "image_version_before",
    "retained_os_disk_id",
    "correlation_id",
    "recovered",
}


@pytest.mark.parametrize("name", ["request", "operation", "result"])
def test_a_provider_is_pickled_as_a_call_of_the_frozen_function(name: str) -> None:
    """So the code of a provider may change and move."""
    text = pickled_call(name, VERSION)

    assert base64.b64decode(serialize_provider(ProviderByName(name))) == (
        b"\x80\x04\x95"
        + (len(text) + 31).to_bytes(8, "little")
        + b"\x8c\x08builtins\x94\x8c\x04eval\x94\x93\x94X"
        + len(text).to_bytes(4, "little")
        + text.encode()
        + b"\x94\x85\x94R\x94."
    )
    assert f"'pulumi_azure_reimage.dynamic.resources:load_provider')('{name}','{VERSION}')" in text


@pytest.mark.parametrize(("_", "provider", "pickled"), PROVIDERS)
def test_what_was_pickled_once_can_be_loaded(_: str, provider: type[Any], pickled: bytes) -> None:
    """Even a stack that is only destroyed loads it. The first versions pickled a reference."""
    loaded = pickle.loads(pickled)  # noqa: S301 - the bytes are written above.

    assert type(loaded) is provider
    assert loaded.refuse_other_version() == []


@pytest.mark.parametrize(("name", "provider", "_"), PROVIDERS)
def test_what_is_pickled_today_can_be_loaded(name: str, provider: type[Any], _: bytes) -> None:
    """The host loads it."""
    state = base64.b64decode(serialize_provider(ProviderByName(name)))

    assert type(pickle.loads(state)) is provider  # noqa: S301 - made above.


@pytest.mark.parametrize(("name", "provider", "_"), PROVIDERS)
def test_a_provider_holds_only_the_version_of_the_program(name: str, provider: type[Any], _: bytes) -> None:
    """It has only the program's version. Its pickled form is not secret, so state shows it."""
    assert list(vars(provider("1.0")).values()) == ["1.0"]
    assert ProviderByName(name).serialize_as_secret_always is False


def test_the_types_of_the_resources_are_what_they_always_were(tmp_path: Path) -> None:
    """A resource of another type is another resource, so everything would be replaced."""
    (tmp_path / "__main__.py").write_text(PROGRAM)

    registered = run_program(tmp_path, {})

    assert set(registered) - {"pulumi:pulumi:Stack"} == {
        "azure-reimage:index:VirtualMachineReimage",
        "pulumi-python:dynamic/azure-reimage:ReimageRequest",
        "pulumi-python:dynamic/azure-reimage:ReimageOperation",
        "pulumi-python:dynamic/azure-reimage:ReimageResult",
    }


def test_the_keys_of_a_record_are_what_they_always_were() -> None:
    """A baseline has only the few keys that apply to it."""
    record = replace(requested(), requested_version="1.0.0", seen_at=START, ended_well=True)

    assert set(record.to_state()) == RECORD_KEYS
    assert set(Record(before=disk()).to_state()) == {
        "before",
        "request_id",
        "retry_after",
        "recovered",
    }


def test_the_keys_of_a_request_are_what_they_always_were() -> None:
    """It has all of them if it has a predecessor and was refused later."""
    look = Look(disk(), "a fingerprint", START)
    request = Request(
        "2",
        "Reimage",
        (Cause("failed", "why"),),
        "host",
        look,
        Predecessor("1", look, "0"),
        "It was refused.",
        "It would be refused.",
    )

    assert set(request.to_state()) == REQUEST_KEYS
    assert set(look.to_state()) == LOOK_KEYS


def test_the_keys_of_an_operation_are_what_they_always_were() -> None:
    """It has all of them while something is in doubt."""
    look = Look(disk(), "a fingerprint", START)
    operation = Operation("2", "Unknown", requested(), look, "Azure did not answer.", unsure=True, held="No.")

    assert set(operation.to_state()) == OPERATION_KEYS
    assert set(Operation("2", "Taken", requested()).to_state()) == {"request_id", "outcome", "record"}


def test_the_keys_of_a_failure_are_what_they_always_were() -> None:
    """They are kept next to the result, and the next run decides by them."""
    failure = Failure(Disk.UNTOUCHED, "No room.", 1, Look(disk(), "a fingerprint"), requested())

    assert set(failure.to_state()) == FAILURE_KEYS


def test_the_keys_of_a_disk_are_what_they_always_were() -> None:
    """They are nested in the record."""
    assert set(disk().to_state()) == DISK_KEYS


def test_the_keys_of_a_result_are_what_they_always_were() -> None:
    """They are the outputs that users read."""
    result = Result(
        "Succeeded",
        disk("old"),
        disk("new"),
        operation_id="op",
        started_at="2026-11-23T12:00:00Z",
        completed_at="2026-11-23T12:01:00Z",
        correlation_id="correlation",
    )

    assert set(result.to_state()) == RESULT_KEYS


def test_the_state_of_the_three_resources_has_the_keys_that_it_always_had(
    stack: Stack, simulator: Simulator
) -> None:
    """The inputs that can cause a reimage, the doubt, and the awaited operation are there as well."""
    given = {"exact_version": "1.0", "os_profile": {"admin_password": "Tr0ub4dor&3"}}

    stack.up(triggers={"image": 1}, **given)
    simulator.fail("web", "AllocationFailed", "No room.")
    stack.try_up(triggers={"image": 2}, **given)

    kept = [stack.request.outputs or {}, stack.operation.outputs or {}, stack.result.outputs or {}]
    request, operation, result = kept
    assert set(request) == {"vm_id", "triggers", "exact_version", "component_urn", "request"}
    assert set(operation) == {"vm_id", "triggers", "exact_version", "component_urn", "operation"}
    assert set(result) == {"vm_id", "component_urn", "key", "result", "failure"}
    assert set(request["request"]) < REQUEST_KEYS
    assert set(operation["operation"]) < OPERATION_KEYS
    assert set(operation["operation"]["record"]) <= RECORD_KEYS
    assert set(result["result"]) < RESULT_KEYS
    assert set(result["failure"]) == FAILURE_KEYS - {"sent"}


def test_the_public_names_are_what_they_always_were() -> None:
    """Programs import them."""
    assert pulumi_azure_reimage.__all__ == [
        "ConfigurationError",
        "InvalidInputError",
        "OperationFailedError",
        "OperationStillRunningError",
        "OsProfileArgs",
        "OutcomeUnknownError",
        "Provider",
        "ProviderArgs",
        "RefusedError",
        "ReimageError",
        "RequestRejectedError",
        "VirtualMachineReimage",
        "VirtualMachineReimageArgs",
        "hash_files",
    ]
    assert all(hasattr(pulumi_azure_reimage, name) for name in pulumi_azure_reimage.__all__)


def test_the_inputs_and_outputs_are_what_they_always_were() -> None:
    """Programs write and read them."""
    assert set(VirtualMachineReimageArgs.__annotations__) == {
        "vm_id",
        "triggers",
        "trigger_files",
        "exact_version",
        "temp_disk",
        "os_profile",
        "timeout",
        "reimage_on_create",
        "require_delete_option",
        "allowed_causes",
        "prevent_reimage",
        "skip_if_current",
        "preflight",
    }
    outputs = {name for name, value in vars(VirtualMachineReimage).items() if isinstance(value, property)}
    assert outputs == RESULT_KEYS | {"causes", "requested_at"}
