"""Resource groups and networks are stubs that can be written, read, listed and deleted, as VMs need them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.simulator.client import World, code

if TYPE_CHECKING:
    from pulumi_azure_reimage.simulator import Response

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/New.group"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
NET = f"{NETWORK}/virtualNetworks/net"
SUBNET = f"{NET}/subnets/default"
INTERFACE = f"{NETWORK}/networkInterfaces/nic"
GROUP_VERSION = "api-version=2024-03-01"
VERSION = "api-version=2024-05-01"


def group(world: World, method: str, body: object = None) -> Response:
    """Send a request for the resource group."""
    return world.send(method, f"{GROUP}?{GROUP_VERSION}", body)


def send(world: World, method: str, path: str, body: object = None) -> Response:
    """Send a request to Microsoft.Network."""
    return world.send(method, f"{path}?{VERSION}", body)


def interface(**settings: object) -> dict[str, Any]:
    """Return the body of a network interface in the subnet."""
    configuration = {"name": "ip", "properties": {"subnet": {"id": SUBNET}, **settings}}
    return {"location": "westus", "properties": {"ipConfigurations": [configuration]}}


@pytest.fixture
def network(world: World) -> World:
    """Return a world with a group, a network and a subnet."""
    assert group(world, "PUT", {"location": "westus"}).status == 201
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    assert send(world, "PUT", NET, {"location": "westus", "properties": space}).status == 201
    assert send(world, "PUT", SUBNET, {"properties": {"addressPrefix": "10.0.0.0/24"}}).status == 201
    return world


def test_a_resource_group_is_made_read_and_deleted(world: World) -> None:
    """HEAD answers without a body, and a second PUT is an update."""
    before = [group(world, method).status for method in ("HEAD", "GET")]
    made = group(world, "PUT", {"location": "westus", "tags": {"a": "b"}})
    again = group(world, "PUT", {"location": "WestUS"})
    head, read = group(world, "HEAD"), group(world, "GET")
    deleted = group(world, "DELETE")

    assert before == [404, 404]
    assert made.json() == {
        "id": GROUP,
        "name": "New.group",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "westus",
        "tags": {"a": "b"},
        "properties": {"provisioningState": "Succeeded"},
    }
    assert (made.status, again.status, head.status, head.body) == (201, 200, 204, b"")
    assert "tags" not in read.json()
    assert deleted.status == 200
    assert code(group(world, "GET")) == "ResourceGroupNotFound"


def test_a_group_with_machines_is_there_without_being_written(world: World) -> None:
    """The inventory says so. The list has it beside those that were written."""
    group(world, "PUT", {"location": "eastus"})
    inherent = world.get(f"{SUBSCRIPTION}/resourceGroups/rg-ONE?{GROUP_VERSION}")
    listed = world.get(f"{SUBSCRIPTION}/resourceGroups?{GROUP_VERSION}").json()["value"]

    assert inherent.json()["location"] == "westus"
    assert [(one["name"], one["location"]) for one in listed] == [
        ("New.group", "eastus"),
        ("RG-one", "westus"),
    ]


def test_a_group_is_deleted_with_all_that_is_in_it(world: World) -> None:
    """Its machines and their disks go too. It is gone until it is written again."""
    path = f"{SUBSCRIPTION}/resourceGroups/RG-one?{GROUP_VERSION}"
    vm = world.simulator.machine("kept").id
    deleted = world.send("DELETE", path)

    assert deleted.status == 200
    assert world.simulator.machines() == []
    assert world.simulator.disks() == []
    assert code(world.get(path)) == "ResourceGroupNotFound"
    assert code(world.get(f"{vm}?api-version=2024-07-01")) == "ResourceGroupNotFound"
    assert world.send("PUT", path, {"location": "westus"}).status == 201
    assert code(world.get(f"{vm}?api-version=2024-07-01")) == "ResourceNotFound"


def test_a_lock_on_a_machine_stops_the_deletion_of_its_group(world: World) -> None:
    """Nothing in the group is deleted."""
    world.simulator.change("kept", lock="CanNotDelete")

    refused = world.send("DELETE", f"{SUBSCRIPTION}/resourceGroups/RG-one?{GROUP_VERSION}")

    assert (refused.status, code(refused)) == (409, "ScopeLocked")
    assert len(world.simulator.machines()) == 3


@pytest.mark.parametrize(
    ("path", "body", "status", "expected"),
    [
        (GROUP, {}, 400, "LocationRequired"),
        (GROUP, [], 400, "BadRequest"),
        (f"{SUBSCRIPTION}/resourceGroups/a*b", {"location": "westus"}, 400, "InvalidResourceGroup"),
        (f"{SUBSCRIPTION}/resourceGroups/dot.", {"location": "westus"}, 400, "InvalidResourceGroup"),
        (f"{SUBSCRIPTION}/resourceGroups/{'a' * 91}", {"location": "westus"}, 400, "InvalidResourceGroup"),
        ("/subscriptions/none/resourceGroups/a", {"location": "westus"}, 404, "SubscriptionNotFound"),
    ],
)
def test_a_group_that_arm_refuses(world: World, path: str, body: object, status: int, expected: str) -> None:
    """Names, bodies and subscriptions are checked."""
    refused = world.send("PUT", f"{path}?{GROUP_VERSION}", body)

    assert (refused.status, code(refused)) == (status, expected)


def test_a_group_does_not_move(world: World) -> None:
    """A PUT with another location is refused."""
    group(world, "PUT", {"location": "westus"})

    assert code(group(world, "PUT", {"location": "eastus"})) == "InvalidResourceGroupLocation"


def test_a_network_interface_is_made_in_a_subnet_of_a_network(network: World) -> None:
    """ARM adds ids, states and an address. A second PUT is an update."""
    first = send(network, "GET", INTERFACE)
    made = send(network, "PUT", INTERFACE, interface())
    again = send(network, "PUT", INTERFACE, interface(primary=True))
    read = send(network, "GET", INTERFACE.upper())

    configuration = read.json()["properties"]["ipConfigurations"][0]
    assert (first.status, made.status, again.status) == (404, 201, 200)
    assert read.json()["id"] == INTERFACE
    assert read.json()["properties"]["provisioningState"] == "Succeeded"
    assert configuration["id"] == f"{INTERFACE}/ipConfigurations/ip"
    assert configuration["properties"]["subnet"] == {"id": SUBNET}
    assert configuration["properties"]["privateIPAddress"] == "10.0.0.4"
    assert read.headers["etag"] == read.json()["etag"]


def test_a_network_shows_its_subnets_however_they_were_written(network: World) -> None:
    """Subnets are written inside the network or separately."""
    body = {"location": "westus", "properties": {"subnets": [{"name": "inner", "properties": {}}]}}
    send(network, "PUT", NET, body)

    shown = send(network, "GET", NET).json()["properties"]["subnets"]
    listed = send(network, "GET", f"{NET}/subnets").json()["value"]

    assert [subnet["name"] for subnet in shown] == ["default", "inner"]
    assert listed == shown
    assert shown[1]["id"] == f"{NET}/subnets/inner"


@pytest.mark.parametrize(
    ("sent", "status", "expected"),
    [
        (("PUT", f"{NETWORK}/virtualNetworks/none/subnets/s", {}), 404, "ParentResourceNotFound"),
        (("PUT", NET, {}), 400, "LocationRequired"),
        (("PUT", f"{NETWORK}/loadBalancers/lb", {"location": "westus"}), 404, "InvalidResourceType"),
        (("POST", INTERFACE, None), 405, "MethodNotAllowed"),
        (("GET", NET.replace("New.group", "none"), None), 404, "ResourceGroupNotFound"),
        (("GET", f"{NET}2", None), 404, "ResourceNotFound"),
        (("GET", NET.replace("Microsoft.Network", "Contoso.Net"), None), 404, "InvalidResourceNamespace"),
        (("DELETE", SUBNET, None), 400, "InUseSubnetCannotBeDeleted"),
        (("DELETE", NET, None), 400, "InUseVirtualNetworkCannotBeDeleted"),
    ],
)
def test_what_the_network_refuses(
    network: World, sent: tuple[str, str, object], status: int, expected: str
) -> None:
    """It refuses missing parents, types that do not exist, and the deletion of what is in use."""
    send(network, "PUT", INTERFACE, interface())

    refused = send(network, *sent)

    assert (refused.status, code(refused)) == (status, expected)


def test_an_interface_needs_a_subnet_that_exists(network: World) -> None:
    """So does a public address."""
    other = {"id": f"{NETWORK}/publicIPAddresses/none"}
    refused = send(network, "PUT", INTERFACE, interface(publicIPAddress=other))

    assert code(refused) == "InvalidResourceReference"
    assert "publicIPAddresses/none referenced by resource" in refused.json()["error"]["message"]


def test_network_resources_are_deleted_from_the_inside_out(network: World) -> None:
    """A DELETE of what does not exist answers 204."""
    send(network, "PUT", INTERFACE, interface())

    deleted = [send(network, "DELETE", path).status for path in (INTERFACE, SUBNET, NET, NET)]

    assert deleted == [200, 200, 200, 204]
    assert send(network, "GET", f"{NETWORK}/virtualNetworks").json() == {"value": []}


def test_what_was_written_survives_in_the_state_and_ends_with_a_reset(network: World) -> None:
    """Machines behave in the same way."""
    with World.open(Path(network.simulator.config["azure-reimage:simulator"]), network.now) as other:
        assert send(other, "GET", SUBNET).status == 200
        other.simulator.reset()
        assert code(send(other, "GET", SUBNET)) == "ResourceGroupNotFound"


@pytest.mark.parametrize(
    ("path", "properties"),
    [
        (NET, {"subnets": [{}]}),
        (NET, {"subnets": "x"}),
        (NET, {"subnets": [1]}),
        (NET, []),
        (INTERFACE, {"ipConfigurations": {}}),
        (INTERFACE, {"ipConfigurations": [1]}),
        (INTERFACE, {"ipConfigurations": [{"properties": 1}]}),
    ],
)
def test_no_shape_of_a_body_breaks_the_network(network: World, path: str, properties: object) -> None:
    """A value whose type is not that of the model is refused."""
    assert send(network, "PUT", path, {"location": "westus", "properties": properties}).status == 400


def test_a_group_is_tagged(world: World) -> None:
    """PATCH tags it, and leaves its location alone."""
    group(world, "PUT", {"location": "westus"})

    patched = group(world, "PATCH", {"tags": {"c": "d"}})

    assert (patched.status, patched.json()["tags"], patched.json()["location"]) == (200, {"c": "d"}, "westus")


def test_half_of_a_surrogate_pair_in_a_name_breaks_nothing(network: World) -> None:
    """A subnet can be written and is deleted with its group. A reference with such a name leads nowhere."""
    body = {"location": "westus", "properties": {"subnets": [{"name": "\ud800", "properties": {}}]}}
    reference = {"name": "ip", "properties": {"subnet": {"id": "\ud800"}}}
    interface = {"location": "westus", "properties": {"ipConfigurations": [reference]}}

    written = send(network, "PUT", NET, body)
    refused = send(network, "PUT", INTERFACE, interface)
    deleted = send(network, "DELETE", GROUP)

    assert written.status in {200, 201}
    assert refused.status == 400
    assert deleted.status == 200
