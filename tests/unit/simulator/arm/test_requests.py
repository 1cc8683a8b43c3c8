"""What ARM requires of every request, and the envelopes of its refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import Request

from ..client import API_VERSION, BASE, TOKEN, code

if TYPE_CHECKING:
    from ..client import World

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
COMPUTE = "providers/Microsoft.Compute"
VM = f"{SUBSCRIPTION}/resourceGroups/RG-one/{COMPUTE}/virtualMachines/kept"


@pytest.mark.parametrize(
    ("method", "path", "status", "expected"),
    [
        ("GET", f"/subscriptions/none{VM[len(SUBSCRIPTION) :]}?{API_VERSION}", 404, "SubscriptionNotFound"),
        ("GET", f"{VM.replace('RG-one', 'RG-two')}?{API_VERSION}", 404, "ResourceGroupNotFound"),
        ("GET", f"{VM}2?{API_VERSION}", 404, "ResourceNotFound"),
        ("POST", f"{VM}2/reimage?{API_VERSION}", 404, "ResourceNotFound"),
        ("GET", f"{VM.replace('virtualMachines', 'disks')}?api-version=2024-03-02", 404, "ResourceNotFound"),
        ("POST", f"{VM}/rebuild?{API_VERSION}", 404, "InvalidResourceType"),
        ("GET", f"{VM}/rebuild?{API_VERSION}", 404, "InvalidResourceType"),
        ("POST", f"{VM}?{API_VERSION}", 405, "MethodNotAllowed"),
        ("GET", f"{VM}/reimage?{API_VERSION}", 405, "MethodNotAllowed"),
        ("GET", f"/nothing?{API_VERSION}", 404, "InvalidResourceType"),
    ],
)
def test_a_request_that_arm_refuses(world: World, method: str, path: str, status: int, expected: str) -> None:
    """Every refusal is an envelope with a code and a message."""
    refused = world.send(method, path)

    assert (refused.status, code(refused)) == (status, expected)
    assert refused.json()["error"]["message"]
    assert refused.headers["content-type"] == "application/json; charset=utf-8"


def test_a_request_without_a_token_is_challenged(world: World) -> None:
    """The answer is 401 with WWW-Authenticate."""
    refused = world.send("GET", f"{VM}?{API_VERSION}", headers={})

    assert (refused.status, code(refused)) == (401, "AuthenticationFailed")
    assert refused.headers["www-authenticate"].startswith("Bearer authorization_uri=")


def test_resource_ids_compare_without_letter_case(world: World) -> None:
    """The answer spells them as the inventory does."""
    found = world.get(f"{VM.upper()}?{API_VERSION}")

    assert found.json()["id"] == VM


def test_a_get_of_a_machine_carries_its_etag_as_a_header(world: World) -> None:
    """As recorded, it has one only without $expand."""
    plain = world.get(f"{VM}?{API_VERSION}")
    expanded = world.get(f"{VM}?{API_VERSION}&$expand=instanceView")

    assert plain.headers["etag"] == plain.json()["etag"]
    assert "etag" not in expanded.headers


def test_the_instance_view_is_there_when_it_is_asked_for(world: World) -> None:
    """It is requested with $expand, or by its own path."""
    expanded = world.get(f"{VM}?{API_VERSION}&$expand=instanceView").json()["properties"]["instanceView"]
    alone = world.get(f"{VM}/instanceView?{API_VERSION}").json()

    assert "instanceView" not in world.vm("kept")["properties"]
    assert expanded == alone
    assert [status["code"] for status in alone["statuses"]] == [
        "ProvisioningState/succeeded",
        "PowerState/running",
    ]
    assert alone["vmAgent"]["statuses"][0]["displayStatus"] == "Ready"


def test_machines_are_listed_by_resource_group_and_by_subscription(world: World) -> None:
    """A group that does not exist is an error."""
    lists = f"{COMPUTE}/virtualMachines?{API_VERSION}"
    by_group = world.get(f"{SUBSCRIPTION}/resourceGroups/rg-ONE/{lists}").json()["value"]
    by_subscription = world.get(f"{SUBSCRIPTION}/{lists}").json()["value"]

    assert [vm["name"] for vm in by_group] == ["deleted", "kept", "local"]
    assert by_subscription == by_group
    assert world.get(f"{SUBSCRIPTION}/resourceGroups/none/{lists}").status == 404


def test_a_long_list_has_pages(world: World) -> None:
    """All but the last have a link to the next, which is used unchanged."""
    for number in range(120):
        world.simulator.add(f"vm-{number:03}")
    url = f"{SUBSCRIPTION}/{COMPUTE}/virtualMachines?{API_VERSION}&$expand=instanceView"
    pages = [world.get(url).json()]
    while "nextLink" in pages[-1]:
        pages.append(world.get(pages[-1]["nextLink"]).json())

    names = [[vm["name"] for vm in page["value"]] for page in pages]
    assert [len(page) for page in names] == [50, 50, 23]
    assert sorted(name for page in names for name in page) == sorted(
        machine.name for machine in world.simulator.machines()
    )
    assert all("instanceView" in vm["properties"] for page in pages for vm in page["value"])
    assert code(world.get(f"{url}&$skiptoken=*")) == "InvalidSkipToken"


def test_every_answer_carries_request_and_correlation_ids(world: World) -> None:
    """The client's correlation id comes back, and its request id if the client asks for it."""
    headers = {
        **TOKEN,
        "X-MS-Correlation-Request-Id": "correlation",
        "x-ms-client-request-id": "client",
        "x-ms-return-client-request-id": "true",
    }
    answer = world.send("GET", f"{VM}?{API_VERSION}", headers=headers)
    other = world.get(f"{VM}?{API_VERSION}")

    assert answer.headers["x-ms-correlation-request-id"] == "correlation"
    assert answer.headers["x-ms-client-request-id"] == "client"
    assert answer.headers["x-ms-request-id"] != other.headers["x-ms-request-id"]
    assert answer.headers["date"] == "Mon, 26 Aug 2024 07:15:56 GMT"


def test_a_request_does_not_show_its_token_or_its_body() -> None:
    """Both stay out of repr."""
    request = Request("POST", BASE, {"authorization": "Bearer secret"}, b"secret")

    assert "secret" not in repr(request)
