"""What our client sends and what the simulator returns, checked against the Swagger of 2024-07-01."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from pulumi_azure_reimage.inputs.parameters import parse_inputs
from pulumi_azure_reimage.reimage.wait import wait_for_reimage
from pulumi_azure_reimage.simulator import Request, Response, Simulator, SimulatorTransport
from tests.unit.fakes import desired
from tests.unit.reimage.steps import decide_and_send
from tests.unit.simulator.client import API_VERSION, BASE, FakeNow, World

from .clients import our_target
from .recording import CLI_2023, CLI_2024, load
from .specification import CLOUD_ERROR, VIRTUAL_MACHINE, api_version, complaints, operation

INVENTORY = """
operation_seconds = 75.0
resource_group = "rg"

[[machine]]
name = "web"

[[machine]]
name = "local"
os_disk = "Ephemeral"
"""
INPUTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a version": {"exact_version": "24.04.202611010"},
    "temp disk": {"temp_disk": True},
    "no temp disk": {"temp_disk": False},
    "password": {"os_profile": {"admin_password": "correct-Horse-1"}},
    "custom data": {"os_profile": {"custom_data": "dGVzdA=="}},
    "everything": {
        "exact_version": "1.2.3",
        "temp_disk": False,
        "os_profile": {"admin_password": "correct-Horse-1", "custom_data": "dGVzdA=="},
    },
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world with a managed and a local disk."""
    (tmp_path / "machines.toml").write_text(INVENTORY)
    with World.open(tmp_path / "machines.toml", FakeNow()) as world:
        yield world


# What our client sends


@pytest.mark.parametrize("inputs", INPUTS.values(), ids=INPUTS)
def test_what_our_client_sends_is_in_the_swagger(world: World, inputs: dict[str, Any]) -> None:
    """Its path, its method, its API version and every member of its body are declared."""
    target = our_target(world, "local", SimulatorTransport(world.simulator))
    parameters = parse_inputs({"vm_id": str(target.vm_id), **inputs}, {}).parameters
    wait_for_reimage(target, decide_and_send(target, desired(parameters=parameters)))

    # What the preflight reads beside the VM belongs to other Swaggers, and an operation to none.
    others = ("/operations/", "/Microsoft.Authorization/", "/publishers/")
    requests = world.simulator.requests()
    sent = [request for request in requests if not any(other in request.path for other in others)]
    called = [operation(request.method, request.path) for request in sent]

    assert [one.id for one in called] == [
        # ReimageRequest's look, and ReimageOperation's within seconds before the request.
        "VirtualMachines_Get",
        "VirtualMachines_Get",
        "VirtualMachines_Reimage",
        "VirtualMachines_Get",
    ]
    assert {request.api_version for request in sent} == {api_version()}
    for request, one in zip(sent, called, strict=True):
        assert one.request is not None or request.body == ""
        assert request.body == "" or complaints(one.request or "", request.json()) == []


def test_our_client_polls_an_operation_at_the_url_that_it_was_given(world: World) -> None:
    """It uses the exact URL, which is not in the Swagger, and whose signature covers all of it."""
    carrier = _Seen(world.simulator)
    target = our_target(world, "web", carrier)
    record = decide_and_send(target, desired())
    wait_for_reimage(target, record)

    polls = {url for url in carrier.urls if "/operations/" in url}

    assert record.link is not None
    assert polls == {record.link.url}


