"""Every preflight rule, every guard and every postcondition, on the real engine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tests.engine.conftest import NewStack
from tests.engine.harness import EngineResult
from tests.engine.reimaging import COMPONENT, OPERATION, Reimaging, vm_id

PASSWORD = "Aa1-567"  # noqa: S105 - too short for Windows.
GALLERY = vm_id("g").replace("virtualMachines/g", "galleries/g/images/i")
OWN: dict[str, object] = {"image": {"id": GALLERY}, "image_version": "1.0.0"}
IMAGES: list[dict[str, object]] = [
    {
        "id": GALLERY,
        "versions": [
            "1.0.0",
            {"name": "1.1.0", "excluded": True},
            {"name": "1.2.0", "end_of_life": "2026-01-31"},
            {"name": "1.3.0", "regions": ["northeurope"]},
            {"name": "1.4.0", "regions": {"westeurope": "Replicating"}},
            {"name": "1.5.0", "regions": {"westeurope": "Failed"}},
        ],
    },
    {
        "publisher": "Canonical",
        "offer": "ubuntu-24_04-lts",
        "sku": "server",
        "versions": [
            "24.04.202610010",
            {"name": "24.04.202601010", "deprecated": "2026-06-30"},
            {"name": "24.04.202611010", "deprecated": "2099-06-30"},
        ],
    },
]

# machine: (its settings, the inputs that change beside the trigger, words of the message)
Case = tuple[dict[str, object], dict[str, object], str]
REFUSED: dict[str, Case] = {
    "protected": ({}, {"prevent_reimage": True}, "prevent_reimage is true. Undo the change"),
    "unnamed": (
        {},
        {"allowed_causes": ["exact_version"]},
        "allowed_causes does not name the cause triggers.image changed.",
    ),
    "kept": (
        {"os_disk": "Detach"},
        {"require_delete_option": "Delete"},
        "require_delete_option is Delete, and the VM's",
    ),
    "deleted": (
        {"os_disk": "Delete"},
        {"require_delete_option": "Detach"},
        "require_delete_option is Detach, and the VM's",
    ),
    "local": (
        {"os_disk": "Ephemeral"},
        {"require_delete_option": "Detach"},
        "an ephemeral OS disk cannot be kept",
    ),
    "managed": ({}, {"temp_disk": True}, "temp_disk: Azure accepts it only for an ephemeral OS disk"),
    "windows": (
        {"os_type": "Windows"},
        {"os_profile": {"admin_password": PASSWORD}},
        "os_profile: a password for Windows must have 8 to 123 characters.",
    ),
    "locked": (
        {"lock": "ReadOnly"},
        {},
        "A ReadOnly lock refuses every action on the VM: simulated on locked.",
    ),
    "group": (
        {"lock": "ReadOnly", "lock_scope": "resource_group"},
        {},
        "A ReadOnly lock refuses every action on the VM: simulated on rg.",
    ),
    "reader": (
        {"actions": ["*/read"]},
        {},
        "may not perform Microsoft.Compute/virtualMachines/reimage/action",
    ),
    "imageless": (
        {"created_from": "Attach"},
        {"exact_version": "1.0.0"},
        "exact_version: the VM's OS disk has no image.",
    ),
    "missing": ({}, {"exact_version": "24.04.1"}, "exact_version: 24.04.1 does not exist for the VM's image"),
    "never": (OWN, {"exact_version": "9.9.9"}, "exact_version: 9.9.9 does not exist for the VM's image"),
    "elsewhere": (OWN, {"exact_version": "1.3.0"}, "exact_version: 1.3.0 is not replicated to westeurope."),
    "withdrawn": ({}, {"exact_version": "24.04.202601010"}, "its publisher has deprecated 24.04.202601010."),
}
WARNED: dict[str, Case] = {
    "specialized": (
        {"created_from": "Specialized"},
        {"os_profile": {"custom_data": "aGk="}},
        "os_profile: the VM's OS disk is specialized or was attached",
    ),
    "generalized": ({"generalized": True}, {}, "The VM is generalized. Azure may refuse"),
    "deallocated": ({"power": "deallocated"}, {}, "The VM is deallocated. Azure may refuse, and nothing is"),
    "coming": (OWN, {"exact_version": "1.4.0"}, "1.4.0 is still being replicated to westeurope. One replica"),
    "halfway": (OWN, {"exact_version": "1.5.0"}, "1.5.0 was not completely replicated to westeurope."),
    "same": (OWN, {"exact_version": "1.0.0"}, "exact_version: the VM already runs 1.0.0."),
    "excluded": (OWN, {"exact_version": "1.1.0"}, "exact_version: 1.1.0 is excluded from latest."),
    "old": (OWN, {"exact_version": "1.2.0"}, "1.2.0 reached its end of life on 2026-01-31."),
    "ending": (
        {},
        {"exact_version": "24.04.202611010"},
        "24.04.202611010 reaches its end of life on 2099-06-30.",
    ),
    "attached": ({"created_from": "Attach"}, {}, "The VM has no image to rebuild its OS disk from."),
    "broken": ({"failed": True}, {}, "The provisioning state of the VM is Failed."),
    "busy": ({}, {}, "Azure is working on the VM (Updating). The update waits until it has ended"),
    "stopped": ({"power": "stopped"}, {}, "The VM is stopped. Azure may start it, or refuse."),
    "flexible": ({"scale_set": "flex"}, {}, "The VM is in the scale set flex."),
    "blind": (
        {"actions": ["Microsoft.Compute/*"]},
        {},
        "Not checked, because it could not be read: the locks on the VM",
    ),
}
ALL = {**REFUSED, **WARNED}
NOTHING = "Nothing was sent; no disk was touched."


@pytest.fixture(scope="module")
def fleet(new_module_stack: NewStack) -> Iterator[Reimaging]:
    """A stack with a baseline of every machine, one of which has a running operation."""
    machines = {name: settings for name, (settings, _, _) in ALL.items()}
    fleet = Reimaging.with_baseline(new_module_stack, machines, seconds=600, images=IMAGES)
    fleet.reimage_by_others("busy")
    yield fleet
    assert [post.name for post in fleet.simulator.reimage_requests()] == ["busy"]


@contextmanager
def changed(fleet: Reimaging, changes: Mapping[str, Mapping[str, object]]) -> Iterator[None]:
    """Change inputs of some machines beside a trigger, while a block runs."""
    kept = dict(fleet.inputs)
    for name, inputs in changes.items():
        fleet.inputs[name] = {**kept[name], "triggers": {"image": "2"}, **inputs}
    yield
    fleet.inputs.update(kept)


def previewed(fleet: Reimaging, changes: Mapping[str, Mapping[str, object]]) -> EngineResult:
    """Preview a change of some machines."""
    with changed(fleet, changes):
        return fleet.stack.preview()


def said_of(result: EngineResult, name: str) -> list[str]:
    """Return the messages on the row of one component, and those about it on the row of the stack."""
    own = [said.message for said in result.diagnostics if (said.urn or "").endswith(f"{COMPONENT}::{name}")]
    shared = [said.message for said in result.diagnostics if COMPONENT not in (said.urn or "")]
    return own + [text for text in shared if name in text.partition(":")[0]]


@pytest.mark.parametrize("name", REFUSED)
def test_a_preview_refuses(fleet: Reimaging, name: str) -> None:
    """The preview fails, says why and what to do, and nothing is sent."""
    _, changes, words = REFUSED[name]
    before = len(fleet.simulator.reimage_requests())

    result = previewed(fleet, {name: changes})

    assert not result.ok
    assert words in result.text
    assert NOTHING in result.text
    assert PASSWORD not in result.text
    assert len(fleet.simulator.reimage_requests()) == before


@pytest.fixture(scope="module")
def warned(fleet: Reimaging) -> EngineResult:
    """Return the preview that reimages all machines with a warning."""
    before = len(fleet.simulator.reimage_requests())
    result = previewed(fleet, {name: changes for name, (_, changes, _) in WARNED.items()})
    assert len(fleet.simulator.reimage_requests()) == before
    return result


@pytest.mark.parametrize("name", WARNED)
def test_a_preview_warns(warned: EngineResult, name: str) -> None:
    """The preview continues, and the text is on the component's row, beside what will be lost."""
    announcement, *warnings = said_of(warned, name)

    assert warned.ok, warned.text
    assert f"VM {name} will be reimaged: triggers.image changed" in announcement
    assert any(WARNED[name][2] in warning for warning in warnings)


