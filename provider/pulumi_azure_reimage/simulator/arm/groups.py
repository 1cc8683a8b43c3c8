"""Resource groups, as stubs, which are written, read, listed and deleted. Each request ends at once.

Source: the 2024-03-01 specification of Microsoft.Resources. Its DELETE may answer 200 without an operation.
Azure answers 202 and takes minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.messages import Response, empty_response, json_response
from ..world.groups import delete_group, find_group, group_id, group_names, machines_of
from . import api_version, errors, locks
from .body import read_object, required_location
from .names import check_group_name
from .pages import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .context import Context
    from .paths import GroupListPath, GroupPath
    from .request import ArmRequest

_MEMBERS = ("location", "tags", "managedBy")


def answer_group(context: Context, request: ArmRequest, path: GroupPath) -> Response:
    """Answer a request for a resource group.

    Raises:
        ArmError: ARM refuses it.
    """
    context.check_request(
        request, api_version.GROUP, "resourceGroups", "GET", "HEAD", "PUT", "PATCH", "DELETE"
    )
    context.check_action(
        f"Microsoft.Resources/subscriptions/resourceGroups/{_RIGHTS[request.http.method]}", request
    )
    context.check_group(path.subscription_id, None)
    known = find_group(context.records, path.subscription_id, path.resource_group)
    if request.http.method == "PUT":
        return _put(context, request, path, known)
    if known is None:
        raise errors.resource_group_not_found(path.resource_group)
    match request.http.method:
        case "DELETE":
            return _delete(context, path)
        case "PATCH":
            changes = _read(request)
            return json_response(200, _written(context, path, {**known, **changes}))
        case "HEAD":
            return empty_response(204)
        case _:
            return json_response(
                200, group_document(context, path.subscription_id, path.resource_group, known)
            )


_RIGHTS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


def list_groups(context: Context, request: ArmRequest, path: GroupListPath) -> Response:
    """List the resource groups of a subscription.

    Raises:
        ArmError: ARM refuses it.
    """
    context.check_request(request, api_version.GROUP, "resourceGroups")
    context.check_action("Microsoft.Resources/subscriptions/resourceGroups/read", request)
    context.check_group(path.subscription_id, None)
    names = group_names(context.records, path.subscription_id)
    documents = [
        group_document(
            context, path.subscription_id, name, find_group(context.records, path.subscription_id, name) or {}
        )
        for name in names
    ]
    return page(request, documents)


def _put(context: Context, request: ArmRequest, path: GroupPath, known: Mapping[str, Any] | None) -> Response:
    check_group_name(path.resource_group)
    given = _read(request)
    location = required_location(given)
    if known and known["location"].lower() != location.lower():
        raise errors.ArmError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in location "
            f"'{known['location']}'.",
        )
    return json_response(201 if known is None else 200, _written(context, path, given))


def _written(context: Context, path: GroupPath, given: Mapping[str, Any]) -> Mapping[str, Any]:
    document = group_document(context, path.subscription_id, path.resource_group, given)
    context.records.put_resource(document["id"], document)
    return document


def group_document(
    context: Context, subscription_id: str, name: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the body of `GET …/resourceGroups/{name}`. `given` is what was written to it."""
    machines = machines_of(context.records, subscription_id, name)
    location = machines[0].spec.location if machines else context.inventory.defaults.location
    return {
        "id": group_id(subscription_id, name),
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": location,
        **{key: given[key] for key in _MEMBERS if key in given},
        "properties": {"provisioningState": "Succeeded"},
    }


def _read(request: ArmRequest) -> Mapping[str, Any]:
    return read_object(request.http.body, request.http.header("content-type"))


def _delete(context: Context, path: GroupPath) -> Response:
    for machine in machines_of(context.records, path.subscription_id, path.resource_group):
        locks.check_deletion(machine)
    delete_group(context.records, path.subscription_id, path.resource_group, context.now)
    return empty_response(200)