class _Seen(SimulatorTransport):
    """Notes the URLs that were requested."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        self.urls: list[str] = []

    def handle_request(self, request: Any) -> Any:  # noqa: ANN401 - httpx's
        self.urls.append(str(request.url))
        return super().handle_request(request)


# What the simulator returns

KINDS = [
    {"os_type": os_type, "os_disk": os_disk, "created_from": origin}
    for os_type, os_disk, origin in product(
        ("Linux", "Windows"), ("Detach", "Delete", "Ephemeral"), ("Image", "Specialized", "Attach")
    )
]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"power": "stopped"},
    {"power": "deallocated"},
    {"agent": "NotReady"},
    {"agent": "Absent"},
    {"generalized": True},
    {"scale_set": "fleet"},
    {"failed": True, "data_disks": 2},
    {"image": {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/g/images/i"}},
    {"image": {"id": "/CommunityGalleries/c/Images/i/Versions/1.0.0"}},
    {"image": {"id": "/SharedGalleries/s/Images/i"}},
]


def _complaints(method: str, path: str, response: Response) -> list[str]:
    place = operation(method, path.partition("?")[0]).answer(response.status)
    if place is None:
        return [] if response.body == b"" else [f"{path}: a body where the Swagger has none"]
    return [f"{method} {path} {response.status}: {found}" for found in complaints(place, response.json())]


def _reads(world: World, name: str) -> list[str]:
    """Read a machine in every way, and return how the answers violate the Swagger."""
    vm = world.simulator.machine(name).id
    paths = (
        f"{vm}?{API_VERSION}",
        f"{vm}?$expand=instanceView&{API_VERSION}",
        f"{vm}/instanceView?{API_VERSION}",
        f"{vm.rpartition('/')[0]}?{API_VERSION}",
    )
    answers = {path: world.get(path) for path in paths}
    assert {answer.status for answer in answers.values()} == {200}
    return [found for path, answer in answers.items() for found in _complaints("GET", path, answer)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(kind.values()))
def test_every_machine_conforms_to_the_swagger(world: World, kind: dict[str, Any]) -> None:
    """This holds in every condition, and for every way to read it."""
    found: list[str] = []
    for number, condition in enumerate(CONDITIONS):
        world.simulator.add(f"vm-{number}", **{**kind, **condition})
        found += _reads(world, f"vm-{number}")
        world.simulator.remove(f"vm-{number}")

    assert found == []


def test_a_machine_conforms_to_the_swagger_before_during_and_after_a_reimage(world: World) -> None:
    """This also holds after a failed reimage."""
    found = _reads(world, "web")
    world.reimage("web")
    found += _reads(world, "web")
    world.simulator.finish("web")
    found += _reads(world, "web")
    world.simulator.fail("web", "OSProvisioningTimedOut", "Too late.")
    world.reimage("web")
    world.simulator.finish("web")
    found += _reads(world, "web")

    assert world.vm("web")["properties"]["provisioningState"] == "Failed"
    assert found == []


NO_SUCH = "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Compute/virtualMachines/{}"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
REFUSALS: dict[str, tuple[str, str, Any, list[str], int, str]] = {
    "no machine": ("GET", NO_SUCH.format(SUBSCRIPTION, "rg", "x"), None, [], 404, "ResourceNotFound"),
    "no group": ("GET", NO_SUCH.format(SUBSCRIPTION, "x", "x"), None, [], 404, "ResourceGroupNotFound"),
    "no subscription": ("GET", NO_SUCH.format("x", "x", "x"), None, [], 404, "SubscriptionNotFound"),
    "unknown member": ("POST", "web/reimage", {"x": 1}, [], 400, "BadRequest"),
    "wrong type": ("POST", "web/reimage", {"tempDisk": "x"}, [], 400, "BadRequest"),
    "temp disk": ("POST", "web/reimage", {"tempDisk": True}, [], 400, "InvalidParameter"),
    "custom data": ("POST", "web/reimage", {"osProfile": {"customData": "?"}}, [], 400, "InvalidParameter"),
    "status": ("GET", "web", None, ["GET web: 503"], 503, "ServiceUnavailable"),
    "own words": ("POST", "web/reimage", None, ['POST web: 409 ScopeLocked "L."'], 409, "ScopeLocked"),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_every_refusal_is_the_error_of_the_swagger(
    world: World, refusal: tuple[str, str, Any, list[str], int, str]
) -> None:
    """It has a code and a message, which the Swagger does not require."""
    method, path, body, script, status, code = refusal
    world.simulator.script(*script)
    url = path if path.startswith("/") else NO_SUCH.format(SUBSCRIPTION, "rg", path)

    answer = world.send(method, f"{url}?{API_VERSION}", body)

    assert (answer.status, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]
    assert _complaints(method, url, answer) == []


CHANGES: dict[str, tuple[dict[str, Any], int, str]] = {
    "lock": ({"lock": "ReadOnly"}, 409, "ScopeLocked"),
    "role": ({"actions": ["*/read"]}, 403, "AuthorizationFailed"),
    "generalized": ({"generalized": True}, 409, "OperationNotAllowed"),
    "deallocated": ({"power": "deallocated"}, 409, "OperationNotAllowed"),
    "attached": ({"created_from": "Attach"}, 409, "OperationNotAllowed"),
}


@pytest.mark.parametrize(("settings", "status", "code"), CHANGES.values(), ids=CHANGES)
def test_the_refusal_of_a_machines_condition_is_the_error_of_the_swagger(
    world: World, settings: dict[str, Any], status: int, code: str
) -> None:
    """The conditions are locked, not allowed, generalized, deallocated and attached."""
    world.simulator.change("web", **settings)

    answer = world.reimage("web")

    assert (answer.status, answer.json()["error"]["code"]) == (status, code)
    assert complaints(CLOUD_ERROR, answer.json()) == []


@pytest.mark.parametrize("header", ["authorization", "api-version"])
def test_a_request_without_what_arm_requires_gets_the_error_of_the_swagger(world: World, header: str) -> None:
    """Its token or its API version is missing."""
    url = f"{BASE}{world.simulator.machine('web').id}"
    headers = {} if header == "authorization" else {"authorization": "Bearer token"}
    query = "" if header == "api-version" else f"?{API_VERSION}"

    answer = world.simulator.handle(Request("GET", f"{url}{query}", headers))

    assert answer.status in {400, 401}
    assert complaints(CLOUD_ERROR, answer.json()) == []


def test_only_a_throttled_request_has_another_envelope(world: World) -> None:
    """Azure's documented 429 of the compute service has no outer `error`: Azure deviates from its Swagger."""
    for _ in range(12):
        world.reimage("web")
    throttled = world.reimage("web")

    assert throttled.status == 429
    assert complaints(CLOUD_ERROR, throttled.json()) == [
        "$.code: not in the Swagger",
        "$.message: not in the Swagger",
        "$.details: not in the Swagger",
    ]
    assert complaints(CLOUD_ERROR, {"error": throttled.json()}) == []


# The check itself


@pytest.mark.parametrize("name", [CLI_2023, CLI_2024])
def test_the_check_accepts_what_azure_answered(name: str) -> None:
    """The recorded machines conform to the Swagger."""
    machines = [exchange.answer for exchange in load(name) if "vmId" in str(exchange.answer)]

    assert len(machines) == 3
    assert [found for machine in machines for found in complaints(VIRTUAL_MACHINE, machine)] == []


def test_the_check_finds_wrong_types_unknown_keys_and_invalid_times(world: World) -> None:
    """It sees them even inside what the Swagger combines from several files."""
    vm = world.vm("web")
    vm["properties"]["timeCreated"] = "yesterday"
    vm["properties"]["storageProfile"]["osDisk"]["diskSizeGB"] = "30"
    vm["properties"]["osProfile"]["colour"] = "red"
    del vm["location"]

    assert sorted(found.partition(": ")[0] for found in complaints(VIRTUAL_MACHINE, vm)) == [
        "$",
        "$.properties.osProfile.colour",
        "$.properties.storageProfile.osDisk.diskSizeGB",
        "$.properties.timeCreated",
    ]
    with pytest.raises(LookupError):
        operation("PUT", f"{world.simulator.machine('web').id}/reimage")
