"""A stack that reimages simulated machines: what most engine tests start from.

Run as a file, it is the program of such a stack. Its inputs are in `inputs.json` in the stack's folder.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage
from pulumi_azure_reimage.simulator import Request, Simulator
from tests.engine.conftest import NewStack
from tests.engine.harness import EngineResult, EngineStack
from tests.engine.running_up import RunningUp

Inputs = dict[str, dict[str, Any]]

REQUEST = "pulumi-python:dynamic/azure-reimage:ReimageRequest"
OPERATION = "pulumi-python:dynamic/azure-reimage:ReimageOperation"
RESULT = "pulumi-python:dynamic/azure-reimage:ReimageResult"
COMPONENT = "azure-reimage:index:VirtualMachineReimage"

_SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
_OUTPUTS = (
    "status",
    "causes",
    "operation_id",
    "started_at",
    "completed_at",
    "duration_seconds",
    "os_disk_id",
    "os_disk_id_before",
    "image_version",
    "image_version_before",
    "retained_os_disk_id",
    "correlation_id",
)


def vm_id(name: str) -> str:
    """Return the ARM id of a simulated machine."""
    return (
        f"/subscriptions/{_SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/{name}"
    )


def declare(inputs: Inputs, *, export: bool = True) -> None:
    """Be the program: declare the reimages, and export their outputs."""
    for name, arguments in inputs.items():
        reimage = VirtualMachineReimage(name, **{"vm_id": vm_id(name), **arguments})
        if export:
            pulumi.export(name, {output: getattr(reimage, output) for output in _OUTPUTS})


@dataclass
class Reimaging:
    """A stack, the simulated machines, and the inputs of each `VirtualMachineReimage` by machine."""

    stack: EngineStack
    simulator: Simulator
    inputs: Inputs = field(default_factory=dict)

    @classmethod
    def start(  # noqa: PLR0913 - each is something that some test is about.
        cls,
        new_stack: NewStack,
        machines: Mapping[str, Mapping[str, object]],
        *,
        seconds: float = 1.0,
        endpoint: str = "machines.json",
        environment: Mapping[str, str] | None = None,
        images: Sequence[Mapping[str, object]] = (),
        actions: Sequence[str] = ("*",),
    ) -> "Reimaging":
        """Make a stack whose simulator has `machines`: settings of the inventory by name.

        Args:
            new_stack: The fixture.
            machines: The simulated machines.
            seconds: How long a reimage takes.
            endpoint: Where the provider finds the simulator: its inventory, or an address.
            environment: Further variables of the CLI and the dynamic host.
            images: The images whose versions are limited.
            actions: What the identity may do in the subscription.
        """
        inputs: Inputs = {name: {} for name in machines}
        stack = new_stack(
            lambda: declare(inputs),
            config={"azure-reimage:simulator": endpoint, "azure-reimage:simulatorTimeScale": "0.01"},
            environment=environment or {},
        )
        inventory = stack.folder / "machines.json"
        tables = [{"name": name, "resource_group": "rg", **settings} for name, settings in machines.items()]
        inventory.write_text(
            json.dumps(
                {
                    "subscription_id": _SUBSCRIPTION,
                    "operation_seconds": seconds,
                    "retry_after": 1,
                    "actions": list(actions),
                    "machine": tables,
                    "image": list(images),
                }
            )
        )
        return cls(stack, Simulator.open(inventory), inputs)

    @classmethod
    def with_baseline(
        cls,
        new_stack: NewStack,
        machines: Mapping[str, Mapping[str, object]],
        **options: Any,  # noqa: ANN401 - as `start` has them.
    ) -> "Reimaging":
        """Make a stack as `start` does, and record a baseline of each machine with the trigger `image`."""
        fleet = cls.start(new_stack, machines, **options)
        created = fleet.up(triggers={"image": "1"})
        assert created.ok, created.text
        return fleet

    @property
    def posts(self) -> int:
        """How many reimage requests reached the simulator, for any machine."""
        return len(self.simulator.reimage_requests())

    def bodies(self) -> list[object]:
        """Return the bodies of the reimage requests, None for an empty one."""
        return [post.json() for post in self.simulator.reimage_requests()]

    def up(self, **inputs: object) -> EngineResult:
        """Set inputs of every machine (None unsets one), run `pulumi up` and return its result."""
        self.set(**inputs)
        return self.stack.up()

    def preview(self, **inputs: object) -> EngineResult:
        """The same as `up`, with `pulumi preview`."""
        self.set(**inputs)
        return self.stack.preview()

    def set(self, **inputs: object) -> None:
        """Set inputs of every machine; None unsets one."""
        for arguments in self.inputs.values():
            arguments.update(inputs)
            for key in [key for key, value in arguments.items() if value is None]:
                del arguments[key]

    def up_in_subprocess(self) -> RunningUp:
        """Start `pulumi up` in its own process group, which may be killed."""
        (self.stack.folder / "inputs.json").write_text(json.dumps(self.inputs))
        return self.stack.up_in_subprocess(Path(__file__))

    def outputs(self, name: str) -> dict[str, Any]:
        """Return the outputs of one machine's reimage, from the state."""
        found: dict[str, Any] = self.stack.outputs()[name]
        return found

    def reimage_by_others(self, name: str) -> None:
        """Request a reimage that this stack does not know about."""
        url = f"https://management.azure.com{vm_id(name)}/reimage?api-version=2024-07-01"
        answer = self.simulator.handle(Request("POST", url, {"authorization": "Bearer x"}, b""))
        assert answer.status == HTTPStatus.ACCEPTED

    def told(self, name: str) -> dict[str, Any]:
        """Return what the state holds of the last reimage of a machine. A refresh may have changed it."""
        return dict(self.state(RESULT, name)["outputs"]["result"])

    def state(self, type_token: str, name: str) -> dict[str, Any]:
        """Return a resource of the state."""
        (found,) = [
            resource
            for resource in self.stack.resources()
            if resource["type"] == type_token and resource["urn"].endswith(f"::{name}")
        ]
        return found


if __name__ == "__main__":
    declare(json.loads((Path(sys.argv[1]) / "inputs.json").read_text()))
