"""The state that version 0.1.0 wrote: two resources for each reimage, and a record that today's state lacks.

The documents are those of `pulumi stack export` after a reimage of that version with CLI 3.274.1, without
what the engine adds for people, such as the position in the program's source.
"""

import json
from typing import Any

from pulumi_azure_reimage.arm.resource_id import VirtualMachineId
from tests.engine.harness import EngineResult
from tests.engine.reimaging import COMPONENT, OPERATION, RESULT, Reimaging, vm_id

_PREFIX = "urn:pulumi:test::test::"
_STACK = f"{_PREFIX}pulumi:pulumi:Stack::test-test"
_PROVIDER = f"{_PREFIX}pulumi:providers:pulumi-python::default"
_PROVIDER_ID = "7c2949d9-5811-477b-aaa8-03c5dac0ac33"
_PICKLED_OPERATION = (
    "gASVTAAAAAAAAACMJnB1bHVtaV9henVyZV9yZWltYWdlLmR5bmFtaWMucmVzb3VyY2VzlIwNbG9hZF9wcm92aWRlcpSTlIwJb3BlcmF0"
    "aW9ulIWUUpQu"
)
_PICKLED_RESULT = (
    "gASVSQAAAAAAAACMJnB1bHVtaV9henVyZV9yZWltYWdlLmR5bmFtaWMucmVzb3VyY2VzlIwNbG9hZF9wcm92aWRlcpSTlIwGcmVzdWx0"
    "lIWUUpQu"
)


def import_old_state(fleet: Reimaging, *names: str) -> EngineResult:
    """Replace the stack's state with that of version 0.1.0, in which each machine was reimaged once."""
    file = fleet.stack.folder / "old-state.json"
    file.write_text(json.dumps({"version": 3, "deployment": _deployment(fleet, names)}))
    return fleet.stack.cli("stack", "import", "--file", str(file))


def _deployment(fleet: Reimaging, names: tuple[str, ...]) -> dict[str, Any]:
    config = {"azure-reimage:simulator": "machines.json", "azure-reimage:simulatorTimeScale": "0.01"}
    shared: list[dict[str, Any]] = [
        {"urn": _STACK, "custom": False, "type": "pulumi:pulumi:Stack"},
        {
            "urn": _PROVIDER,
            "custom": True,
            "id": _PROVIDER_ID,
            "type": "pulumi:providers:pulumi-python",
            "inputs": config,
            "outputs": config,
        },
    ]
    resources = [resource for name in names for resource in _resources(fleet, name)]
    # A manifest without a version needs no checksum.
    return {
        "manifest": {"time": "2026-11-25T23:08:48Z", "magic": "", "version": ""},
        "resources": [*shared, *resources],
    }


def _resources(fleet: Reimaging, name: str) -> list[dict[str, Any]]:
    component = f"{_PREFIX}{COMPONENT}::{name}"
    record = _record(fleet, name)
    operation = {"vm_id": vm_id(name), "triggers": {"image": "1"}, "component_urn": component}
    result = {"vm_id": vm_id(name), "record": record, "component_urn": component}
    return [
        {"urn": component, "custom": False, "type": COMPONENT, "parent": _STACK},
        _resource(
            OPERATION,
            name,
            inputs={**operation, "__provider": _PICKLED_OPERATION},
            outputs={
                **operation,
                "__provider": _PICKLED_OPERATION,
                "causes": ["triggers.image changed"],
                "record": record,
            },
        ),
        _resource(
            RESULT,
            name,
            inputs={**result, "__provider": _PICKLED_RESULT},
            outputs={
                "__provider": _PICKLED_RESULT,
                "vm_id": vm_id(name),
                "client_request_id": record["client_request_id"],
                "vm_unique_id": record["before"]["vm_unique_id"],
                "result": _result(record),
            },
        ),
    ]


def _resource(type_token: str, name: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON.
    component = f"{_PREFIX}{COMPONENT}::{name}"
    return {
        "urn": f"{_PREFIX}{COMPONENT}${type_token}::{name}",
        "custom": True,
        "id": vm_id(name),
        "type": type_token,
        "parent": component,
        "provider": f"{_PROVIDER}::{_PROVIDER_ID}",
        **given,
    }


def _record(fleet: Reimaging, name: str) -> dict[str, Any]:
    machine = fleet.simulator.machine(name)
    subscription = VirtualMachineId.parse(vm_id(name)).subscription_id
    return {
        "before": {
            "vm_unique_id": machine.vm_id,
            "os_disk_id": f"{vm_id(name).rpartition('/Microsoft.Compute/')[0]}/Microsoft.Compute/disks/first",
            "image_version": machine.image_version,
            "delete_option": "Detach",
            "ephemeral": False,
        },
        "requested_at": "2026-11-25T23:08:46.945486+00:00",
        "client_request_id": "e7d408c8-2102-4056-8bdd-a5ee25d20686",
        "correlation_id": "07145024-9b3d-45be-8a91-64e1d70bd480",
        "operation_url": f"https://management.azure.com/subscriptions/{subscription}/providers/Microsoft.Compute"
        "/locations/westeurope/operations/67148e36-cc85-4f01-8770-0a49a333af07?api-version=2024-07-01",
        "operation_header": "Azure-AsyncOperation",
        "retry_after": 1,
        "recovered": False,
    }


def _result(record: dict[str, Any]) -> dict[str, Any]:
    before = record["before"]
    return {
        "status": "Succeeded",
        "os_disk_id": before["os_disk_id"],
        "os_disk_id_before": before["os_disk_id"],
        "image_version": before["image_version"],
        "image_version_before": before["image_version"],
        "correlation_id": record["correlation_id"],
        "recovered": False,
    }
