"""The pytest plug-in, as pytest finds it by its entry point."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from pulumi_azure_reimage.auth.configuration import Simulated, read_configuration
from pulumi_azure_reimage.simulator import Request, ServedSimulator, Simulator

from .client import API_VERSION, BASE, TOKEN


def reimage(simulator: Simulator, name: str) -> int:
    """Request a reimage and return the status of the answer."""
    url = f"{BASE}{simulator.machine(name).id}/reimage?{API_VERSION}"
    return simulator.handle(Request("POST", url, TOKEN)).status


def test_a_machine_is_added_and_reimaged(azure_simulator: Simulator) -> None:
    """There is no machine before."""
    before = azure_simulator.machines()
    azure_simulator.add("web", os_disk="Delete")
    status = reimage(azure_simulator, "web")

    assert before == []
    assert status == 202
    assert len(azure_simulator.reimage_requests("web")) == 1


def test_the_configuration_leads_another_process_to_the_same_machines(
    azure_simulator: Simulator,
) -> None:
    """The name is the one that our provider reads, and the process may run in any folder."""
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
        """A second reimage is refused, and the other key of the class still applies."""
        azure_simulator.add("web")

        assert [reimage(azure_simulator, "web"), reimage(azure_simulator, "web")] == [202, 409]


def test_tests_do_not_share_their_simulators(
    azure_simulator: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each has its own folder, outside the folder of the session."""
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

    ours = {name for name in loaded if name.startswith("pulumi_azure_reimage")}
    assert loaded & {"httpx", "sqlite3", "cryptography"} == set()
    assert ours == {
        "pulumi_azure_reimage",
        "pulumi_azure_reimage.simulator",
        "pulumi_azure_reimage.simulator.pytest_plugin",
    }


def run_pytest(folder: Path, *arguments: str, conftest: str = "", **files: str) -> None:
    """Run pytest on some files in a separate process. All their tests must pass."""
    (folder / "conftest.py").write_text(conftest)
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        *arguments,
    ]
    finished = subprocess.run(  # noqa: S603 - our own Python
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


SHARED = """
def test_first(module_azure_simulator, session_azure_simulator, azure_simulator):
    assert module_azure_simulator.machines() == azure_simulator.machines() == []
    module_azure_simulator.add("of-module")
    session_azure_simulator.add("of-{name}")


def test_second(module_azure_simulator, session_azure_simulator, azure_simulator):
    assert [vm.name for vm in module_azure_simulator.machines()] == ["of-module"]
    assert "of-{name}" in [vm.name for vm in session_azure_simulator.machines()]
    assert azure_simulator.machines() == []
    assert len({{s.config["azure-reimage:simulator"] for s in
        (module_azure_simulator, session_azure_simulator, azure_simulator)}}) == 3
"""
SESSION = """
def test_the_session_is_one(session_azure_simulator):
    assert [vm.name for vm in session_azure_simulator.machines()] == ["of-a", "of-b"]
"""


def test_a_module_and_a_session_share_their_simulators(tmp_path: Path) -> None:
    """Nothing else is shared: each scope has its own state."""
    run_pytest(tmp_path, a=SHARED.format(name="a"), b=SHARED.format(name="b"), c=SESSION)


WORKERS = """
import os, pytest

@pytest.mark.parametrize("number", range(8))
def test_a_worker_is_alone(session_azure_simulator, azure_simulator, number):
    worker = os.environ["PYTEST_XDIST_WORKER"]
    for simulator in (session_azure_simulator, azure_simulator):
        simulator.add(f"{worker}-{number}")
        assert {vm.name.partition("-")[0] for vm in simulator.machines()} == {worker}
        assert f"/popen-{worker}/" in simulator.config["azure-reimage:simulator"].replace(os.sep, "/")
    assert len(azure_simulator.machines()) == 1
"""


def test_workers_of_xdist_do_not_meet(tmp_path: Path) -> None:
    """Each has its own folder."""
    run_pytest(tmp_path, "-n", "2", workers=WORKERS)


KEYS = """
import pytest
pytestmark = pytest.mark.azure_simulator(location="eastus")

def test_keys(module_azure_simulator, session_azure_simulator, azure_simulator):
    found = [
        (simulator.add("vm").spec.location, simulator.machine("vm").spec.resource_group)
        for simulator in (module_azure_simulator, session_azure_simulator, azure_simulator)
    ]
    assert found == [("eastus", "rg"), ("westus", "rg"), ("eastus", "rg")]
"""
KEYS_CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def azure_simulator_keys():
    return {"location": "westus", "resource_group": "rg"}
"""


def test_keys_for_all_simulators_can_be_in_a_conftest(tmp_path: Path) -> None:
    """A marker overrides them for the tests that it covers."""
    run_pytest(tmp_path, conftest=KEYS_CONFTEST, keys=KEYS)


@pytest.mark.usefixtures("socket_enabled")
def test_a_simulator_is_served_to_other_programs(
    served_azure_simulator: ServedSimulator, azure_simulator: Simulator
) -> None:
    """The server is the test's own, with the admin API and a configuration that has its URL."""
    url, vm = served_azure_simulator.url, azure_simulator.add("web").id
    accepted = httpx.post(f"{url}{vm}/reimage?{API_VERSION}", headers=TOKEN)
    advanced = httpx.post(f"{url}/_simulator/advance", json={"seconds": 1})
    status = httpx.get(accepted.headers["azure-asyncoperation"], headers=TOKEN)

    assert served_azure_simulator.simulator is azure_simulator
    assert served_azure_simulator.config == {"azure-reimage:simulator": url}
    assert advanced.status_code == 200
    assert status.json()["status"] == "Succeeded"


@pytest.mark.azure_simulator(operation_seconds=3600.0)
def test_a_long_reimage_ends_when_the_clock_is_advanced(azure_simulator: Simulator) -> None:
    """So a test does not have to wait."""
    before = azure_simulator.add("web").os_disk_name
    reimage(azure_simulator, "web")
    azure_simulator.advance(3600)

    assert azure_simulator.machine("web").os_disk_name != before
