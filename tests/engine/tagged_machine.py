"""A dynamic resource that stands for a VM of the program, with its id and its tags.

The dynamic host imports this module, so it sees the same class as the program.
"""

from typing import Any

from pulumi import Output, dynamic


class MachineProvider(dynamic.ResourceProvider):
    """Does nothing."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Keep the inputs as outputs."""
        return dynamic.CreateResult("machine", props)


class VirtualMachine(dynamic.Resource, module="test", name="VirtualMachine"):
    """A VM, as far as a policy sees it."""

    vm_id: Output[str]

    def __init__(self, name: str, vm_id: str, tags: dict[str, str]) -> None:
        """Declare it."""
        super().__init__(MachineProvider(), name, {"vm_id": vm_id, "tags": tags})
