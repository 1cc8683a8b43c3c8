"""The part of a client's model that is kept: everything that ARM shows again and nothing else stores."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from .machine_body import data_disks
from .merging import merged

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOP = ("plan", "identity", "zones", "extendedLocation")
# What ARM decides, what the specification of the machine holds, and what ARM never shows.
_LEFT_OUT = (
    "provisioningState",
    "vmId",
    "timeCreated",
    "instanceView",
    "virtualMachineScaleSet",
    "hardwareProfile.vmSize",
    "osProfile.adminPassword",
    "osProfile.customData",
    "storageProfile.imageReference",
    "storageProfile.osDisk.osType",
    "storageProfile.osDisk.name",
    "storageProfile.osDisk.createOption",
    "storageProfile.osDisk.deleteOption",
    "storageProfile.osDisk.image",
    "storageProfile.osDisk.managedDisk.id",
)
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def model_of(
    given: Mapping[str, Any], vm_id: str, vm_name: str, old: Mapping[str, Any] = _NOTHING
) -> dict[str, Any]:
    """Return the model after a body was written over `old`. Absent members are not changed."""
    properties = _without_null(given.get("properties") or {})
    if (properties.get("storageProfile") or {}).get("dataDisks") is not None:
        properties["storageProfile"]["dataDisks"] = data_disks(given, vm_name)
    for path in _LEFT_OUT:
        _remove(properties, path.split("."))
    new = {key: _without_null(given[key]) for key in _TOP if given.get(key) is not None}
    if "identity" in new:
        new["identity"] = _identity(new["identity"], vm_id)
    return {
        **old,
        **new,
        **({"tags": given["tags"]} if given.get("tags") is not None else {}),
        "properties": merged(old.get("properties") or {}, properties),
    }


def _without_null(value: Any) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return value


def _remove(document: dict[str, Any], path: list[str]) -> None:
    *parents, last = path
    for key in parents:
        inner = document.get(key)
        if not isinstance(inner, dict):
            return
        document = inner
    document.pop(last, None)


def _identity(given: Mapping[str, Any], vm_id: str) -> dict[str, Any]:
    """Return an identity with the ids that a directory would assign, derived from the id of the machine."""
    if "SystemAssigned" not in str(given.get("type")):
        return dict(given)
    made_up = {key: str(uuid5(NAMESPACE_URL, f"{vm_id}/{key}")) for key in ("principalId", "tenantId")}
    return {**given, **made_up}
