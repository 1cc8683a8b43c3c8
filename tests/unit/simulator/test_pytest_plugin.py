"""The pytest plug-in, as pytest finds it by its entry point."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_azure_reimage.auth.configuration import Simulated, read_configuration
from pulumi_azure_reimage.simulator import Request, Simulator

from .client import API_VERSION, BASE, TOKEN


def reimage(simulator: Simulator, name: str) -> int:
    """Request a reimage and return the status of the answer."""
    url = f"{BASE}{simulator.machine(name).id}/reimage?{API_VERSION}"
    return simulator.handle(Request("POST", url, TOKEN)).status


def test_a_machine_is_added_and_reimaged(azure_simulator: Simulator) -> None:
    """There is none before."""
    before = azure_simulator.machines()
    azure_simulator.add("web", os_disk="Delete")
    status = reimage(azure_simulator, "web")

    assert before == []
    assert status == 202
    assert len(azure_simulator.reimage_requests("web")) == 1


def test_the_configuration_leads_another_process_to_the_same_machines(
    azure_simulator: Simulator,
) -> None:
    """Under the name that our provider reads, and wherever that process works."""
    vm = azure_simulator.add("web")
    configuration = read_configuration(azure_simulator.config.get, {})
    assert isinstance(configuration.where, Simulated)
    inventory = Path(configuration.where.place)

    with Simulator.open(inventory) as other:
        assert other.machine("web").vm_id == vm.vm_id
    assert inventory.is_absolute()


@pytest.mark.azure_simulator(while_running="preempt", operation_seconds=3600.0)
class TestMarker:
    """The marker sets keys at the top of the inventory."""

    def test_it_counts_for_a_class(self, azure_simulator: Simulator) -> None:
        """A second reimage preempts the first."""
        azure_simulator.add("web")

        assert [reimage(azure_simulator, "web"), reimage(azure_simulator, "web")] == [202, 202]

    @pytest.mark.azure_simulator(while_running="conflict")
    def test_the_one_nearest_to_the_test_wins(self, azure_simulator: Simulator) -> None:
        """A second reimage is refused; the other key of the class still counts."""
        azure_simulator.add("web")

        assert [reimage(azure_simulator, "web"), reimage(azure_simulator, "web")] == [202, 409]


def test_tests_do_not_share_their_simulators(
    azure_simulator: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each has its own folder, and nothing of it is in the folder of the session."""
    assert azure_simulator.machines() == []
    assert azure_simulator.requests() == []
    assert list(tmp_path_factory.getbasetemp().glob("machines.*")) == []


def test_the_simulator_is_loaded_by_its_fixture_only() -> None:
    """Every pytest run loads the plug-in, whether it uses the simulator or not."""
    code = "import json, sys, pulumi_azure_reimage.simulator.pytest_plugin; print(json.dumps([*sys.modules]))"
    printed = subprocess.run(  # noqa: S603 - our own Python
        [sys.executable, "-c", code], stdout=subprocess.PIPE, check=True
    ).stdout
    loaded = set(json.loads(printed))

    assert loaded & {"pulumi_azure_reimage.simulator.simulator", "httpx", "sqlite3"} == set()
