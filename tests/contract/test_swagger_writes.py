"""Every request of a VM's life and the simulator's answer, checked against the Swagger of 2024-07-01."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.simulator.arm.written_machine import VM, machine, prepare
from tests.unit.simulator.client import API_VERSION, FakeNow, World

from .specification import complaints, operation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pulumi_azure_reimage.simulator import Response


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world with a group and a network, and no machine."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text(
        'subscription_id = "11111111-1111-1111-1111-111111111111"\noperation_seconds = 75.0\n'
    )
    with World.open(inventory, FakeNow()) as world:
        prepare(world)
        yield world


def judge(method: str, path: str, body: Any, answer: Response) -> list[str]:  # noqa: ANN401 - JSON
    """Return how a request and its answer violate the Swagger."""
    called = operation(method, path)
    sent = complaints(called.request, body) if called.request is not None and body is not None else []
    assert str(answer.status) in called.answers, f"{method} {path} answers {answer.status}"
    place = called.answers[str(answer.status)]
    if place is None:
        return sent + ([f"{method} {path}: a body where the Swagger has none"] if answer.body else [])
    return sent + [f"{method} {path}: {found}" for found in complaints(place, answer.json())]


FULL = {
    **machine(
        userData="dGVzdA==",
        licenseType="RHEL_BYOS",
        diagnosticsProfile={"bootDiagnostics": {"enabled": True}},
        securityProfile={"securityType": "TrustedLaunch", "uefiSettings": {"secureBootEnabled": True}},
    ),
    "zones": ["1"],
    "identity": {"type": "SystemAssigned"},
}
FULL["properties"]["storageProfile"]["dataDisks"] = [{"lun": 0, "createOption": "Empty", "diskSizeGB": 8}]
EXTENSION = {
    "location": "westus",
    "properties": {"publisher": "p", "type": "t", "typeHandlerVersion": "1.0", "settings": {}},
}
LIFE: list[tuple[str, str, Any]] = [
    ("PUT", VM, FULL),
    ("GET", VM, None),
    ("PUT", VM, machine(hardwareProfile={"vmSize": "Standard_D4s_v5"})),
    ("PATCH", VM, {"tags": {"c": "d"}}),
    ("PUT", f"{VM}/extensions/script", EXTENSION),
    ("GET", f"{VM}/extensions/script", None),
    ("GET", f"{VM}/extensions", None),
    ("POST", f"{VM}/reimage", None),
    ("POST", f"{VM}/restart", None),
    ("POST", f"{VM}/redeploy", None),
    ("POST", f"{VM}/reapply", None),
    ("PATCH", f"{VM}/extensions/script", {"properties": {"settings": {}}}),
    ("DELETE", f"{VM}/extensions/script", None),
    ("DELETE", f"{VM}/extensions/script", None),
    ("POST", f"{VM}/powerOff", None),
    ("POST", f"{VM}/start", None),
    ("POST", f"{VM}/deallocate", None),
    ("GET", f"{VM}/instanceView", None),
    ("POST", f"{VM}/simulateEviction", None),
    ("POST", f"{VM}/generalize", None),
    ("GET", VM.rpartition("/")[0], None),
    ("DELETE", VM, None),
    ("DELETE", VM, None),
]


def test_the_life_of_a_vm_conforms_to_the_swagger(world: World) -> None:
    """It conforms from its creation to its deletion, while each operation runs and after it."""
    found: list[str] = []
    for method, path, body in LIFE:
        answer = world.send(method, f"{path}?{API_VERSION}", body)
        found += judge(method, path, body, answer)
        for moment in (0, 75):
            world.now.advance(moment)
            seen = world.get(f"{VM}?{API_VERSION}&$expand=instanceView")
            found += judge("GET", VM, None, seen) if seen.status != 404 else []

    assert found == []


REFUSED: list[tuple[str, str, Any, int]] = [
    ("PUT", f"{VM}.", machine(), 400),
    ("PUT", VM, machine(osProfile=None), 400),
    ("PUT", VM, {}, 400),
    ("POST", f"{VM}/start", None, 404),
    ("PATCH", VM, {"tags": {}}, 404),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), REFUSED)
def test_every_refusal_of_a_write_is_the_error_of_the_swagger(
    world: World, method: str, path: str, body: object, status: int
) -> None:
    """It has a code and a message."""
    answer = world.send(method, f"{path}?{API_VERSION}", body)

    assert answer.status == status
    assert complaints(operation(method, path).answers["default"] or "", answer.json()) == []
    assert answer.json()["error"]["message"]