def test_an_update_refuses_what_its_preview_would(fleet: Reimaging) -> None:
    """Pipelines update without a preview. No request is sent, and the state stays as it was."""
    before = fleet.stack.checkpoint_file.read_text().count('"Baseline"')
    with changed(fleet, {name: changes for name, (_, changes, _) in REFUSED.items()}):
        result = fleet.stack.up()

    assert not result.ok
    assert NOTHING in result.text
    assert fleet.stack.checkpoint_file.read_text().count('"Baseline"') == before


def test_a_preview_of_a_vm_reads_three_times_and_of_the_others_never(fleet: Reimaging) -> None:
    """An unchanged VM costs Azure nothing."""
    before = len(fleet.simulator.requests())

    previewed(fleet, {"stopped": {}})

    asked = fleet.simulator.requests()[before:]
    assert [(request.method, request.path.rpartition("/")[2]) for request in asked] == [
        ("GET", "stopped"),
        ("GET", "permissions"),
        ("GET", "locks"),
    ]


def test_a_change_that_reimages_nothing_is_reported_once(new_stack: NewStack) -> None:
    """The message is on the component's row, and the next run says nothing."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}})

    changed = fleet.up(timeout="20m", os_profile={"admin_password": "correct-Horse-1"})
    unchanged = fleet.up()

    (said,) = said_of(changed, "web")
    assert said == (
        "os_profile, timeout changed. The new value is stored for the next reimage and does not "
        "trigger one.\n"
    )
    assert said_of(unchanged, "web") == []


@pytest.mark.parametrize(
    ("guards", "words"),
    [
        ({"prevent_reimage": True}, "prevent_reimage is true."),
        (
            {"allowed_causes": ["triggers"]},
            "allowed_causes does not name the cause `create`: created with reimage_on_create.",
        ),
    ],
    ids=["protect", "allow"],
)
def test_a_guard_refuses_a_reimage_on_creation(
    new_stack: NewStack, guards: dict[str, Any], words: str
) -> None:
    """The preview refuses it, like bad input."""
    fleet = Reimaging.start(new_stack, {"web": {}})

    preview = fleet.preview(reimage_on_create=True, **guards)
    update = fleet.stack.up()

    assert not preview.ok
    assert not update.ok
    assert words in preview.text
    assert words in update.text
    assert fleet.posts == 0


def test_what_is_allowed_reimages(new_stack: NewStack) -> None:
    """All guards are on, and all of them pass."""
    fleet = Reimaging.start(new_stack, {"web": {"os_disk": "Delete"}}, seconds=0)
    guards = {
        "allowed_causes": ["triggers.image"],
        "require_delete_option": "Delete",
        "prevent_reimage": False,
    }
    fleet.up(triggers={"image": "1"}, **guards)

    result = fleet.up(triggers={"image": "2"})

    assert result.ok, result.text
    assert fleet.posts == 1


def test_a_failed_reimage_is_repeated_only_if_that_is_allowed(new_stack: NewStack) -> None:
    """`failed` is a cause like any other. The message says how the last reimage ended."""
    fleet = Reimaging.start(new_stack, {"web": {}}, seconds=0)
    fleet.up(triggers={"image": "1"}, allowed_causes=["triggers.image"])
    fleet.simulator.fail("web", "AllocationFailed", "No room.")
    fleet.up(triggers={"image": "2"})

    preview = fleet.preview()
    refused = fleet.up()
    posts_until_then = fleet.posts
    allowed = fleet.up(allowed_causes=["triggers.image", "failed"])

    # Nothing depends on what ReimageResult finds in its diff, so its preview only warns.
    assert preview.ok, preview.text
    assert not refused.ok
    for said in (preview.text, refused.text):
        assert "allowed_causes does not name the cause `failed`: the last reimage ended Failed: " in said
        assert "No room" in said
    assert posts_until_then == 1
    assert allowed.ok, allowed.text
    assert fleet.posts == 2


def test_diffs_in_parallel_refuse_and_send_the_same(new_stack: NewStack) -> None:
    """`PULUMI_PARALLEL_DIFF` is a switch of the engine, and does not change any decision."""
    names = ("cache", "web", "worker")
    parallel = {"PULUMI_PARALLEL_DIFF": "true"}
    fleet = Reimaging.with_baseline(new_stack, {name: {} for name in names}, seconds=0, environment=parallel)
    fleet.up(triggers={"image": "2"})

    unchanged = fleet.preview()
    refused = fleet.preview(triggers={"image": "3"}, require_delete_option="Delete")
    reimaged = fleet.up(triggers={"image": "3"}, require_delete_option="Detach")

    assert unchanged.changes == {"same": 13}
    assert not refused.ok
    assert all(any("require_delete_option" in said for said in said_of(refused, name)) for name in names)
    assert reimaged.ok, reimaged.text
    assert fleet.posts == 6


def test_a_vm_that_runs_the_version_already_is_skipped(new_stack: NewStack) -> None:
    """Nothing is sent. The change is stored, so the next run finds nothing to do."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}}, seconds=0)
    version = fleet.outputs("web")["image_version"]

    preview = fleet.preview(exact_version=version, skip_if_current=True)
    skipped = fleet.stack.up()
    unchanged = fleet.stack.up()
    reimaged = fleet.up(exact_version="24.04.202611010")

    words = (
        f"VM web already runs image version {version} (skip_if_current), so it is not reimaged (exact_version"
    )
    assert any(words in said for said in said_of(preview, "web"))
    assert skipped.ok, skipped.text
    assert fleet.state(OPERATION, "web")["outputs"]["exact_version"] == "24.04.202611010"
    assert unchanged.changes == {"same": 5}
    assert reimaged.ok, reimaged.text
    assert fleet.posts == 1


