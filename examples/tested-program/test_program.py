"""Tests of the program on the real Pulumi engine, against simulated machines: nothing in Azure is touched."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pulumi import automation

if TYPE_CHECKING:
    from pulumi_azure_reimage.simulator.pytest_plugin import AzureSimulator

PROGRAM = Path(__file__).parent / "__main__.py"


@pytest.fixture
def stack(azure_simulator: AzureSimulator, tmp_path: Path) -> automation.Stack:
    """A new stack of the program, for a simulated VM named `web`; its state is a file."""
    vm = azure_simulator.add("web", os_disk="Delete")
    stack = automation.create_stack(
        stack_name="test",
        project_name="tested-program",
        program=lambda: runpy.run_path(os.fspath(PROGRAM), run_name="__main__") and None,
        opts=automation.LocalWorkspaceOptions(
            env_vars={
                "PULUMI_BACKEND_URL": tmp_path.as_uri(),
                "PULUMI_CONFIG_PASSPHRASE": "",
                # The provider runs in a process of its own, which needs the same packages.
                "PULUMI_PYTHON_CMD": sys.executable,
            }
        ),
    )
    for key, value in {**azure_simulator.config, "vmId": vm.id}.items():
        stack.set_config(key, automation.ConfigValue(value))
    return stack


def deploy(stack: automation.Stack, release: str) -> automation.UpResult:
    """Run `pulumi up` for a release."""
    stack.set_config("release", automation.ConfigValue(release))
    return stack.up()


def test_the_first_release_reimages_nothing(stack: automation.Stack, azure_simulator: AzureSimulator) -> None:
    """It records the VM as it is."""
    result = deploy(stack, "1")

    assert azure_simulator.posts() == []
    assert result.outputs["osDisk"].value == azure_simulator.machine("web").os_disk_id


def test_another_release_reimages_the_vm_once(
    stack: automation.Stack, azure_simulator: AzureSimulator
) -> None:
    """And the same one again does not."""
    deploy(stack, "1")
    old_disk = azure_simulator.machine("web").os_disk_id

    deploy(stack, "2")
    result = deploy(stack, "2")

    assert len(azure_simulator.posts("web")) == 1
    assert azure_simulator.machine("web").os_disk_id != old_disk
    assert result.outputs["osDisk"].value == azure_simulator.machine("web").os_disk_id


@pytest.mark.filterwarnings("ignore")  # The Automation API is untidy when an update fails.
def test_a_failed_reimage_is_tried_again(stack: automation.Stack, azure_simulator: AzureSimulator) -> None:
    """By the next `pulumi up`, although nothing changed."""
    deploy(stack, "1")
    azure_simulator.script("reimage web: fail AllocationFailed")

    with pytest.raises(automation.CommandError, match="AllocationFailed"):
        deploy(stack, "2")
    deploy(stack, "2")

    assert len(azure_simulator.posts("web")) == 2
