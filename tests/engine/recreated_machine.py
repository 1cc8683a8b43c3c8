"""A dynamic resource that stands for a VM of the program: an update of it replaces the simulated machine.

The dynamic host imports this module, so it sees the same class as the program.
"""

from pathlib import Path
from typing import Any

from pulumi import Output, ResourceOptions, dynamic

from pulumi_azure_reimage.clock import SystemClock
from pulumi_azure_reimage.simulator import Simulator


class MachineProvider(dynamic.ResourceProvider):
    """Replaces the machine when its generation changes."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Keep the machine as it is."""
        return dynamic.CreateResult("machine", props)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare the generations."""
        return dynamic.DiffResult(changes=_olds["generation"] != _news["generation"])

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        """Delete the machine and create it again under the same id, no sooner than Azure could.

        A VM counts as created by this run only if it was created more than five seconds after the CLI started
        (`_IMPRECISION` in reimage/decide.py). In Azure that takes far longer.
        """
        SystemClock().sleep(5.5)
        Simulator.open(Path(_news["inventory"])).recreate(_news["name"])
        return dynamic.UpdateResult(_news)


class Machine(dynamic.Resource, module="test", name="Machine"):
    """A machine of the simulator."""

    vm_id: Output[str]

    def __init__(self, name: str, props: dict[str, Any], opts: ResourceOptions | None = None) -> None:
        """Declare the machine of this name, with its inventory, its id and its generation."""
        super().__init__(MachineProvider(), name, {**props, "name": name}, opts)
