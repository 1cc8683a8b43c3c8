"""Managed disks, which are read, listed, written as stubs, and deleted if no VM uses them.

Sources: the 2024-03-02 specification of disks. The message of the refusal is quoted in
MicrosoftDocs/SupportArticles-docs, in the code of cloud providers, and elsewhere. A disk is written and
deleted at once, so its operation has ended when its URL is first read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..http.messages import Response, empty_response, json_response
from ..world.actions import ended_operation
from ..world.disk import Disk
from ..world.groups import group_id
from ..world.times import arm_time
from . import api_version, errors
from .body import inner_object, member, read_object, required_location, required_text, text
from .merging import merged
from .names import check_disk_name
from .pages import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .context import Context
    from .paths import DiskListPath, DiskPath
    from .request import ArmRequest

_RIGHTS = {"GET": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


def answer_disk(context: Context, request: ArmRequest, path: DiskPath) -> Response:
    """Answer a request for a disk.

    Raises:
        ArmError: ARM refuses it.
    """
    context.check_request(request, api_version.DISK, "disks", *_RIGHTS)
    method = request.http.method
    context.check_action(f"Microsoft.Compute/disks/{_RIGHTS[method]}", request)
    disk = context.records.disk(path.id)
    if disk is None:
        context.check_group(path.subscription_id, path.resource_group)
    if method == "PUT":
        return _put(context, request, path, disk)
    if method == "DELETE":
        return empty_response(204) if disk is None else _delete(context, request, disk)
    if disk is None:
        raise errors.resource_not_found("disks", path.name, path.resource_group)
    if method == "PATCH":
        return _written(context, request, _changed(disk, _read(request)))
    return json_response(200, disk_document(context, disk))


def list_disks(context: Context, request: ArmRequest, path: DiskListPath) -> Response:
    """List the disks of a resource group, or of a subscription.

    Raises:
        ArmError: ARM refuses it.
    """
    context.check_request(request, api_version.DISK, "disks")
    context.check_action("Microsoft.Compute/disks/read", request)
    context.check_group(path.subscription_id, path.resource_group)
    prefix = f"/subscriptions/{path.subscription_id}/"
    if path.resource_group is not None:
        prefix = f"{group_id(path.subscription_id, path.resource_group)}/"
    disks = context.records.disks_under(prefix.lower())
    return page(request, [disk_document(context, disk) for disk in disks])


def disk_document(context: Context, disk: Disk) -> dict[str, Any]:
    """Return the body of `GET …/disks/{name}`."""
    owner = {} if disk.managed_by is None else {"managedBy": disk.managed_by}
    written = {key: value for key, value in disk.model.items() if key != "properties"}
    sku = str(member(disk.model, "sku.name") or "Premium_LRS")
    properties = {
        "osType": disk.os_type,
        "creationData": {"createOption": "FromImage"},
        "diskSizeGB": disk.size_gb,
        "timeCreated": disk.time_created,
        "provisioningState": "Succeeded",
        "diskState": _state(context, disk),
    }
    return {
        "name": disk.name,
        "id": disk.id,
        "type": "Microsoft.Compute/disks",
        "location": disk.location,
        **owner,
        **written,
        "sku": {"name": sku, "tier": _tier(sku)},
        "properties": merged(properties, disk.model.get("properties") or {}),
    }


def _tier(sku: str) -> str:
    return next((tier for tier in ("Premium", "Ultra") if sku.startswith(tier)), "Standard")


def _state(context: Context, disk: Disk) -> str:
    """Return the state of a disk, which the specification derives from the state of its VM."""
    if disk.managed_by is None:
        return "Unattached"
    owner = context.records.machine(disk.managed_by.lower())
    return "Reserved" if owner is not None and owner.spec.power == "deallocated" else "Attached"


def _put(context: Context, request: ArmRequest, path: DiskPath, known: Disk | None) -> Response:
    check_disk_name(path.name)
    given = _read(request)
    location = required_location(given)
    if known is not None:
        return _written(context, request, _changed(known, given))
    required_text(given, "properties.creationData.createOption", "disk.creationData.createOption")
    source = _source(context, given)
    group = group_id(path.subscription_id, path.resource_group)
    disk = Disk(
        id=f"{group}/providers/Microsoft.Compute/disks/{path.name}",
        name=path.name,
        location=location,
        os_type=text(given, "properties.osType") or (source.os_type if source else "Linux"),
        size_gb=source.size_gb if source is not None else 30,
        time_created=arm_time(context.now),
        managed_by=None,
    )
    return _written(context, request, _changed(disk, given))


def _source(context: Context, given: Mapping[str, Any]) -> Disk | None:
    """Return the disk that a new one is copied from. Snapshots and images are not supported."""
    wanted = text(given, "properties.creationData.sourceResourceId") or ""
    if "/disks/" not in wanted.lower():
        return None
    source = context.records.disk(wanted)
    if source is None:
        raise errors.ArmError(404, "NotFound", f"Disk '{wanted}' is not found.")
    return source


def _changed(disk: Disk, given: Mapping[str, Any]) -> Disk:
    for path in ("sku", "properties.creationData"):
        inner_object(given, path)
    text(given, "sku.name")
    model = {key: value for key, value in given.items() if key in {"tags", "sku", "zones"} and value}
    properties = {key: value for key, value in (given.get("properties") or {}).items() if key in _PROPERTIES}
    size = member(given, "properties.diskSizeGB")
    return replace(
        disk,
        size_gb=size if isinstance(size, int) else disk.size_gb,
        model=merged(disk.model, {**model, "properties": properties}),
    )


_PROPERTIES = frozenset(
    {"creationData", "networkAccessPolicy", "publicNetworkAccess", "hyperVGeneration", "tier", "encryption"}
)


def _written(context: Context, request: ArmRequest, disk: Disk) -> Response:
    context.records.put_disk(disk)
    operation = ended_operation(context.records, disk.id, disk.location, context.now)
    headers = context.operation_headers(request, operation, location=True)
    return json_response(202, disk_document(context, disk), headers)


def _delete(context: Context, request: ArmRequest, disk: Disk) -> Response:
    if disk.managed_by is not None:
        raise errors.ArmError(
            409, "OperationNotAllowed", f"Disk {disk.name} is attached to VM {disk.managed_by}."
        )
    context.records.delete_disk(disk.id)
    operation = ended_operation(context.records, disk.id, disk.location, context.now)
    return empty_response(202, context.operation_headers(request, operation, location=True))


def _read(request: ArmRequest) -> Mapping[str, Any]:
    return read_object(request.http.body, request.http.header("content-type"))
