"""Pulumi's resource options on the component: what each one does to the children, on the real engine.

Pulumi applies most of them to the component's own row only, where they would silently do nothing.
"""

from typing import Any

import pulumi
import pytest

from pulumi_azure_reimage import Provider, VirtualMachineReimage
from tests.engine.conftest import NewStack
from tests.engine.harness import EngineResult
from tests.engine.reimaging import COMPONENT, OPERATION, REQUEST, RESULT, Reimaging, vm_id
from tests.engine.trivial_resource import Trivial

CHILDREN = (REQUEST, OPERATION, RESULT)
Options = dict[str, pulumi.ResourceOptions]


def declared(new_stack: NewStack, names: tuple[str, ...], options: Options) -> Reimaging:
    """Make a stack with one machine for each name, whose options may be replaced between runs."""
    fleet = Reimaging.start(new_stack, {name: {} for name in names}, seconds=0)

    def program() -> None:
        for name, arguments in fleet.inputs.items():
            VirtualMachineReimage(name, options.get(name), **{"vm_id": vm_id(name), **arguments})

    fleet.stack.program = program
    return fleet


def said(result: EngineResult, name: str) -> str:
    """Return all messages on the row of a component."""
    row = f"{COMPONENT}::{name}"
    return " ".join(line.message for line in result.diagnostics if (line.urn or "").endswith(row))


def sent(fleet: Reimaging) -> list[str]:
    """Return the machines whose reimage was requested."""
    return sorted(post.name or "" for post in fleet.simulator.reimage_requests())


IGNORED = {
    "all-triggers": ["triggers"],
    "one-trigger": ["triggers.image"],
    "quoted": ['triggers["image"]'],
    "every-trigger": ["triggers.*"],
    "everything": ["*"],
    "version": ["triggers", "exact_version"],
    "camel-case": ["triggers", "exactVersion"],
}


def test_a_change_that_ignore_changes_names_requests_nothing_until_it_is_no_longer_named(
    new_stack: NewStack,
) -> None:
    """It can name all triggers, one of them in both spellings, any input, and a version that is removed."""
    options = {name: pulumi.ResourceOptions(ignore_changes=paths) for name, paths in IGNORED.items()}
    fleet = declared(new_stack, (*IGNORED, "plain"), options)
    fleet.up(triggers={"image": "1"}, exact_version="1.0.0")

    fleet.set(triggers={"image": "2"})
    for name in ("version", "camel-case"):
        fleet.inputs[name].pop("exact_version")
    preview = fleet.stack.preview()
    ignored = fleet.up()
    unchanged = fleet.stack.preview()
    after_ignoring = sent(fleet)
    options.clear()
    fires = fleet.up()
    last = fleet.up()

    assert ignored.ok, ignored.text
    assert after_ignoring == ["plain"]
    for name in IGNORED:
        removed = ", exact_version removed" if "exact_version" not in fleet.inputs[name] else ""
        assert f"triggers.image changed{removed}. That is ignored, because" in said(preview, name)
        assert "will be reimaged" not in said(preview, name)
    assert set(unchanged.changes) == {"same"}
    assert fires.ok, fires.text
    assert sent(fleet) == sorted([*IGNORED, "plain"])
    assert set(last.changes) == {"same"}


def test_what_is_not_named_still_reimages_as_it_was_decided(new_stack: NewStack) -> None:
    """The ignored version is kept, and the ignored key stays due until it is no longer named."""
    options = {"web": pulumi.ResourceOptions(ignore_changes=["triggers.image", "exact_version"])}
    fleet = declared(new_stack, ("web",), options)
    fleet.up(triggers={"image": "1", "config": "1"}, exact_version="1.0.0")

    fleet.set(triggers={"image": "2", "config": "2"}, exact_version="2.0.0")
    preview = fleet.stack.preview()
    other = fleet.up()
    bodies = fleet.bodies()
    options.clear()
    fleet.up()

    assert "VM web will be reimaged: triggers.config changed." in said(preview, "web")
    assert "-> 1.0.0." in preview.text
    assert other.ok, other.text
    assert bodies == [{"exactVersion": "1.0.0"}]
    assert fleet.bodies()[1:] == [{"exactVersion": "2.0.0"}]
    causes = [cause["text"] for cause in fleet.state(REQUEST, "web")["outputs"]["request"]["causes"]]
    assert causes == ["triggers.image changed", "exact_version changed"]


