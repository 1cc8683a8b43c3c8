"""Explicit providers: each reimage uses the one that it names."""

import json
from pathlib import Path
from typing import Any

import pulumi

from pulumi_azure_reimage import Provider, VirtualMachineReimage
from pulumi_azure_reimage.simulator import Simulator
from tests.engine.conftest import NewStack
from tests.engine.reimaging import vm_id

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
SECRET = "hunter2-hunter2-hunter2"  # noqa: S105 - what must be nowhere in the clear.


def inventory(folder: Path, name: str) -> Simulator:
    """Write an inventory with one machine `web`, and open it."""
    file = folder / name
    machine = {"name": "web", "resource_group": "rg"}
    file.write_text(
        json.dumps(
            {
                "subscription_id": SUBSCRIPTION,
                "operation_seconds": 0.5,
                "retry_after": 1,
                "machine": [machine],
            }
        )
    )
    return Simulator.open(file)


def test_each_reimage_goes_through_the_provider_that_it_names(new_stack: NewStack) -> None:
    """All three resources do. Two providers and the stack's default one do not see each other's settings."""
    release = {"value": "1"}
    settings: dict[str, Any] = {"client_secret": SECRET}

    def program() -> None:
        for name in ("red", "blue"):
            provider = Provider(name, simulator=f"{name}.json", **settings)
            VirtualMachineReimage(
                name,
                pulumi.ResourceOptions(provider=provider),
                vm_id=vm_id("web"),
                triggers={"release": release["value"] if name == "red" else "1"},
            )
        VirtualMachineReimage("own", vm_id=vm_id("web"), triggers={"release": "1"})

    stack = new_stack(program, config={"azure-reimage:simulator": "own.json"})
    machines = {name: inventory(stack.folder, f"{name}.json") for name in ("red", "blue", "own")}

    def posts() -> dict[str, int]:
        return {name: len(simulator.reimage_requests()) for name, simulator in machines.items()}

    first = stack.up()
    release["value"] = "2"
    changed = stack.up()
    after_the_change = posts()
    settings["client_secret"] = f"{SECRET}-changed"
    settings["client_id"] = "another"
    other_settings = stack.up()

    assert first.ok, first.text
    assert changed.ok, changed.text
    assert after_the_change == {"red": 1, "blue": 0, "own": 0}
    assert other_settings.ok, other_settings.text
    assert posts() == after_the_change
    assert other_settings.changes == {"update": 2, "same": 13}
    for result in (first, changed, other_settings):
        assert SECRET not in result.text
    assert SECRET not in stack.checkpoint_file.read_text()
    assert stack.destroy().ok


def test_a_simulated_stack_is_simulated_as_a_whole(new_stack: NewStack) -> None:
    """An explicit provider without its own simulator uses the stack's, and never goes to Azure."""

    def program() -> None:
        provider = Provider("other", tenant_id="tenant", client_id="client", client_secret=SECRET)
        VirtualMachineReimage("web", pulumi.ResourceOptions(provider=provider), vm_id=vm_id("web"))

    stack = new_stack(program, config={"azure-reimage:simulator": "own.json"})
    simulator = inventory(stack.folder, "own.json")

    result = stack.up()

    assert result.ok, result.text
    assert len(simulator.requests()) > 0