def test_a_password_of_the_environment_is_sent_and_kept_nowhere(new_stack: NewStack) -> None:
    """State has only the name of the variable, as a secret."""
    password = "correct-Horse-1"  # noqa: S105 - made up, to look for.
    fleet = Reimaging.start(new_stack, {"web": {}}, seconds=0, environment={"VM_PASSWORD": password})
    said = [fleet.up(triggers={"image": "1"}, os_profile={"admin_password_env": "VM_PASSWORD"})]

    said += [fleet.up(triggers={"image": "2"}), fleet.stack.export(show_secrets=True)]

    assert all(run.ok for run in said)
    assert fleet.bodies() == [{"osProfile": {"adminPassword": password}}]
    assert password not in "".join(run.text for run in said) + fleet.stack.checkpoint_file.read_text()


def test_a_variable_that_is_not_set_is_refused_in_the_preview(new_stack: NewStack) -> None:
    """The refusal must not come in the middle of an update."""
    fleet = Reimaging.start(new_stack, {"web": {}})

    result = fleet.preview(os_profile={"admin_password_env": "NOBODY_SETS_THIS"})

    assert not result.ok
    assert "os_profile.admin_password_env names an environment variable that is not set" in result.text
    assert "NOBODY_SETS_THIS" not in result.text
    assert fleet.simulator.requests() == []


