"""A different VM under the same id is fresh only if this run created it, with the requested version.

Pulumi starts the dynamic host at the first dynamic resource, when a VM of the same program may already exist.
So the start of the CLI counts.
"""

import json
from typing import TYPE_CHECKING, Any

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage
from pulumi_azure_reimage.simulator import Simulator

from .conftest import NewStack
from .recreated_machine import Machine
from .reimaging import vm_id

if TYPE_CHECKING:
    from .harness import EngineStack

SUBSCRIPTION = vm_id("web").split("/")[2]


class Program:
    """A program with a VM and its reimage.

    Attributes:
        generation: A different value replaces the VM.
        inputs: The further inputs of the reimage.
    """

    def __init__(self, new_stack: NewStack) -> None:
        self.generation = 1
        self.inputs: dict[str, Any] = {"triggers": {"image": "1"}}
        self.stack: EngineStack = new_stack(
            self.declare,
            config={
                "azure-reimage:simulator": "machines.json",
                "azure-reimage:simulatorTimeScale": "0.01",
            },
            environment={},
        )
        self.inventory = self.stack.folder / "machines.json"
        machine = {"name": "web", "resource_group": "rg"}
        self.inventory.write_text(
            json.dumps(
                {
                    "subscription_id": SUBSCRIPTION,
                    "operation_seconds": 0.2,
                    "retry_after": 1,
                    "machine": [machine],
                }
            )
        )
        self.simulator = Simulator.open(self.inventory)
        created = self.stack.up()
        assert created.ok, created.text

    def declare(self) -> None:
        """Be the program."""
        props = {"inventory": str(self.inventory), "vm_id": vm_id("web"), "generation": self.generation}
        machine = Machine("web", props)
        reimage = VirtualMachineReimage("web", vm_id=machine.vm_id, **self.inputs)
        pulumi.export("status", reimage.status)

    @property
    def posts(self) -> int:
        """How many reimages were requested."""
        return len(self.simulator.reimage_requests())


def test_a_vm_that_the_same_update_created_is_a_new_baseline(new_stack: NewStack) -> None:
    """It was made from the image a moment ago."""
    program = Program(new_stack)
    program.generation, program.inputs["triggers"] = 2, {"image": "2"}

    result = program.stack.up()
    unchanged = program.stack.preview()

    assert result.ok, result.text
    assert "VM web was created by this run, as the requested version" in result.text
    assert program.posts == 0
    assert program.stack.outputs()["status"] == "Baseline"
    assert unchanged.changes.keys() == {"same"}


def test_a_vm_that_the_same_update_created_from_another_version_is_reimaged(new_stack: NewStack) -> None:
    """A template can still name the old image."""
    program = Program(new_stack)
    program.generation, program.inputs["exact_version"] = 2, "2.0.0"

    result = program.stack.up()

    assert result.ok, result.text
    assert program.posts == 1
    assert program.stack.outputs()["status"] == "Succeeded"


def test_a_vm_that_someone_created_again_before_this_run_is_reimaged(new_stack: NewStack) -> None:
    """Nothing shows that it was made for what is requested now."""
    program = Program(new_stack)
    program.simulator.recreate("web")
    program.inputs["triggers"] = {"image": "2"}

    announced = program.stack.preview()
    result = program.stack.up()

    assert "VM web is a different VM than before, under the same id." in announced.text
    assert "VM web will be reimaged: triggers.image changed." in announced.text
    assert result.ok, result.text
    assert program.posts == 1