def test_a_trigger_that_is_removed_with_all_others_is_ignored_too(new_stack: NewStack) -> None:
    """The engine would not ignore it, because its path leads through a mapping that no longer exists."""
    options = {"web": pulumi.ResourceOptions(ignore_changes=["triggers.image"])}
    fleet = declared(new_stack, ("web",), options)
    fleet.up(triggers={"image": "1"})

    ignored = fleet.up(triggers=None)

    assert ignored.ok, ignored.text
    assert fleet.posts == 0


def test_a_change_that_was_refused_and_then_ignored_is_no_longer_due(new_stack: NewStack) -> None:
    """The engine alone would keep the value that was refused."""
    options: Options = {}
    fleet = declared(new_stack, ("web",), options)
    fleet.up(triggers={"image": "1"})
    refused = fleet.up(triggers={"image": "2"}, prevent_reimage=True)

    options["web"] = pulumi.ResourceOptions(ignore_changes=["triggers"])
    ignored = fleet.up(prevent_reimage=None)
    posts = fleet.posts
    options.clear()
    fleet.up()

    assert not refused.ok
    assert ignored.ok, ignored.text
    assert posts == 0
    assert fleet.posts == 1


def test_an_ignored_parameter_keeps_its_value_for_the_next_reimage(new_stack: NewStack) -> None:
    """This holds in all three children, and for a single part of `os_profile`."""
    options: Options = {}
    fleet = declared(new_stack, ("web", "part"), options)
    fleet.up(triggers={"image": "1"}, os_profile={"custom_data": "b25l"}, timeout="30m")

    options["web"] = pulumi.ResourceOptions(ignore_changes=["os_profile", "timeout"])
    options["part"] = pulumi.ResourceOptions(ignore_changes=["osProfile.customData"])
    changed = fleet.up(triggers={"image": "2"}, os_profile={"custom_data": "dHdv"}, timeout="40m")

    assert changed.ok, changed.text
    assert fleet.bodies() == [{"osProfile": {"customData": "b25l"}}] * 2
    for child in CHILDREN:
        assert fleet.state(child, "web")["inputs"]["timeout"] == "30m"
        assert fleet.state(child, "part")["inputs"]["timeout"] == "40m"


def test_another_vm_id_that_is_ignored_replaces_nothing(new_stack: NewStack) -> None:
    """The VM of the last run is still the one that is reimaged."""
    options = {"web": pulumi.ResourceOptions(ignore_changes=["vm_id"])}
    fleet = declared(new_stack, ("web", "other"), options)
    del fleet.inputs["other"]
    fleet.up(triggers={"image": "1"})

    fleet.inputs["web"] = {"vm_id": vm_id("other"), "triggers": {"image": "2"}}
    changed = fleet.stack.up()

    assert changed.ok, changed.text
    assert sent(fleet) == ["web"]


def test_a_refused_option_ends_the_program_with_a_sentence_and_registers_nothing(
    new_stack: NewStack,
) -> None:
    """There is no traceback, and no resource except the stack."""
    options = {"web": pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(update="2s"))}
    fleet = declared(new_stack, ("web",), options)

    refused = fleet.up(triggers={"image": "1"})

    assert not refused.ok
    assert "the option `custom_timeouts` is refused. Use the input `timeout`." in refused.text
    assert "Traceback" not in refused.text
    assert [resource["type"] for resource in fleet.stack.resources()] in ([], ["pulumi:pulumi:Stack"])


def test_protect_reaches_the_children_directly_through_a_merge_and_through_a_parent(
    new_stack: NewStack,
) -> None:
    """None of them can be deleted."""
    fleet = Reimaging.start(new_stack, {"direct": {}, "merged": {}, "child": {}}, seconds=0)

    def program() -> None:
        protected = pulumi.ResourceOptions(protect=True)
        parent = pulumi.ComponentResource("test:index:Site", "site", {}, protected)
        VirtualMachineReimage("direct", protected, vm_id=vm_id("direct"))
        merged = pulumi.ResourceOptions.merge(pulumi.ResourceOptions(), protected)
        VirtualMachineReimage("merged", merged, vm_id=vm_id("merged"))
        VirtualMachineReimage("child", pulumi.ResourceOptions(parent=parent), vm_id=vm_id("child"))

    fleet.stack.program = program
    created = fleet.stack.up()
    destroyed = fleet.stack.destroy()

    assert created.ok, created.text
    assert not destroyed.ok
    for name in fleet.inputs:
        assert [fleet.state(child, name)["protect"] for child in CHILDREN] == [True] * 3