def test_a_disk_that_others_replaced_is_reported_and_the_reimage_is_sent(new_stack: NewStack) -> None:
    """Preview and update report it in the same words. The reimage by others does not count as this one."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}}, seconds=0)
    old = fleet.simulator.machine("web").os_disk_name
    fleet.reimage_by_others("web")
    theirs = fleet.simulator.machine("web").os_disk_name

    preview = fleet.preview(triggers={"image": "2"})
    sent_until_preview = fleet.posts
    result = fleet.stack.up()

    fact = f"The disk was {old}, and is now {theirs}."
    assert [fact in said for said in said_of(preview, "web")].count(True) == 1
    assert any("will be reimaged: triggers.image changed." in said for said in said_of(preview, "web"))
    assert sent_until_preview == 1
    assert result.ok, result.text
    assert any(fact in said for said in said_of(result, "web"))
    assert fleet.posts == 2
    assert fleet.told("web")["recovered"] is False
    assert fleet.outputs("web")["os_disk_id_before"].endswith(theirs)


def test_a_reimage_that_left_the_old_disk_fails(new_stack: NewStack) -> None:
    """Azure reported Succeeded, but the machine shows the opposite. Nothing is sent again."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}}, seconds=0)
    fleet.simulator.script("reimage web: keep disk")

    result = fleet.up(triggers={"image": "2"}, timeout="5s")

    assert not result.ok
    assert "nothing shows that it was done: the VM still has its old OS disk" in result.text
    assert "change a trigger" in result.text
    assert "pulumi up --replace" in result.text
    assert fleet.posts == 1
    assert fleet.told("web")["status"] == "Failed"


