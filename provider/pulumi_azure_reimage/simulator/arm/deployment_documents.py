"""The documents of a deployment: itself, the status of its operation, and the operation for each resource.

Keys and their order are those of Azure/azure-cli, test_vm_create_ubuntu.yaml (2022), the list of operations
those of the 2021-04-01 specification of Microsoft.Resources.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ..world.deployment import TYPE

if TYPE_CHECKING:
    from datetime import datetime

    from ..world.deployment import Deployment, DeploymentStep
    from ..world.records import Records
    from .templates import Step, Template


def deployment_document(
    deployment: Deployment, records: Records, now: datetime, *, accepted: bool = False
) -> dict[str, Any]:
    """Return the body of `GET …/deployments/{name}`. `accepted` gives the body that its PUT returns."""
    found = deployment.state(records, now)
    is_over = found.state in {"Succeeded", "Failed"} and not accepted
    at = found.at if is_over and found.at is not None else now
    properties: dict[str, Any] = {
        "templateHash": deployment.template_hash,
        "parameters": deployment.parameters,
        "mode": "Incremental",
        "provisioningState": "Accepted" if accepted else found.state,
        "timestamp": _time(at),
        "duration": _duration(at, deployment.started),
        "correlationId": deployment.correlation_id,
        "providers": _providers(deployment.steps),
        "dependencies": _dependencies(deployment.steps),
    }
    if is_over and found.error is not None:
        properties["error"] = found.error
    elif is_over:
        ids = sorted(step.id for step in deployment.steps)
        properties |= {"outputs": deployment.outputs, "outputResources": [{"id": one} for one in ids]}
    return {"id": deployment.id, "name": deployment.name, "type": TYPE, "properties": properties}


def status_document(deployment: Deployment, records: Records, now: datetime) -> dict[str, Any]:
    """Return what the `Azure-AsyncOperation` URL answers: only the status and an error."""
    found = deployment.state(records, now)
    error = {} if found.error is None else {"error": found.error}
    return {"status": found.state, **error}


def validation_document(
    deployment_id: str, template: Template, template_hash: str, now: datetime
) -> dict[str, Any]:
    """Return the body of `POST …/deployments/{name}/validate` for a template that can be deployed."""
    return {
        "id": deployment_id,
        "name": deployment_id.rpartition("/")[2],
        "type": TYPE,
        "properties": {
            "templateHash": template_hash,
            "parameters": template.parameters,
            "mode": "Incremental",
            "provisioningState": "Succeeded",
            "timestamp": _time(now),
            "duration": "PT0S",
            "providers": _providers(template.steps),
            "dependencies": _dependencies(template.steps),
            "validatedResources": [{"id": step.id} for step in template.steps],
        },
    }


def operation_documents(deployment: Deployment, records: Records, now: datetime) -> list[dict[str, Any]]:
    """Return the list of `GET …/deployments/{name}/operations`: one entry for each resource that was sent."""
    found = [
        _operation_document(deployment, step, records, now)
        for step in deployment.steps
        if step.sent_at is not None
    ]
    return sorted(found, key=lambda document: str(document["id"]).lower())


def _operation_document(
    deployment: Deployment, step: DeploymentStep, records: Records, now: datetime
) -> dict[str, Any]:
    state = step.state(records, now)
    # Made up, and the same at every read. ARM's id is also a hexadecimal number.
    number = hashlib.sha256(f"{deployment.operation_id}{step.id}".encode()).hexdigest()[:16].upper()
    message = {} if state.error is None else {"statusMessage": {"status": "Failed", "error": state.error}}
    return {
        "id": f"{deployment.id}/operations/{number}",
        "operationId": number,
        "properties": {
            "provisioningOperation": "Create",
            "provisioningState": state.state,
            "timestamp": _time(state.at or now),
            "duration": _duration(state.at or now, deployment.started),
            "statusCode": HTTPStatus(step.status or HTTPStatus.OK).phrase.replace(" ", ""),
            **message,
            "targetResource": _target(step.id, step.type, step.name),
        },
    }


def _target(identity: str, resource_type: str, name: str) -> dict[str, str]:
    return {"id": identity, "resourceType": resource_type, "resourceName": name}


def _providers(steps: tuple[Step, ...] | tuple[DeploymentStep, ...]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, list[str | None]]] = {}
    for step in steps:
        namespace, _, kind = step.type.partition("/")
        locations = found.setdefault(namespace, {}).setdefault(kind, [])
        if step.location not in locations:
            locations.append(step.location)
    return [
        {
            "namespace": namespace,
            "resourceTypes": [
                {"resourceType": kind, "locations": locations} for kind, locations in kinds.items()
            ],
        }
        for namespace, kinds in found.items()
    ]


def _dependencies(steps: tuple[Step, ...] | tuple[DeploymentStep, ...]) -> list[dict[str, Any]]:
    targets = {step.id: _target(step.id, step.type, step.name) for step in steps}
    return [
        {"dependsOn": [targets[one] for one in step.depends_on], **targets[step.id]}
        for step in steps
        if step.depends_on
    ]


def _time(moment: datetime) -> str:
    """Format a time as in a deployment, with seven digits of a second and a Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}0Z"


def _duration(end: datetime, start: datetime) -> str:
    return f"PT{max((end - start).total_seconds(), 0):.7f}".rstrip("0").rstrip(".") + "S"
