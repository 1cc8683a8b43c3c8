"""The template deployments of `az vm create`, with recorded bodies: answered as Azure did, and then reimaged.

Both recordings are those of azure-cli's own tests; the key `source` of each file says which.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pulumi_azure_reimage.simulator import Response, Simulator
from tests.unit.simulator.client import API_VERSION, BASE, FakeNow, World, status_url

SSH_KEY = "vm_create_2022-05-18"
WINDOWS = "vm_create_password_2024-04-24"
RECORDINGS = (SSH_KEY, WINDOWS)
# Members that are a time, a random number, or a hash that only ARM can compute.
VOLATILE = ("templateHash", "timestamp", "duration", "correlationId")
MACHINES = "Microsoft.Compute/virtualMachines"
PUBLISHERS = f"/subscriptions/{'0' * 8}-0000-0000-0000-{'0' * 12}/providers/Microsoft.Compute/locations"


def load(name: str) -> dict[str, Any]:
    """Read a recording."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "recordings" / f"{name}.json").read_text())
    return found


@pytest.fixture
def world() -> Iterator[World]:
    """Return a world that only has a region."""
    now = FakeNow()
    with Simulator.in_memory(
        now=now, location="westus", retry_after=False, operation_seconds=30.0
    ) as simulator:
        yield World(simulator, now)


def deploy(world: World, recorded: Mapping[str, Any]) -> Response:
    """Create the resource group, and send the recorded deployment into it."""
    uri = recorded["put"]["uri"]
    group = urlsplit(uri).path.partition("/providers/")[0]
    assert world.send("PUT", f"{group}?api-version=2021-04-01", {"location": "westus"}).status == 201
    return world.send("PUT", uri, recorded["put"]["body"])


def lasting(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a deployment's document with its volatile members blanked; their keys stay."""
    properties = {key: "" if key in VOLATILE else value for key, value in document["properties"].items()}
    return {**document, "properties": properties}


def ordered(document: object) -> str:
    """Return a document as text, so that the order of its keys counts."""
    return json.dumps(document)


def machine_id(recorded: Mapping[str, Any]) -> str:
    """Return the id of the VM that a recording created."""
    deployment: str = recorded["put"]["answer"]["id"]
    name = recorded["put"]["body"]["properties"]["template"]["resources"][-1]["name"]
    return f"{deployment.partition('/Microsoft.Resources/')[0]}/{MACHINES}/{name}"


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_deployment_is_accepted_as_azure_accepted_it(world: World, name: str) -> None:
    """Status, keys and their order, providers, dependencies and the address of its operation agree."""
    recorded = load(name)

    accepted = deploy(world, recorded)

    assert accepted.status == recorded["put"]["status"]
    assert ordered(lasting(accepted.json())) == ordered(lasting(recorded["put"]["answer"]))
    begin, _, number = status_url(accepted).partition("/operationStatuses/")
    recorded_begin, _, recorded_number = recorded["put"]["status_url"].partition("/operationStatuses/")
    assert begin == recorded_begin
    assert len(number) == len(recorded_number)


def test_the_operation_and_the_deployment_end_as_recorded(world: World) -> None:
    """The status has one member, and the deployment names what it wrote."""
    recorded = load(SSH_KEY)
    accepted = deploy(world, recorded)

    running = world.get(status_url(accepted)).json()
    world.now.advance(30)
    ended = world.get(status_url(accepted)).json()

    assert [running, ended] == recorded["polls"]
    assert ordered(lasting(world.get(recorded["put"]["uri"]).json())) == ordered(lasting(recorded["read"]))


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_machine_of_a_deployment_can_be_reimaged(world: World, name: str) -> None:
    """It is like a VM that a client wrote, with its network interface, and gets a new OS disk."""
    recorded = load(name)
    vm = f"{machine_id(recorded)}?{API_VERSION}"
    deploy(world, recorded)
    world.now.advance(30)
    before = world.get(vm).json()["properties"]
    interface = before["networkProfile"]["networkInterfaces"][0]["id"]

    accepted = world.send("POST", f"{machine_id(recorded)}/reimage?{API_VERSION}")
    world.now.advance(30)
    after = world.get(vm).json()["properties"]

    assert accepted.status == 202
    assert world.get(status_url(accepted)).json()["status"] == "Succeeded"
    assert before["provisioningState"] == after["provisioningState"] == "Succeeded"
    assert before["vmId"] == after["vmId"]
    assert before["storageProfile"]["osDisk"]["name"] != after["storageProfile"]["osDisk"]["name"]
    assert world.get(f"{interface}?api-version=2024-05-01").json()["properties"]["virtualMachine"]


def test_a_machine_that_runs_an_operation_is_not_part_of_a_deployment_that_ended(world: World) -> None:
    """The deployment remembers what it wrote but does not hold it: the interface can go with its VM."""
    recorded = load(SSH_KEY)
    deploy(world, recorded)
    world.now.advance(30)
    interface = world.get(f"{machine_id(recorded)}?{API_VERSION}").json()["properties"]["networkProfile"]
    world.send("DELETE", f"{machine_id(recorded)}?{API_VERSION}")
    world.now.advance(30)

    gone = world.send("DELETE", f"{interface['networkInterfaces'][0]['id']}?api-version=2024-05-01")

    assert gone.status == 200


def test_a_secure_parameter_is_in_no_answer_and_in_no_shown_log(world: World) -> None:
    """It is in no answer about the deployment or the VM. The log shows that there was one."""
    recorded = load(WINDOWS)
    password = recorded["put"]["body"]["properties"]["parameters"]["adminPassword"]["value"]
    accepted = deploy(world, recorded)
    world.now.advance(30)
    answers = [
        accepted,
        world.get(recorded["put"]["uri"]),
        world.get(status_url(accepted)),
        world.get(f"{machine_id(recorded)}?{API_VERSION}"),
        world.get(recorded["put"]["uri"].replace("?", "/operations?")),
    ]
    logged = [json.dumps(request.to_json()) for request in world.simulator.requests()]

    assert {answer.status for answer in answers} == {200, 201}
    assert not [answer for answer in answers if password.encode() in answer.body]
    assert not [line for line in logged if password in line]
    assert [line for line in logged if '\\"adminPassword\\": \\"***\\"' in line]
    assert password not in repr(world.simulator.requests())


def test_what_az_vm_create_reads_before_it_deploys_is_there(world: World) -> None:
    """It reads the subscription, the group, the newest image version and that version, in this order."""
    recorded = load(SSH_KEY)
    deploy(world, recorded)
    sku = f"{PUBLISHERS}/westus/publishers/Canonical/artifacttypes/vmimage/offers/UbuntuServer/skus/18.04-LTS"

    subscriptions = world.get("/subscriptions?api-version=2022-12-01").json()
    newest = world.get(f"{sku}/versions?$top=1&$orderby=name%20desc&api-version=2022-03-01").json()
    version = world.get(f"{sku}/versions/{newest[0]['name']}?api-version=2022-03-01").json()
    world.now.advance(30)
    machine = world.get(f"{machine_id(recorded)}?{API_VERSION}").json()

    assert [one["state"] for one in subscriptions["value"]] == ["Enabled"]
    assert [list(one) for one in newest] == [["location", "name", "id"]]
    assert newest[0]["id"] == version["id"]
    assert machine["properties"]["storageProfile"]["imageReference"]["exactVersion"] == newest[0]["name"]
    assert BASE in recorded["put"]["uri"]
