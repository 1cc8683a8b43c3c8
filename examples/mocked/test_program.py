"""The program on Pulumi's mocks: what it declares. Nothing is decided, and nothing is sent."""

import runpy
from pathlib import Path

import pulumi

VM = "/subscriptions/…/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"


class Mocks(pulumi.runtime.Mocks):
    """Keeps what the program declares, by type."""

    def __init__(self) -> None:
        self.declared: dict[str, dict[str, object]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, object]]:
        """Keep the inputs, and make up an id."""
        self.declared[args.typ] = args.inputs
        return args.name, args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, object], None]:
        """Refuse, because the program calls no function."""
        raise NotImplementedError(args.token)


def test_it_reimages_the_vm_for_a_release_and_keeps_the_old_disk() -> None:
    """`ReimageRequest` has all inputs of the component."""
    mocks = Mocks()
    pulumi.runtime.set_mocks(mocks)
    pulumi.runtime.set_all_config({"project:vmId": VM, "project:release": "7"})

    runpy.run_path(str(Path(__file__).parent / "__main__.py"))
    # This waits until everything is declared. Pulumi's function has no types.
    pulumi.runtime.test(lambda: None)()  # type: ignore[no-untyped-call]

    request = mocks.declared["pulumi-python:dynamic/azure-reimage:ReimageRequest"]
    assert (request["vm_id"], request["triggers"]) == (VM, {"release": "7"})
    assert request["require_delete_option"] == "Detach"
