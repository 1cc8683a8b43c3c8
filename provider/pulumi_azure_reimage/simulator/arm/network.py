"""Networks, subnets, network interfaces and related resources, as stubs that a VM can refer to.

What was written is read back, with the ids and states that ARM adds, and each request ends at once. Nothing
routes or filters, and no address is reachable. Source: the 2024-05-01 specification of Microsoft.Network;
issues of hashicorp/terraform-provider-azurerm quote the messages of the refusals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from ..http.messages import Response, empty_response, json_response
from ..world.network import users_of
from . import api_version
from .body import member, objects, read_object, required_location
from .errors import ArmError, resource_not_found
from .network_documents import CHILDREN, KINDS, children_of, completed
from .pages import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .context import Context
    from .paths import NetworkPath
    from .request import ArmRequest

_RIGHTS = {"GET": "read", "PUT": "write", "DELETE": "delete"}


def answer_network(context: Context, request: ArmRequest, path: NetworkPath) -> Response:
    """Answer a request for a resource of Microsoft.Network, or for a list of them.

    Raises:
        ArmError: ARM refuses it.
    """
    kind = KINDS[path.kind]
    methods = _RIGHTS if path.name else ("GET",)
    context.check_request(request, api_version.NETWORK, kind, *methods)
    context.check_action(f"Microsoft.Network/{kind}/{_RIGHTS[request.http.method]}", request)
    context.check_group(path.subscription_id, path.resource_group)
    if not path.name:
        return _list(context, request, path)
    match request.http.method:
        case "PUT":
            return _put(context, request, path)
        case "DELETE":
            return _delete(context, path)
        case _:
            return json_response(200, *_shown(context, _stored(context, path)))


def _stored(context: Context, path: NetworkPath) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = context.records.resource(path.id)
    if found is None:
        raise resource_not_found(KINDS[path.kind], path.name, path.resource_group or "", "Microsoft.Network")
    return found


def _shown(context: Context, stored: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a stored resource with what is added when it is read, and the headers of the answer."""
    document = dict(stored)
    for child in CHILDREN.get(document["type"].partition("/")[2].lower(), ()):
        inside = context.records.resources_under(f"{document['id']}/{child}/".lower())
        document["properties"] = {**document["properties"], child: inside}
    users = users_of(context.records, document["id"])
    if users and document["type"].endswith("/networkInterfaces"):
        document["properties"] = {**document["properties"], "virtualMachine": {"id": users[0]}}
    return document, {"etag": document["etag"]}


def _list(context: Context, request: ArmRequest, path: NetworkPath) -> Response:
    found = [
        _shown(context, stored)[0]
        for stored in context.records.resources_under(path.prefix)
        if stored.get("type", "").lower() == f"microsoft.network/{path.kind}"
    ]
    return page(request, found)


def _put(context: Context, request: ArmRequest, path: NetworkPath) -> Response:
    given = read_object(request.http.body, request.http.header("content-type"))
    if path.parent is not None and context.records.resource(path.parent) is None:
        raise _parent_not_found(path)
    if path.parent is None:
        required_location(given)
    known = context.records.resource(path.id)
    document = completed(given, path.resource_id, KINDS[path.kind])
    _check_references(context, document)
    document["etag"] = f'W/"{uuid5(NAMESPACE_URL, f"{path.id}{context.now.isoformat()}")}"'
    context.records.put_resource(path.id, document)
    for child in children_of(document, document["etag"]):
        context.records.put_resource(child["id"], child)
    return json_response(201 if known is None else 200, *_shown(context, document))


def _check_references(context: Context, document: Mapping[str, Any]) -> None:
    for configuration in objects(document, "properties.ipConfigurations"):
        for reference in ("properties.subnet.id", "properties.publicIPAddress.id"):
            target = member(configuration, reference)
            if target is not None and context.records.resource(str(target)) is None:
                raise invalid_reference(str(target), document["id"])


def invalid_reference(target: str, source: str) -> ArmError:
    """Refuse a resource that refers to one that does not exist."""
    return ArmError(
        400,
        "InvalidResourceReference",
        f"Resource {target} referenced by resource {source} was not found. Please make sure that the "
        "referenced resource exists, and that both resources are in the same region.",
    )


def _parent_not_found(path: NetworkPath) -> ArmError:
    return ArmError(
        404,
        "ParentResourceNotFound",
        f"Failed to perform 'write' on resource(s) of type '{KINDS[path.kind]}', because the parent resource "
        f"'{path.parent}' could not be found.",
    )


def _delete(context: Context, path: NetworkPath) -> Response:
    if context.records.resource(path.id) is None:
        return empty_response(204)
    children = [child["id"] for child in context.records.resources_under(f"{path.id}/")]
    for one in (path.id, *children):
        for user in users_of(context.records, one):
            if not user.lower().startswith(path.id):
                raise _in_use(path, user)
    for child in children:
        context.records.delete_resource(child)
    context.records.delete_resource(path.id)
    return empty_response(200)


def _in_use(path: NetworkPath, user: str) -> ArmError:
    if path.kind == "networkinterfaces":
        return ArmError(
            400,
            "NicInUse",
            f"Network Interface {path.resource_id} is used by existing resource {user}. In order to delete "
            "the network interface, it must be dissociated from the resource. To learn more, see "
            "aka.ms/deletenic.",
        )
    kind = KINDS[path.kind].rpartition("/")[2]
    singular = f"{kind[0].upper()}{kind[1:]}".rstrip("s").removesuffix("e")
    return ArmError(
        400,
        f"InUse{singular}CannotBeDeleted",
        f"{singular} {path.name} is in use by {user} and cannot be deleted.",
    )
