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
    from pulumi_azure_reimage.simulator import Simulator

PROGRAM = Path(__file__).parent / "__main__.py"


def program() -> None:
    """Run `__main__.py`, as `pulumi up` does."""
    runpy.run_path(os.fspath(PROGRAM), run_name="__main__")


@pytest.fixture
def stack(azure_simulator: Simulator, tmp_path: Path) -> automation.Stack:
    """A new stack of the program, for a simulated VM named `web`; its state is a file."""
    vm = azure_simulator.add("web", os_disk="Delete")
    stack = automation.create_stack(
        stack_name="test",
        project_name="tested",
        program=program,
        opts=automation.LocalWorkspaceOptions(
            env_vars={
                "PULUMI_BACKEND_URL": tmp_path.as_uri(),
                "PULUMI_CONFIG_PASSPHRASE": "",
                # The provider runs in a separate process, which needs the same packages.
                "PULUMI_PYTHON_CMD": sys.executable,
            }
        ),
    )
    config = {**azure_simulator.config, "vmId": vm.id}
    stack.set_all_config({key: automation.ConfigValue(value) for key, value in config.items()})
    return stack


def deploy(stack: automation.Stack, release: str) -> automation.UpResult:
    """Run `pulumi up` for a release."""
    stack.set_config("release", automation.ConfigValue(release))
    return stack.up()


def test_the_first_release_reimages_nothing(stack: automation.Stack, azure_simulator: Simulator) -> None:
    """It records the VM as it is."""
    result = deploy(stack, "1")

    assert azure_simulator.reimage_requests() == []
    assert result.outputs["osDisk"].value == azure_simulator.machine("web").os_disk_id


def test_another_release_reimages_the_vm_once(stack: automation.Stack, azure_simulator: Simulator) -> None:
    """The VM then has a different OS disk."""
    deploy(stack, "1")
    old_disk = azure_simulator.machine("web").os_disk_id

    result = deploy(stack, "2")

    assert len(azure_simulator.reimage_requests("web")) == 1
    assert azure_simulator.machine("web").os_disk_id != old_disk
    assert result.outputs["osDisk"].value == azure_simulator.machine("web").os_disk_id


@pytest.mark.azure_simulator(operation_seconds=0)
def test_a_lost_answer_does_not_reimage_twice(stack: automation.Stack, azure_simulator: Simulator) -> None:
    """The connection breaks after the request was carried out, and the VM shows what happened."""
    deploy(stack, "1")
    azure_simulator.lose_answer("web")

    result = deploy(stack, "2")

    assert len(azure_simulator.reimage_requests("web")) == 1
    assert result.outputs["osDisk"].value == azure_simulator.machine("web").os_disk_id
