"""The httpx transport: the simulator in process, for any host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from pulumi_azure_reimage.simulator import SimulatorTransport

from ..client import API_VERSION, TOKEN

if TYPE_CHECKING:
    from ..client import World


def test_a_client_reimages_in_process(world: World) -> None:
    """Its links lead to the host that it contacted."""
    vm = world.simulator.machine("kept").id
    with httpx.Client(transport=SimulatorTransport(world.simulator), headers=TOKEN) as client:
        accepted = client.post(f"https://arm.example{vm}/reimage?{API_VERSION}", json={"exactVersion": "1.0"})
        world.now.advance(75)
        status = client.get(accepted.headers["Azure-AsyncOperation"])

    assert accepted.status_code == 202
    assert str(status.url).startswith("https://arm.example/")
    assert status.json()["status"] == "Succeeded"
    assert world.simulator.reimage_requests()[0].json() == {"exactVersion": "1.0"}


def test_the_simulator_stays_open_when_a_client_is_closed(world: World) -> None:
    """One simulator serves many clients."""
    vm = world.simulator.machine("kept").id
    for _ in range(2):
        with httpx.Client(transport=SimulatorTransport(world.simulator), headers=TOKEN) as client:
            assert client.get(f"https://arm.example{vm}?{API_VERSION}").status_code == 200
