"""Two components for one VM: the second one is refused by name before anything is sent for it."""

from pulumi_azure_reimage import VirtualMachineReimage
from tests.engine.commands import errors, urn
from tests.engine.conftest import NewStack
from tests.engine.reimaging import COMPONENT, Reimaging, vm_id
from tests.engine.trivial_resource import Trivial

OTHER_CASE = vm_id("web").replace("resourceGroups/rg", "resourcegroups/RG").replace("/web", "/WEB/")


def test_a_second_component_on_a_vm_is_refused_in_the_preview(new_stack: NewStack) -> None:
    """The id may be spelled differently. The error names the other one, and the engine chooses the order."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}}, seconds=0)
    fleet.inputs["again"] = {"vm_id": OTHER_CASE}
    fleet.set(triggers={"image": "2"})

    preview = fleet.stack.preview()
    del fleet.inputs["again"]
    alone = fleet.stack.up()

    assert not preview.ok
    (error,) = errors(preview)
    assert any(f"is already reimaged by {urn('component', name)}" in error for name in ("web", "again"))
    assert alone.ok, alone.text
    assert fleet.posts == 1


def test_a_vm_that_only_the_update_knows_is_not_reimaged_twice(new_stack: NewStack) -> None:
    """The preview cannot see it. The update refuses the second component before anything is sent for it."""
    fleet = Reimaging.start(new_stack, {"web": {}}, seconds=0)

    def program() -> None:
        known_later = Trivial("vm", "x").id.apply(lambda _: OTHER_CASE)
        VirtualMachineReimage("web", vm_id=vm_id("web"), reimage_on_create=True)
        VirtualMachineReimage("again", vm_id=known_later, reimage_on_create=True)

    fleet.stack.program = program
    preview = fleet.stack.preview()
    result = fleet.stack.up()

    assert preview.ok, preview.text
    assert not result.ok
    (error,) = [error for error in errors(result) if "has a problem" in error]
    assert f"is already reimaged by {urn('component')}" in error
    assert fleet.posts <= 1
    # The stack holds only the component of the second one.
    states = [resource["urn"] for resource in fleet.stack.resources() if resource["urn"].endswith("::again")]
    assert states in ([], [f"urn:pulumi:test::test::{COMPONENT}::again"])
