"""The public names, and what is loaded for them. The simulator does not need Pulumi."""

import json
import subprocess
import sys

import pytest

import pulumi_azure_reimage
from pulumi_azure_reimage import simulator


def loaded_by(statement: str) -> set[str]:
    """Return the libraries that a fresh Python has loaded after a statement."""
    code = f"{statement}; import json, sys; print(json.dumps(list(sys.modules)))"
    printed = subprocess.run(  # noqa: S603 - our own Python
        [sys.executable, "-c", code], stdout=subprocess.PIPE, check=True
    ).stdout
    return set(json.loads(printed)) & {"azure", "grpc", "httpx", "pulumi", "pytest"}


@pytest.mark.parametrize("module", [pulumi_azure_reimage, simulator], ids=["package", "simulator"])
def test_every_public_name_exists(module: object) -> None:
    """This includes the names that are loaded late. Any other name is not an attribute."""
    names = vars(module)["__all__"]

    assert [name for name in names if not hasattr(module, name)] == []
    assert sorted(set(names)) == names
    assert not hasattr(module, "Nothing")


@pytest.mark.parametrize(
    ("statement", "libraries"),
    [
        ("import pulumi_azure_reimage", set()),
        ("import pulumi_azure_reimage.simulator.command_line", set()),
        ("from pulumi_azure_reimage.simulator import SimulatorTransport", {"httpx"}),
        ("import pulumi_azure_reimage.simulator.pytest_plugin", {"pytest"}),
        ("from pulumi_azure_reimage import VirtualMachineReimage", {"grpc", "pulumi"}),
    ],
    ids=["package", "command-line", "transport", "pytest-plugin", "component"],
)
def test_what_a_name_needs_is_loaded_and_no_more(statement: str, libraries: set[str]) -> None:
    """Pulumi takes half a second, httpx an eighth."""
    assert loaded_by(statement) == libraries
