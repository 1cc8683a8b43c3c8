"""Sends the steps of a deployment, each as the PUT of its resource, once its dependencies exist.

Each step goes through the handler that answers a client's own PUT, so the same rules apply. It does not count
as a request: the request log shows only the deployment's, and a script line for a PUT does not affect it, but
one for its operation does.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from ..http.messages import Request, Response
from ..world.deployment import (
    Deployment,
    DeploymentStep,
    find_deployment,
    forget_unfinished,
    put_deployment,
    unfinished_deployments,
)
from . import api_version, permissions
from .disks import answer_disk
from .errors import ArmError
from .extensions import answer_extension
from .machines import answer_machine
from .network import answer_network
from .paths import DiskPath, ExtensionPath, MachinePath, NetworkPath, parse_path
from .recorded_writes import Sender, record_write
from .request import ArmRequest

if TYPE_CHECKING:
    from .context import Context

_TOKEN = {"authorization": "of the deployment", "content-type": "application/json"}


def check_type(step_id: str, resource_type: str, version: str) -> None:
    """Check that a resource of a template has a type that can be deployed.

    Raises:
        ArmError: The simulator has no such type.
    """
    try:
        path = parse_path(step_id)
    except ArmError:
        path = None
    if isinstance(path, DiskPath | ExtensionPath | MachinePath | NetworkPath):
        return
    namespace, _, kind = resource_type.partition("/")
    # The message of Microsoft Learn, "Resolve errors for resource provider registration".
    raise ArmError(
        400,
        "InvalidResourceType",
        f"The resource type '{kind}' could not be found in the namespace '{namespace}' for api version "
        f"'{version}'.",
    )


def advance(context: Context, deployment: Deployment) -> Deployment:
    """Send every step that is due, and keep its answer."""
    while ready := _ready(context, deployment):
        for step in ready:
            deployment = deployment.with_step(_sent(context, deployment, step))
    waits = deployment.state(context.records, context.now).state == "Running" and not deployment.is_sent
    if not waits:
        deployment = deployment.abandoned()
    put_deployment(context.records, deployment, unfinished=waits)
    return deployment


def continue_deployments(context: Context) -> None:
    """Continue the deployments that wait for an operation, whether or not a client polls them."""
    for deployment_id in unfinished_deployments(context.records):
        deployment = find_deployment(context.records, deployment_id)
        if deployment is None:  # Its resource group was deleted.
            forget_unfinished(context.records, deployment_id)
        else:
            advance(context, deployment)


def _ready(context: Context, deployment: Deployment) -> list[DeploymentStep]:
    states = {step.id: step.state(context.records, context.now).state for step in deployment.steps}
    return [
        step
        for step in deployment.steps
        if states[step.id] == "Pending" and all(states[one] == "Succeeded" for one in step.depends_on)
    ]


def _sent(context: Context, deployment: Deployment, step: DeploymentStep) -> DeploymentStep:
    query = urlencode({"api-version": step.api_version})
    url = f"{deployment.base}{quote(step.id)}?{query}"
    request = ArmRequest.of(Request("PUT", url, _TOKEN, json.dumps(step.body).encode()))
    try:
        response = _answered(context, request)
    except ArmError as refusal:
        response = refusal.response()
    # The events of a deployment and of its resources share one correlation id.
    sender = Sender(permissions.CLIENT, deployment.correlation_id)
    record_write(context.records, request, response, sender, context.now)
    if response.status >= HTTPStatus.BAD_REQUEST:
        return step.answered(context.now, response.status, error=response.json()["error"])
    begun = "azure-asyncoperation" in response.headers
    return step.answered(context.now, response.status, response.headers["x-ms-request-id"] if begun else None)


def _answered(context: Context, request: ArmRequest) -> Response:
    api_version.check_form(request.api_version)
    match path := parse_path(request.path):
        case MachinePath():
            return answer_machine(context, request, path)
        case ExtensionPath():
            return answer_extension(context, request, path)
        case DiskPath():
            return answer_disk(context, request, path)
        case NetworkPath():
            return answer_network(context, request, path)
        case _:
            raise AssertionError(path)  # `check_type` refuses all others.
