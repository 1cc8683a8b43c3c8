"""`examples/policy`, a CrossGuard policy pack, on the real engine with the real pulumi-policy."""

import os
import sys
from pathlib import Path
from typing import Any

from pulumi_azure_reimage import VirtualMachineReimage
from tools.sdk_clients import python_packages

from .conftest import NewStack
from .reimaging import Reimaging, vm_id
from .tagged_machine import VirtualMachine

PACK = Path(__file__).parents[2] / "examples" / "policy"
LOCK = Path(__file__).parent / "requirements-policy.lock"


def write_analyzer(file: Path) -> None:
    """Write the executable that runs the pack instead of Python's language host, which no registry has.

    The engine accepts one instead of the folder, and passes it its address (`NewPolicyAnalyzer` of
    https://github.com/pulumi/pulumi/blob/v3.274.1/pkg/resource/plugin/analyzer_plugin.go).
    The pack has its own packages, because pulumi-policy requires an older protobuf.
    """
    packages = python_packages(os.environ, "pulumi-policy", LOCK)
    runs = f'exec "{sys.executable}" -u -m pulumi.policy "$1" "{PACK}"'
    file.write_text(f'#!/bin/sh\nPYTHONPATH="{packages}" {runs}\n')
    file.chmod(0o755)


class Governed:
    """A stack of one reimage, and the policy pack."""

    def __init__(self, new_stack: NewStack, folder: Path, environment: str, **inputs: Any) -> None:  # noqa: ANN401 - the component has their types.
        """Make the stack, whose VM has a tag."""
        write_analyzer(folder / "reimages")
        self.packs = [os.fspath(folder / "reimages")]
        fleet = Reimaging.start(new_stack, {"web": {}}, seconds=0)
        self.stack = fleet.stack
        self.fleet, self.inputs, self.tag = fleet, inputs, environment
        self.stack.program = self._program

    def _program(self) -> None:
        vm = VirtualMachine("web", vm_id("web"), {"environment": self.tag})
        VirtualMachineReimage("web", vm_id=vm.vm_id, triggers={"image": "1"}, **self.inputs)


def test_a_production_vm_must_keep_its_disk(new_stack: NewStack, tmp_path: Path) -> None:
    """Its reimage is refused in the preview, and accepted with the guard."""
    governed = Governed(new_stack, tmp_path, "production")
    refused = governed.stack.preview(policy_packs=governed.packs)
    governed.inputs["require_delete_option"] = "Detach"

    accepted = governed.stack.preview(policy_packs=governed.packs)

    assert not refused.ok
    assert "A production VM must have require_delete_option='Detach'." in refused.text
    assert accepted.ok, accepted.text


def test_another_vm_may_lose_its_disk(new_stack: NewStack, tmp_path: Path) -> None:
    """The rule applies only to production."""
    governed = Governed(new_stack, tmp_path, "development")

    result = governed.stack.preview(policy_packs=governed.packs)

    assert result.ok, result.text
    assert "reimages" in result.text


def test_a_reimage_on_create_is_refused_and_nothing_is_sent(new_stack: NewStack, tmp_path: Path) -> None:
    """An update without a preview sends nothing either."""
    governed = Governed(new_stack, tmp_path, "development", reimage_on_create=True)

    result = governed.stack.up(policy_packs=governed.packs)

    assert not result.ok
    assert "reimage_on_create is not allowed" in result.text
    assert governed.fleet.posts == 0
