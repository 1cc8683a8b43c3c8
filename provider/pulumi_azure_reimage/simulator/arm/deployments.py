"""Template deployments into a resource group: they are written, validated, read and polled.

Recorded: a PUT answers 201 with the state `Accepted` and an `Azure-AsyncOperation` below the deployment. Its
document has the status `Running` and then `Succeeded`, and nothing else (Azure/azure-cli,
test_vm_create_ubuntu.yaml, 2022).
ARM checks some rules of the resource providers before it begins, and then answers 400. Here each such refusal
comes from the resource, after the deployment began.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..http.messages import Response, json_response
from ..world.deployment import Deployment, DeploymentStep, find_deployment
from ..world.groups import find_group, group_id
from ..world.guids import new_guid
from . import api_version, errors
from .body import read_object
from .deployment_documents import (
    deployment_document,
    operation_documents,
    status_document,
    validation_document,
)
from .deployment_steps import advance, check_type
from .groups import group_document
from .pages import page
from .templates import read_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .context import Context
    from .paths import DeploymentPath
    from .request import ArmRequest
    from .templates import Template


class _Kind(NamedTuple):
    """What the end of a path supports: its methods, and the action of a role that allows each."""

    type: str
    rights: Mapping[str, str]


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "": _Kind("deployments", MappingProxyType({"GET": "read", "PUT": "write"})),
        "validate": _Kind("deployments", MappingProxyType({"POST": "validate/action"})),
        "operations": _Kind("deployments/operations", MappingProxyType({"GET": "read"})),
        "operationstatuses": _Kind("deployments/operationstatuses", MappingProxyType({"GET": "read"})),
    }
)


def answer_deployment(context: Context, request: ArmRequest, path: DeploymentPath) -> Response:
    """Answer a request for a deployment.

    Raises:
        ArmError: ARM refuses it.
    """
    kind = _KINDS.get(path.action)
    if kind is None or bool(path.operation_id) != (path.action == "operationstatuses"):
        raise errors.path_not_found(request.path)
    context.check_request(request, api_version.DEPLOYMENT, kind.type, *kind.rights)
    context.check_action(f"Microsoft.Resources/{kind.type}/{kind.rights[request.http.method]}", request)
    context.check_group(path.subscription_id, path.resource_group)
    if request.http.method == "PUT":
        return _put(context, request, path)
    if path.action == "validate":
        return _validate(context, request, path)
    return _read(context, request, path)


def _read(context: Context, request: ArmRequest, path: DeploymentPath) -> Response:
    deployment = find_deployment(context.records, path.id)
    if deployment is None:
        # The message of Microsoft Learn, "Resolve resource not found errors", for a deployment.
        raise errors.ArmError(404, "DeploymentNotFound", f"Deployment '{path.name}' could not be found.")
    if path.action == "operations":
        return page(request, operation_documents(deployment, context.records, context.now))
    if not path.action:
        return json_response(200, deployment_document(deployment, context.records, context.now))
    if path.operation_id != deployment.operation_id:
        raise errors.operation_not_found(path.operation_id)
    document = status_document(deployment, context.records, context.now)
    running = document["status"] == "Running"
    return json_response(200, document, context.retry_after() if running else {})


def _put(context: Context, request: ArmRequest, path: DeploymentPath) -> Response:
    known = find_deployment(context.records, path.id)
    if known is not None and known.state(context.records, context.now).state == "Running":
        raise _still_active(known)
    template = _template(context, request, path)
    name = path.name if known is None else known.name
    deployment = Deployment(
        id=path.canonical_id if known is None else known.id,
        name=name,
        operation_id=_operation_id(context.now),
        correlation_id=request.http.header("x-ms-correlation-request-id")
        or str(new_guid(context.records, f"deployment:{path.id}")),
        base=request.base,
        started_at=context.now.isoformat(),
        template_hash=_hash(template),
        parameters=template.parameters,
        outputs=template.outputs,
        steps=tuple(
            DeploymentStep(
                id=step.id,
                type=step.type,
                name=step.name,
                api_version=step.api_version,
                location=step.location,
                depends_on=step.depends_on,
                body=step.body,
            )
            for step in template.steps
        ),
    )
    deployment = advance(context, deployment)
    # Recorded: the path is spelled as in the request.
    status = f"{request.base}{request.url.path.rstrip('/')}/operationStatuses/{deployment.operation_id}"
    return json_response(
        201 if known is None else 200,
        deployment_document(deployment, context.records, context.now, accepted=True),
        {"azure-asyncoperation": f"{status}?api-version={request.api_version}", **context.retry_after()},
    )


def _validate(context: Context, request: ArmRequest, path: DeploymentPath) -> Response:
    template = _template(context, request, path)
    return json_response(200, validation_document(path.canonical_id, template, _hash(template), context.now))


def _template(context: Context, request: ArmRequest, path: DeploymentPath) -> Template:
    given = read_object(request.http.body, request.http.header("content-type"))
    stored = find_group(context.records, path.subscription_id, path.resource_group) or {}
    group: Mapping[str, Any] = {
        **group_document(context, path.subscription_id, path.resource_group, stored),
        "id": group_id(path.subscription_id, path.resource_group),
    }
    template = read_template(given, path.subscription_id, group)
    for step in template.steps:
        check_type(step.id, step.type, step.api_version)
    return template


def _hash(template: Template) -> str:
    """Return a number of up to 20 digits, like ARM's. How ARM computes it is not known."""
    content = json.dumps(template.content, sort_keys=True).encode()
    return str(int.from_bytes(hashlib.sha256(content).digest()[:8]))


def _operation_id(now: datetime) -> str:
    """Return `2**63 - 1` minus the .NET ticks of the time, which is the form of a recorded id."""
    ticks = (now - datetime(1, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10
    return f"{2**63 - 1 - ticks:020d}"


def _still_active(known: Deployment) -> errors.ArmError:
    """Refuse to replace a running deployment (message of Microsoft Learn, "Resolve deployment active")."""
    return errors.ArmError(
        409,
        "DeploymentActive",
        f"Unable to edit or replace deployment '{known.name}': previous deployment from "
        f"'{known.started:%m/%d/%Y %I:%M:%S %p}' is still active. Please see https://aka.ms/arm-deploy for "
        "usage details.",
    )
