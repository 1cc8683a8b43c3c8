"""What a preview says about values that it does not know yet, and what the update then does."""

from collections.abc import Mapping

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage
from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging, vm_id
from tests.engine.trivial_resource import Trivial

ONE: Mapping[str, Mapping[str, object]] = {"web": {}}


def test_a_trigger_that_is_not_known_yet_may_reimage(new_stack: NewStack) -> None:
    """The preview says "may". The update, which knows the value, finds it unchanged and sends nothing."""
    fleet = Reimaging.with_baseline(new_stack, ONE)

    def program() -> None:
        image = Trivial("image", "x").id.apply(lambda _: "1")
        VirtualMachineReimage("web", vm_id=vm_id("web"), triggers={"image": image})

    fleet.stack.program = program
    preview = fleet.stack.preview()
    result = fleet.stack.up()

    (said,) = [said.message for said in preview.diagnostics if "VM web may be" in said.message]
    assert preview.ok, preview.text
    assert "VM web may be reimaged: triggers.image not known yet." in said
    assert result.ok, result.text
    assert fleet.posts == 0


def test_a_trigger_that_turns_out_to_be_different_reimages(new_stack: NewStack) -> None:
    """The value is known when the request is sent, and the state keeps that value."""
    fleet = Reimaging.with_baseline(new_stack, ONE)

    def program() -> None:
        image = Trivial("image", "x").id.apply(lambda _: "2")
        VirtualMachineReimage("web", vm_id=vm_id("web"), triggers={"image": image})

    fleet.stack.program = program
    result = fleet.stack.up()
    unchanged = fleet.stack.up()

    assert result.ok, result.text
    assert fleet.posts == 1
    assert unchanged.changes == {"same": 6}


def test_a_vm_id_that_is_not_known_yet_reimages_nothing(new_stack: NewStack) -> None:
    """The VM is being replaced. The same id is left alone, and another id is a new baseline."""
    fleet = Reimaging.start(new_stack, {"web": {}, "other": {}})
    del fleet.inputs["other"]
    fleet.up(triggers={"image": "1"})

    def program() -> None:
        machine = Trivial("machine", target).id.apply(lambda _: target)
        VirtualMachineReimage("web", vm_id=machine, triggers={"image": "1"})

    fleet.stack.program = program
    target = vm_id("web")
    preview = fleet.stack.preview()
    same = fleet.stack.up()
    target = vm_id("other")
    another = fleet.stack.up()

    assert preview.ok, preview.text
    assert "reimaged" not in preview.text
    assert same.ok, same.text
    assert same.changes == {"create": 1, "same": 5}
    assert another.ok, another.text
    assert another.changes == {"update": 1, "same": 2, "replace": 3}
    assert fleet.posts == 0


def test_a_secret_trigger_is_compared_and_never_shown(new_stack: NewStack) -> None:
    """Its key is named as the cause, and its value is nowhere in the clear."""
    fleet = Reimaging.start(new_stack, ONE)
    value = "hunter2-one"

    def program() -> None:
        VirtualMachineReimage("web", vm_id=vm_id("web"), triggers={"token": pulumi.Output.secret(value)})

    fleet.stack.program = program
    fleet.stack.up()
    unchanged = fleet.stack.up()
    value = "hunter2-two"
    preview = fleet.stack.preview(diff=True)
    result = fleet.stack.up(diff=True)

    assert unchanged.changes == {"same": 5}
    assert "triggers.token changed" in preview.text
    assert result.ok, result.text
    assert fleet.posts == 1
    assert "hunter2" not in preview.text + result.text + fleet.stack.checkpoint_file.read_text()
