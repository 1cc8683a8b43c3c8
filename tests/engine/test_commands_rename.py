"""A component with another name: with an alias, with `state rename`, and without either."""

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage
from tests.engine.commands import said, urn
from tests.engine.conftest import NewStack
from tests.engine.harness import EngineResult
from tests.engine.reimaging import Reimaging, vm_id

# The ways to rename the component. The machines have these names too.
PLAIN, ALIAS, COMPONENT_ALONE, ALL_FOUR = "plain", "alias", "alone", "all"
MACHINES = (PLAIN, ALIAS, COMPONENT_ALONE, ALL_FOUR)
CHILDREN = ("ReimageResult", "ReimageOperation", "ReimageRequest")


def renamed_program() -> None:
    """Be the program with other names, a changed trigger and another version."""
    for name in MACHINES:
        aliases: list[str | pulumi.Alias] = [pulumi.Alias(name=name)] if name == ALIAS else []
        VirtualMachineReimage(
            f"new-{name}",
            pulumi.ResourceOptions(aliases=aliases),
            vm_id=vm_id(name),
            triggers={"image": "2"},
            exact_version="24.04.202611010",
        )


def baselines(result: EngineResult) -> list[str]:
    """Return the machines whose new baseline is announced or reported."""
    return [
        name
        for name in MACHINES
        if any("Nothing is reimaged." in line for line in said(result, f"new-{name}"))
    ]


def test_a_component_with_another_name_is_a_new_baseline_unless_pulumi_knows_the_old_one(
    new_stack: NewStack,
) -> None:
    """A change in the same run reimages what Pulumi recognizes, and is never silently lost."""
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in MACHINES}, seconds=0)
    renames = [("component", COMPONENT_ALONE), *((child, ALL_FOUR) for child in (*CHILDREN, "component"))]
    for kind, name in renames:
        renamed = fleet.stack.cli("state", "rename", urn(kind, name), f"new-{name}", "--yes")
        assert renamed.ok, renamed.text
    fleet.stack.program = renamed_program

    preview = fleet.stack.preview()
    result = fleet.stack.up()
    unchanged = fleet.stack.up()

    assert preview.ok, preview.text
    assert result.ok, result.text
    for run in (preview, result):
        assert baselines(run) == [PLAIN, COMPONENT_ALONE]
        for name in baselines(run):
            assert any(
                "exact_version is 24.04.202611010, and the VM runs image version 24.04.202610010." in line
                for line in said(run, f"new-{name}")
            )
    assert sorted(request.name or "" for request in fleet.simulator.reimage_requests()) == [ALIAS, ALL_FOUR]
    assert unchanged.changes == {"same": 1 + 4 * len(MACHINES)}