def test_options_about_deletion_reach_the_children(new_stack: NewStack) -> None:
    """They are in the state of each child. Replacing the `deleted_with` resource replaces the children."""
    fleet = Reimaging.start(new_stack, {"kept": {}, "with": {}}, seconds=0)

    def program() -> None:
        owner = Trivial("owner", "1")
        VirtualMachineReimage("kept", pulumi.ResourceOptions(retain_on_delete=True), vm_id=vm_id("kept"))
        options = pulumi.ResourceOptions(deleted_with=owner)
        VirtualMachineReimage("with", options, vm_id=vm_id("with"), **fleet.inputs["with"])

    fleet.stack.program = program
    created = fleet.stack.up()

    assert created.ok, created.text
    for child in CHILDREN:
        assert fleet.state(child, "kept")["retainOnDelete"]
        assert fleet.state(child, "with")["deletedWith"].endswith("::owner")
    owner = next(each["urn"] for each in fleet.stack.resources() if each["urn"].endswith("::owner"))
    fleet.set(triggers={"image": "2"})
    replaced = fleet.stack.up(replace=[owner])
    assert replaced.ok, replaced.text
    assert (fleet.posts, fleet.told("with")["status"]) == (0, "Baseline")
    assert "Baseline: OS disk " in said(replaced, "with")
    assert fleet.stack.destroy().ok


@pytest.mark.parametrize(
    ("asked", "order"),
    [(True, ["delete-replaced", "create-replacement"]), (None, ["create-replacement", "delete-replaced"])],
)
def test_delete_before_replace_holds_for_the_children(
    new_stack: NewStack,
    asked: bool | None,  # noqa: FBT001 - a parameter of the test.
    order: list[str],
) -> None:
    """A VM with another id replaces them. The old ones are deleted first, or last by default."""
    options = {"web": pulumi.ResourceOptions(delete_before_replace=asked)}
    fleet = declared(new_stack, ("web", "other"), options)
    del fleet.inputs["other"]
    fleet.up()

    fleet.inputs["web"] = {"vm_id": vm_id("other")}
    replaced = fleet.stack.up()

    steps = [
        event.res_outputs_event.metadata.op.value
        for event in replaced.events
        if event.res_outputs_event and event.res_outputs_event.metadata.type == REQUEST
    ]
    assert replaced.ok, replaced.text
    assert [step for step in steps if step in order] == order
    assert fleet.posts == 0


def test_nothing_is_looked_at_or_sent_before_what_it_depends_on_is_done(new_stack: NewStack) -> None:
    """A failed dependency leaves the change due. It is in state, so it is deleted last."""
    gate = {"value": "open"}
    fleet = Reimaging.start(new_stack, {"web": {}}, seconds=0)

    def program() -> None:
        first = Trivial("gate", gate["value"])
        VirtualMachineReimage(
            "web", pulumi.ResourceOptions(depends_on=[first]), vm_id=vm_id("web"), **fleet.inputs["web"]
        )

    fleet.stack.program = program
    fleet.up(triggers={"image": "1"})
    gate["value"] = "fail"
    failed = fleet.up(triggers={"image": "2"})
    posts = fleet.posts
    gate["value"] = "open again"
    done = fleet.up()

    assert not failed.ok
    assert posts == 0
    assert done.ok, done.text
    assert fleet.posts == 1
    dependencies = fleet.state(REQUEST, "web")["dependencies"]
    assert any(urn.endswith("::gate") for urn in dependencies)


def test_a_component_that_is_renamed_and_moved_with_aliases_keeps_its_state(new_stack: NewStack) -> None:
    """A trigger that changes with it reimages once, and no new baseline hides the change."""
    fleet = Reimaging.start(new_stack, {"web": {}}, seconds=0)
    moved = {"value": False}

    def program() -> None:
        if not moved["value"]:
            VirtualMachineReimage("web", vm_id=vm_id("web"), triggers={"image": "1"})
            return
        site = pulumi.ComponentResource("test:index:Site", "site")
        alias = pulumi.Alias(name="web", parent=pulumi.ROOT_STACK_RESOURCE)
        options = pulumi.ResourceOptions(parent=site, aliases=[alias])
        VirtualMachineReimage("web-01", options, vm_id=vm_id("web"), triggers={"image": "2"})

    fleet.stack.program = program
    fleet.stack.up()
    moved["value"] = True
    changed = fleet.stack.up()
    unchanged = fleet.stack.up()

    assert changed.ok, changed.text
    assert sent(fleet) == ["web"]
    assert "delete" not in changed.changes
    assert set(unchanged.changes) == {"same"}


