"""A VM as a client writes it: its group, its interface and its body, and requests followed to their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..client import API_VERSION, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_azure_reimage.simulator import Response

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/made"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
VM = f"{COMPUTE}/virtualMachines/web"
NET = f"{NETWORK}/virtualNetworks/net"
INTERFACE = f"{NETWORK}/networkInterfaces/nic"
PASSWORD = "correct-Horse-1"  # noqa: S105 - what a test sends
IMAGE = {"publisher": "Canonical", "offer": "ubuntu", "sku": "server", "version": "24.04.202610010"}


def prepare(world: World, subscription: str = "11111111-1111-1111-1111-111111111111") -> None:
    """Write the group, and the network with an interface."""

    def here(text: str) -> str:
        return text.replace("11111111-1111-1111-1111-111111111111", subscription)

    subnet = {"name": "default", "properties": {"addressPrefix": "10.0.0.0/24"}}
    configuration = {"name": "ip", "properties": {"subnet": {"id": here(f"{NET}/subnets/default")}}}
    bodies: Mapping[str, Any] = {
        GROUP: {"location": "westus"},
        NET: {"location": "westus", "properties": {"subnets": [subnet]}},
        INTERFACE: {"location": "westus", "properties": {"ipConfigurations": [configuration]}},
    }
    for path, body in bodies.items():
        assert world.send("PUT", f"{here(path)}?api-version=2024-05-01", body).status == 201


def machine(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - a JSON document has no narrower type.
    """Return the body of a VM; None leaves a property out."""
    given: dict[str, Any] = {
        "hardwareProfile": {"vmSize": "Standard_B2s_v2"},
        "storageProfile": {
            "imageReference": IMAGE,
            "osDisk": {
                "createOption": "FromImage",
                "deleteOption": "Delete",
                "managedDisk": {"storageAccountType": "StandardSSD_LRS"},
            },
        },
        "osProfile": {"computerName": "web", "adminUsername": "azureuser", "adminPassword": PASSWORD},
        "networkProfile": {"networkInterfaces": [{"id": INTERFACE, "properties": {"primary": True}}]},
        **properties,
    }
    kept = {key: value for key, value in given.items() if value is not None}
    return {"location": "westus", "tags": {"a": "b"}, "properties": kept}


def put(world: World, body: object = None, path: str = VM) -> Response:
    """Write the VM, and let the operation end."""
    answer = world.send("PUT", f"{path}?{API_VERSION}", machine() if body is None else body)
    world.now.advance(75)
    return answer


def read(world: World, query: str = "") -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
    """Return the document of the VM."""
    return world.get(f"{VM}?{API_VERSION}{query}").json()
