"""A VM and what is done to it: the handler for each method and end of the path, and the reads."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..http.messages import Response, json_response
from ..inventory.resource_ids import resource_id
from ..world.actions import POSTS
from . import api_version, errors, permissions
from .context import Context
from .instance_view import instance_view
from .machine_deletion import delete
from .machine_documents import etag, machine_document
from .machine_posts import evict, generalize, post
from .machine_writes import create, update
from .paths import MachinePath
from .reimages import reimage
from .request import ArmRequest
from .throttling import LOW_COST_GET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..world.machine import Machine

Handler = Callable[[Context, ArmRequest, MachinePath, "Machine"], Response]


class _Call(NamedTuple):
    """A handler, and the action of a role that allows it."""

    permission: str
    handler: Handler


def answer_machine(context: Context, request: ArmRequest, path: MachinePath) -> Response:
    """Answer a request for a VM, or for something that is done to it.

    Raises:
        ArmError: ARM refuses it.
    """
    methods = [method for method, action in _CALLS if action == path.action]
    if not methods:
        raise errors.path_not_found(request.path)
    context.check_request(request, api_version.MACHINE, "virtualMachines", *methods)
    call = _CALLS[request.http.method, path.action]
    known = context.machine(path.id)
    # ARM checks the role assignment before it checks whether the scope exists.
    scope = resource_id(path.subscription_id, path.resource_group, "virtualMachines", path.name)
    permissions.check_action(call.permission, context.allowed(known), scope)
    if known is not None and not known.removed:
        return call.handler(context, request, path, known)
    context.check_group(path.subscription_id, path.resource_group)
    if request.http.method == "PUT":
        return create(context, request, path, known)
    if request.http.method == "DELETE":
        # Azure/azure-resource-manager-rpc, v1.0/resource-api-reference.md: if there is nothing to delete, the
        # answer is 204.
        return Response(204)
    raise errors.resource_not_found("virtualMachines", path.name, path.resource_group)


def _read(context: Context, request: ArmRequest, _: MachinePath, machine: Machine) -> Response:
    headers = context.admit(machine, LOW_COST_GET)
    if request.query.get("$expand", "").lower() == "instanceview":
        view = instance_view(machine, context.seen_at)
        return json_response(200, machine_document(machine, view), headers)
    if request.query.get("$expand", "").lower() == "userdata":
        return json_response(200, machine_document(machine, user_data=True), headers)
    # Recorded: the etag is also a header, but not together with an instance view.
    return json_response(200, machine_document(machine), {"etag": etag(machine), **headers})


def _read_instance_view(context: Context, _: ArmRequest, __: MachinePath, machine: Machine) -> Response:
    headers = context.admit(machine, LOW_COST_GET)
    return json_response(200, instance_view(machine, context.seen_at), headers)


# By method, and by the end of the path in lower case.
_CALLS: Mapping[tuple[str, str], _Call] = MappingProxyType(
    {
        ("GET", ""): _Call(permissions.READ, _read),
        ("GET", "instanceview"): _Call(permissions.READ_INSTANCE_VIEW, _read_instance_view),
        ("PUT", ""): _Call(permissions.WRITE, update),
        ("PATCH", ""): _Call(permissions.WRITE, update),
        ("DELETE", ""): _Call(permissions.DELETE, delete),
        ("POST", "reimage"): _Call(permissions.REIMAGE, reimage),
        ("POST", "generalize"): _Call(permissions.action("generalize"), generalize),
        ("POST", "simulateeviction"): _Call(permissions.action("simulateEviction"), evict),
        **{("POST", name): _Call(permissions.action(kind.kind), post) for name, kind in POSTS.items()},
    }
)
