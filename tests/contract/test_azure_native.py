"""The order of requests of pulumi-azure-native 3.x, at its own API versions, from creation to deletion.

Before it creates a resource it reads it, with HEAD for a resource group, and any answer but 404 is an error.
It sends the whole resource with PUT and needs JSON in the answer, polls the operation and reads the resource
again. It accepts 200, 202, 204 and 404 for a DELETE. Source: pulumi/pulumi-azure-native,
provider/pkg/azure/client_azcore.go, and the versions in the docstrings of its Python package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.simulator.arm.written_machine import GROUP, INTERFACE, NET, VM, machine
from tests.unit.simulator.client import FakeNow, World, code, status_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUBNET = f"{NET}/subnets/default"
# In the order in which a program's dependencies let it create them.
RESOURCES: dict[str, tuple[str, Any]] = {
    GROUP: ("2024-03-01", {"location": "westus", "tags": {}}),
    NET: (
        "2024-05-01",
        {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}},
    ),
    SUBNET: ("2024-05-01", {"properties": {"addressPrefix": "10.0.0.0/24", "defaultOutboundAccess": True}}),
    INTERFACE: (
        "2024-05-01",
        {
            "location": "westus",
            "properties": {"ipConfigurations": [{"name": "web", "properties": {"subnet": {"id": SUBNET}}}]},
        },
    ),
    VM: ("2024-11-01", machine(userData="dGVzdA==")),
    f"{VM}/extensions/script": (
        "2024-11-01",
        {
            "location": "westus",
            "properties": {"publisher": "p", "type": "t", "typeHandlerVersion": "1.0", "settings": {}},
        },
    ),
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world with a subscription and nothing in it."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text(
        'subscription_id = "11111111-1111-1111-1111-111111111111"\noperation_seconds = 75.0\n'
    )
    with World.open(inventory, FakeNow()) as world:
        yield world


def send(world: World, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    """Send a request with the API version of its resource, and poll its operation to the end."""
    version, _ = RESOURCES[path]
    answer = world.send(method, f"{path}?api-version={version}", body)
    if "azure-asyncoperation" in answer.headers:
        world.now.advance(75)
        assert world.get(status_url(answer)).json()["status"] == "Succeeded"
    return answer


def create(world: World) -> dict[str, Any]:
    """Create every resource as the provider does, and return what it reads from each."""
    outputs: dict[str, Any] = {}
    for path, (_, body) in RESOURCES.items():
        assert send(world, "HEAD" if path == GROUP else "GET", path).status == 404
        created = send(world, "PUT", path, body)
        assert created.status in {200, 201}
        assert created.json()["id"] == path
        outputs[path] = send(world, "GET", path).json()
    return outputs


def test_a_program_creates_refreshes_updates_and_deletes_everything(world: World) -> None:
    """Each read has what was written, a second `up` changes nothing, and the end is like the beginning."""
    outputs = create(world)
    for path, (_, body) in RESOURCES.items():
        assert outputs[path]["properties"]["provisioningState"] == "Succeeded"
        assert outputs[path].get("location", "westus") == body.get("location", "westus")
    vm_id = outputs[VM]["properties"]["vmId"]

    updated = send(world, "PUT", VM, {**machine(userData="bmV3"), "tags": {"new": "tag"}})
    accepted = world.send("POST", f"{VM}/reimage?api-version=2024-07-01")
    world.now.advance(75)
    read = send(world, "GET", VM).json()

    assert (updated.status, accepted.status) == (200, 202)
    assert (read["tags"], read["properties"]["vmId"]) == ({"new": "tag"}, vm_id)
    for path in reversed(RESOURCES):
        assert send(world, "DELETE", path).status in {200, 202, 204}
        assert send(world, "GET", path).status == 404
        assert send(world, "DELETE", path).status in {204, 404}


def test_a_program_cannot_create_what_exists(world: World) -> None:
    """The read before the creation finds it."""
    create(world)

    assert send(world, "HEAD", GROUP).status == 204
    assert send(world, "GET", VM).status == 200


def test_a_changed_image_is_what_azure_refuses(world: World) -> None:
    """The image of an existing VM cannot be changed, which is why a reimage is a separate resource."""
    create(world)
    body = machine()
    body["properties"]["storageProfile"]["imageReference"] = {
        **body["properties"]["storageProfile"]["imageReference"],
        "version": "24.04.202611010",
    }

    refused = send(world, "PUT", VM, body)

    assert (refused.status, code(refused)) == (409, "PropertyChangeNotAllowed")
    assert refused.json()["error"]["target"] == "imageReference.version"