@pytest.mark.parametrize(
    ("script", "inputs", "words"),
    [
        ("reimage web: leave failed", {}, "was reimaged, but its provisioning state is Failed."),
        ("reimage web: leave stopped", {}, "was reimaged, but it is stopped."),
        (
            "image every: 403",
            {"exact_version": "0.1"},
            "was reimaged, but it runs image version 24.04.202610010, and exact_version was 0.1.",
        ),
    ],
    ids=["failed", "stopped", "another version"],
)
def test_a_vm_that_is_not_as_it_should_be_after_its_reimage_is_reported(
    new_stack: NewStack, script: str, inputs: Mapping[str, object], words: str
) -> None:
    """It is a warning, because the disk was rebuilt. State has the values before and after."""
    ubuntu = {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"}
    images = [{**ubuntu, "versions": [], "unknown_version": "ignore"}]
    fleet = Reimaging.with_baseline(new_stack, {"web": {}}, seconds=0, images=images)
    fleet.simulator.script(script)

    result = fleet.up(triggers={"image": "2"}, **inputs)

    assert result.ok, result.text
    assert any(words in said for said in said_of(result, "web"))
    outputs = fleet.outputs("web")
    assert outputs["status"] == "Succeeded"
    assert outputs["os_disk_id"] != outputs["os_disk_id_before"]


def test_with_warn_what_azure_would_refuse_is_sent_and_stored_without_a_reimage(new_stack: NewStack) -> None:
    """This holds in a preview and an update. The switch alone reimages nothing, and guards still apply."""
    fleet = Reimaging.with_baseline(
        new_stack, {"web": {"created_from": "Attach"}}, seconds=0, actions=["*/read"]
    )
    refused = fleet.preview(triggers={"image": "2"})
    fleet.set(triggers={"image": "1"})
    switched = fleet.up(preflight="warn")
    guarded = fleet.preview(triggers={"image": "2"}, prevent_reimage=True)
    preview = fleet.preview(prevent_reimage=None)
    sent = fleet.stack.up()

    assert not refused.ok
    assert "set `preflight='warn'`" in refused.text
    assert any("preflight changed. The new value is stored" in said for said in said_of(switched, "web"))
    assert not guarded.ok
    assert "prevent_reimage is true." in guarded.text
    assert preview.ok, preview.text
    assert "may not perform Microsoft.Compute/virtualMachines/reimage/action" in preview.text
    # The simulator refuses as Azure does, so the request was sent.
    assert not sent.ok
    assert "Azure refused to reimage web" in sent.text


def test_an_unknown_word_for_the_preflight_is_refused_by_name(new_stack: NewStack) -> None:
    """The error names both accepted words."""
    fleet = Reimaging.start(new_stack, {"web": {}})

    result = fleet.preview(preflight="off")

    assert not result.ok
    assert "'off', and must be 'enforce'" in result.text
    assert "'warn'" in result.text


def test_warn_reaches_the_first_send_and_a_repeat(new_stack: NewStack) -> None:
    """Each of the three resources applies the rules, so each of them gets the setting.

    Azure's own refusal shows that the request was sent: the simulator refuses `temp_disk` for a
    managed disk as Azure does.
    """
    fleet = Reimaging.start(new_stack, {"web": {}}, seconds=0)
    refused = fleet.up(reimage_on_create=True, temp_disk=True)
    created = fleet.up(preflight="warn")
    fleet.simulator.fail("web", "AllocationFailed", "No room.")
    failed = fleet.up(temp_disk=None)
    again = fleet.up(temp_disk=True, preflight=None)
    repeated = fleet.up(preflight="warn")

    assert "must not be reimaged (created with reimage_on_create). temp_disk: Azure accepts" in refused.text
    assert "Azure refused to reimage web" in created.text
    assert "No room" in failed.text
    assert "temp_disk: Azure accepts it only for an ephemeral OS disk" in again.text
    assert "Azure refused to reimage web" not in again.text
    assert "Azure refused to reimage web" in repeated.text


def test_a_list_of_permissions_that_lacks_what_was_just_used_is_a_warning(new_stack: NewStack) -> None:
    """The list is incomplete, and only Azure knows what the identity may do."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}, "worker": {}}, seconds=0)
    fleet.simulator.script(r'permissions every web: body "{\"value\": []}"')
    fleet.simulator.script(
        r'permissions every worker: body "{\"value\": [{\"actions\": [\"Microsoft.Network/*\"]}]}"'
    )

    preview = fleet.preview(triggers={"image": "2"})
    update = fleet.stack.up()

    assert preview.ok, preview.text
    assert "could not be read: all of the identity's permissions" in preview.text
    assert update.ok, update.text
    assert fleet.posts == 2
