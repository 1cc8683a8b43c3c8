"""The documents of Microsoft.Network: what a client wrote, and what ARM adds to it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .body import inner_object, objects, required_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# By the lower-case path of the type, each as ARM spells it.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        kind.lower(): kind
        for kind in (
            "virtualNetworks",
            "virtualNetworks/subnets",
            "networkInterfaces",
            "networkSecurityGroups",
            "networkSecurityGroups/securityRules",
            "publicIPAddresses",
        )
    }
)
# The lists in a parent whose entries are also resources.
CHILDREN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"virtualnetworks": ("subnets",), "networksecuritygroups": ("securityRules",)}
)
# A made-up private address, with nothing behind it.
_ADDRESS = "10.0.0.4"


def completed(given: Mapping[str, Any], resource_id: str, kind: str) -> dict[str, Any]:
    """Return a document as it is stored: what was written, with what ARM adds."""
    properties = {**inner_object(given, "properties"), "provisioningState": "Succeeded"}
    if kind == "networkInterfaces":
        configurations = objects(given, "properties.ipConfigurations")
        properties["ipConfigurations"] = [
            _ip_configuration(configuration, f"{resource_id}/ipConfigurations", primary=number == 0)
            for number, configuration in enumerate(configurations)
        ]
    return {
        **{key: value for key, value in given.items() if key not in {"etag", "properties"}},
        "name": resource_id.rpartition("/")[2],
        "id": resource_id,
        "type": f"Microsoft.Network/{kind}",
        "properties": properties,
    }


def children_of(document: Mapping[str, Any], etag: str) -> Iterator[dict[str, Any]]:
    """Return the children that were written inside their parent."""
    kind = str(document["type"]).partition("/")[2]
    for child in CHILDREN.get(kind.lower(), ()):
        inside = objects(document, f"properties.{child}")
        document["properties"].pop(child, None)
        for given in inside:
            name = required_text(given, "name", f"{child}.name")
            complete = completed(given, f"{document['id']}/{child}/{name}", f"{kind}/{child}")
            yield {**complete, "etag": etag}


def _ip_configuration(given: Mapping[str, Any], parent: str, *, primary: bool) -> dict[str, Any]:
    return {
        **given,
        "id": f"{parent}/{given.get('name')}",
        "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
        "properties": {
            "privateIPAddress": _ADDRESS,
            "privateIPAllocationMethod": "Dynamic",
            "privateIPAddressVersion": "IPv4",
            "primary": primary,
            **inner_object(given, "properties"),
            "provisioningState": "Succeeded",
        },
    }
