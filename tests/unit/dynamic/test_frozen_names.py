"""Names that are the format of users' state and programs: changing one breaks every stack.

Pulumi pickles the provider object into the state of each resource: ours as a call of a function with a
name. If that function moved, the stack could not be loaded any more, not even to destroy it.
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
from pulumi_azure_reimage.dynamic.resources import ProviderByName
from pulumi_azure_reimage.dynamic.result import ReimageResultProvider
from pulumi_azure_reimage.reimage.record import Record, Result
from tests.examples.mocked_program import run_program

from ..fakes import FakeClock, disk, requested
from ..stack import INVENTORY, WEB, Stack

PROVIDERS = [
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
RECORD_KEYS = {
    "before",
    "requested_at",
    "client_request_id",
    "correlation_id",
    "operation_url",
    "operation_header",
    "retry_after",
    "recovered",
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


@pytest.mark.parametrize(("name", "_", "pickled"), PROVIDERS)
def test_a_provider_is_pickled_as_it_always_was(name: str, _: type[Any], pickled: bytes) -> None:
    """As a call, so that its code may change and move, and small, because each resource in state has it."""
    assert base64.b64decode(serialize_provider(ProviderByName(name))) == pickled
    assert len(pickled) < 100


@pytest.mark.parametrize(("_", "provider", "pickled"), PROVIDERS)
def test_what_was_pickled_once_can_be_loaded(_: str, provider: type[Any], pickled: bytes) -> None:
    """Also by a stack that is only destroyed."""
    loaded = pickle.loads(pickled)  # noqa: S301 - the bytes are written above.

    assert type(loaded) is provider


@pytest.mark.parametrize(("name", "provider", "_"), PROVIDERS)
def test_a_provider_has_nothing_of_its_own(name: str, provider: type[Any], _: bytes) -> None:
    """What stands for it in the program is no secret, so that state shows it."""
    assert vars(provider()) == {}
    assert ProviderByName(name).serialize_as_secret_always is False


def test_the_types_of_the_resources_are_what_they_always_were(tmp_path: Path) -> None:
    """Another type is another resource: everything would be replaced."""
    (tmp_path / "__main__.py").write_text(PROGRAM)

    registered = run_program(tmp_path, {})

    assert set(registered) - {"pulumi:pulumi:Stack"} == {
        "azure-reimage:index:VirtualMachineReimage",
        "pulumi-python:dynamic/azure-reimage:ReimageOperation",
        "pulumi-python:dynamic/azure-reimage:ReimageResult",
    }


def test_the_keys_of_a_record_are_what_they_always_were() -> None:
    """A baseline has the few that say something about it."""
    record = replace(requested(), requested_version="1.0.0")

    assert set(record.to_state()) == RECORD_KEYS
    assert set(Record(before=disk()).to_state()) == {"before", "retry_after", "recovered"}


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


def test_the_state_of_both_resources_has_the_keys_that_it_always_had(
    tmp_path: Path, clock: FakeClock
) -> None:
    """What asks for the next reimage, and what was waited for, are there too."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text(INVENTORY)
    stack = Stack(inventory, clock)

    stack.up(triggers={"image": 1}, exact_version="1.0", os_profile={"admin_password": "Tr0ub4dor&3"})

    operation, result = stack.operation.outputs or {}, stack.result.outputs or {}
    assert set(operation) == {"vm_id", "triggers", "exact_version", "component_urn", "causes", "record"}
    assert set(result) == {"vm_id", "client_request_id", "vm_unique_id", "result"}
    assert set(operation["record"]) < RECORD_KEYS
    assert set(result["result"]) < RESULT_KEYS


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
        "exact_version",
        "temp_disk",
        "os_profile",
        "timeout",
        "reimage_on_create",
        "require_delete_option",
        "allowed_causes",
        "prevent_reimage",
        "skip_if_current",
    }
    outputs = {name for name, value in vars(VirtualMachineReimage).items() if isinstance(value, property)}
    assert outputs == RESULT_KEYS | {"causes", "requested_at"}