def test_transforms_of_the_component_and_of_the_stack_reach_the_children(new_stack: NewStack) -> None:
    """They see each child with its type, and can change its inputs and ignore changes of them."""
    fleet = Reimaging.start(new_stack, {"web": {}}, seconds=0)
    seen: set[str] = set()
    release = {"value": "1"}

    def seeing(args: pulumi.ResourceTransformArgs) -> None:
        seen.add(args.type_)

    def raising(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != REQUEST:
            return None
        return pulumi.ResourceTransformationResult({**args.props, "timeout": "45m"}, args.opts)

    def ignoring(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != REQUEST:
            return None
        ignored = pulumi.ResourceOptions(ignore_changes=["triggers"])
        return pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge(args.opts, ignored))

    def program() -> None:
        pulumi.runtime.register_resource_transform(ignoring)
        options = pulumi.ResourceOptions(transforms=[seeing], transformations=[raising])
        VirtualMachineReimage("web", options, vm_id=vm_id("web"), triggers={"image": release["value"]})

    fleet.stack.program = program
    created = fleet.stack.up()
    release["value"] = "2"
    changed = fleet.stack.up()

    assert created.ok, created.text
    assert changed.ok, changed.text
    assert seen == {COMPONENT, *CHILDREN}
    assert fleet.state(REQUEST, "web")["inputs"]["timeout"] == "45m"
    assert fleet.posts == 0


def test_a_provider_that_a_parent_has_signs_in_for_the_children(new_stack: NewStack) -> None:
    """A provider that is given directly does so too, which tests/engine/test_provider.py shows."""
    fleet = Reimaging.start(new_stack, {"web": {}}, seconds=0)

    def program() -> None:
        ours = Provider("ours", simulator="machines.json")
        site = pulumi.ComponentResource(
            "test:index:Site", "site", {}, pulumi.ResourceOptions(providers=[ours])
        )
        VirtualMachineReimage("web", pulumi.ResourceOptions(parent=site), vm_id=vm_id("web"))

    fleet.stack.program = program
    created = fleet.stack.up()

    assert created.ok, created.text
    for child in CHILDREN:
        assert "::ours::" in fleet.state(child, "web")["provider"]


def test_a_trigger_that_was_secret_and_is_ignored_stays_secret_in_state(new_stack: NewStack) -> None:
    """Its value is kept as long as it is ignored, even if the program's new value is not secret."""
    fleet = Reimaging.start(new_stack, {"web": {}}, seconds=0)
    triggers: dict[str, Any] = {"key": "hunter2-hunter2", "image": "1"}
    options = pulumi.ResourceOptions()

    def program() -> None:
        given = dict(triggers)
        if not options.ignore_changes:
            given["key"] = pulumi.Output.secret(given["key"])
        VirtualMachineReimage("web", options, vm_id=vm_id("web"), triggers=given)

    fleet.stack.program = program
    fleet.stack.up()
    options.ignore_changes = ["triggers.key"]
    triggers |= {"key": "no secret", "image": "2"}
    changed = fleet.stack.up()

    assert changed.ok, changed.text
    assert fleet.posts == 1
    assert "hunter2" not in fleet.stack.checkpoint_file.read_text()
    assert "hunter2" not in changed.text


def test_hide_diffs_hides_the_inputs_that_it_names(new_stack: NewStack) -> None:
    """The change is made, and its values are not shown."""
    options = {"quiet": pulumi.ResourceOptions(hide_diffs=["triggers"])}
    fleet = declared(new_stack, ("quiet", "loud"), options)
    fleet.up(triggers={"image": "1"})
    fleet.inputs["quiet"]["triggers"] = {"image": "hidden-value"}
    fleet.inputs["loud"]["triggers"] = {"image": "shown-value"}

    shown = fleet.stack.preview(diff=True).text

    assert "shown-value" in shown
    assert "hidden-value" not in shown
