"""What each change does, row by row, on the real engine. The POSTs are counted at the simulator."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pulumi_azure_reimage.simulator import Simulator, serve
from tests.engine.conftest import NewStack
from tests.engine.reimaging import COMPONENT, OPERATION, RESULT, Reimaging, vm_id

MACHINES = {
    "detach": {"os_disk": "Detach"},
    "delete": {"os_disk": "Delete"},
    "ephemeral": {"os_disk": "Ephemeral"},
}
ONE: Mapping[str, Mapping[str, object]] = {"web": {}}


def test_the_first_up_records_a_baseline_and_the_second_changes_nothing(new_stack: NewStack) -> None:
    """Nothing is sent, and everything stays as it is."""
    fleet = Reimaging.start(new_stack, MACHINES)

    first = fleet.up(triggers={"image": "1"})
    second = fleet.up()

    assert first.ok, first.text
    assert second.ok, second.text
    assert fleet.posts == 0
    assert {"Baseline"} == {fleet.outputs(name)["status"] for name in MACHINES}
    assert {"same": 1 + 4 * len(MACHINES)} == second.changes


def test_a_changed_trigger_reimages_each_machine_once(new_stack: NewStack) -> None:
    """Each gets one POST without a body. The result is in state, with the disk that Azure kept."""
    fleet = Reimaging.with_baseline(new_stack, MACHINES)
    old = {name: fleet.simulator.machine(name).os_disk_id for name in MACHINES}

    changed = fleet.up(triggers={"image": "2"})
    unchanged = fleet.up()

    assert changed.ok, changed.text
    assert sorted(MACHINES) == sorted(post.name or "" for post in fleet.simulator.reimage_requests())
    assert fleet.bodies() == [None, None, None]
    assert unchanged.changes == {"same": 13}
    for name in MACHINES:
        result = fleet.outputs(name)
        assert result["status"] == "Succeeded"
        assert result["causes"] == ["triggers.image changed"]
        assert pytest.approx(result["duration_seconds"]) == 1.0
        assert result["operation_id"]
        assert result["started_at"] < result["completed_at"]
        assert old[name] == result["os_disk_id_before"]
        assert fleet.simulator.machine(name).os_disk_id == result["os_disk_id"]
    assert old["detach"] != fleet.outputs("detach")["os_disk_id"]
    assert old["detach"] == fleet.outputs("detach")["retained_os_disk_id"]
    assert fleet.outputs("delete")["retained_os_disk_id"] is None
    assert fleet.outputs("ephemeral")["retained_os_disk_id"] is None
    assert old["ephemeral"] == fleet.outputs("ephemeral")["os_disk_id"]


def test_a_vm_that_was_started_or_extended_since_its_baseline_is_reimaged_once(new_stack: NewStack) -> None:
    """Both change the time of the OS disk's status, which says nothing about a reimage."""
    fleet = Reimaging.with_baseline(new_stack, {"started": {}, "extended": {}}, seconds=0)
    fleet.simulator.change("started", power="deallocated")
    fleet.simulator.change("started", power="running")
    fleet.simulator.change_extension("extended")

    changed = fleet.up(triggers={"image": "2"})
    unchanged = fleet.up()

    assert changed.ok, changed.text
    assert sorted(post.name or "" for post in fleet.simulator.reimage_requests()) == ["extended", "started"]
    assert "was replaced" not in changed.text
    assert unchanged.changes == {"same": 9}
    for name in ("started", "extended"):
        assert fleet.outputs(name)["status"] == "Succeeded"
        assert fleet.outputs(name)["os_disk_id"] != fleet.outputs(name)["os_disk_id_before"]


def test_a_trigger_that_is_added_or_removed_reimages_and_one_that_is_written_differently_does_not(
    new_stack: NewStack,
) -> None:
    """Key order does not matter, and 1 equals 1.0."""
    fleet = Reimaging.start(new_stack, ONE)
    fleet.up(triggers={"a": 1, "b": {"x": [1, 2], "y": None}})

    fleet.up(triggers={"b": {"y": None, "x": (1.0, 2)}, "a": 1.0})
    after_rewriting = fleet.posts
    fleet.up(triggers={"a": 1, "b": {"x": [1, 2], "y": None}, "c": True})
    added = fleet.outputs("web")["causes"]
    fleet.up(triggers={"b": {"x": [1, 2], "y": None}, "c": True})
    removed = fleet.outputs("web")["causes"]

    assert after_rewriting == 0
    assert added == ["triggers.c added"]
    assert removed == ["triggers.a removed"]
    assert fleet.posts == 2


def test_exact_version_reimages_when_it_is_set_changed_and_unset(new_stack: NewStack) -> None:
    """Each change sends one POST, spelled as ARM spells it."""
    fleet = Reimaging.start(new_stack, ONE)
    fleet.up()
    version = fleet.outputs("web")["image_version"]

    fleet.up(exact_version=version)
    fleet.up(exact_version="24.04.202611010")
    changed = fleet.outputs("web")
    fleet.up(exact_version=None)

    assert [{"exactVersion": version}, {"exactVersion": "24.04.202611010"}, None] == fleet.bodies()
    assert (version, "24.04.202611010") == (changed["image_version_before"], changed["image_version"])


def test_parameters_wait_for_the_next_reimage(new_stack: NewStack) -> None:
    """`os_profile`, `temp_disk`, `timeout` and `reimage_on_create` alone never cause a reimage."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {"os_disk": "Ephemeral"}})

    stored = fleet.up(
        os_profile={"admin_password": "correct-Horse-1", "custom_data": "aGk="},
        temp_disk=True,
        timeout="20m",
        reimage_on_create=True,
    )
    after_storing = fleet.posts
    fleet.up(triggers={"image": "2"})

    assert stored.ok, stored.text
    assert after_storing == 0
    assert fleet.bodies() == [
        {"tempDisk": True, "osProfile": {"adminPassword": "correct-Horse-1", "customData": "aGk="}}
    ]


def test_custom_data_of_a_file_is_read_when_the_request_is_sent(
    new_stack: NewStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path is relative to the program's folder, and the content never enters the state."""
    fleet = Reimaging.start(new_stack, ONE)
    monkeypatch.chdir(fleet.stack.folder)
    (fleet.stack.folder / "cloud-init.yaml").write_text("#cloud-config\n")
    fleet.up(triggers={"image": "1"}, os_profile={"custom_data_file": "cloud-init.yaml"})

    result = fleet.up(triggers={"image": "2"})

    assert result.ok, result.text
    assert fleet.bodies() == [{"osProfile": {"customData": "I2Nsb3VkLWNvbmZpZwo="}}]
    assert "I2Nsb3VkLWNvbmZpZwo" not in fleet.stack.export(show_secrets=True).text


def test_another_vm_is_a_new_baseline(new_stack: NewStack) -> None:
    """Both resources are replaced, and nothing is sent, even though a trigger changed too."""
    fleet = Reimaging.start(new_stack, {"web": {}, "other": {}})
    del fleet.inputs["other"]
    fleet.up(triggers={"image": "1"})

    result = fleet.up(vm_id=vm_id("other"), triggers={"image": "2"})

    assert result.ok, result.text
    assert result.changes == {"same": 2, "replace": 3}
    assert fleet.posts == 0
    assert fleet.simulator.machine("other").os_disk_id == fleet.outputs("web")["os_disk_id"]


def test_the_same_vm_spelled_differently_changes_nothing(new_stack: NewStack) -> None:
    """ARM ids are compared without case."""
    fleet = Reimaging.with_baseline(new_stack, ONE)

    result = fleet.up(vm_id=vm_id("web").replace("resourceGroups/rg", "resourcegroups/RG"))

    assert result.ok, result.text
    assert result.changes == {"same": 5}


def test_reimage_on_create_reimages_and_the_preview_announces_it(new_stack: NewStack) -> None:
    """The only way in which creating the resource sends a request."""
    fleet = Reimaging.start(new_stack, ONE)

    preview = fleet.preview(reimage_on_create=True)
    sent_in_preview = fleet.posts
    result = fleet.up()

    assert sent_in_preview == 0
    assert "VM web will be reimaged: created with reimage_on_create." in preview.text
    assert result.ok, result.text
    assert fleet.posts == 1
    assert (fleet.outputs("web")["status"], fleet.outputs("web")["causes"]) == (
        "Succeeded",
        ["created with reimage_on_create"],
    )


def test_destroy_and_refresh_need_no_program_and_send_nothing(new_stack: NewStack) -> None:
    """The state is enough to inspect a stack and to destroy it."""
    fleet = Reimaging.with_baseline(new_stack, ONE)
    fleet.up(triggers={"image": "2"})

    refreshed = fleet.stack.refresh()
    destroyed = fleet.stack.destroy()

    assert refreshed.ok, refreshed.text
    assert refreshed.changes == {"same": 5}
    assert destroyed.ok, destroyed.text
    assert destroyed.changes == {"delete": 5}
    assert fleet.posts == 1


def test_refresh_shows_a_reimage_by_others_and_up_does_not_react_to_it(new_stack: NewStack) -> None:
    """The OS disk in state follows the VM, but drift is not a trigger."""
    fleet = Reimaging.with_baseline(new_stack, ONE)
    fleet.simulator.recreate("web")

    refreshed = fleet.stack.refresh()
    result = fleet.up()

    assert refreshed.ok, refreshed.text
    assert fleet.simulator.machine("web").os_disk_id == fleet.told("web")["os_disk_id"]
    assert "was created again since its last baseline" in refreshed.text
    assert result.ok, result.text
    assert fleet.posts == 0


def test_a_reimage_by_others_is_drift_and_fires_nothing(new_stack: NewStack) -> None:
    """The refresh shows it, the next `up` does not, and neither reacts to it."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=0)
    old = fleet.outputs("web")["os_disk_id"]
    fleet.reimage_by_others("web")

    refreshed = fleet.stack.refresh()
    result = fleet.up()

    new = fleet.told("web")["os_disk_id"]
    assert refreshed.ok, refreshed.text
    assert refreshed.changes == {"update": 1, "same": 4}
    assert f"This stack knew the OS disk {old.rpartition('/')[2]} with image version" in refreshed.text
    assert new == fleet.simulator.machine("web").os_disk_id != old
    assert result.ok, result.text
    assert result.changes == {"same": 5}
    assert fleet.posts == 1


def test_refresh_and_destroy_work_without_azure(new_stack: NewStack, tmp_path: Path) -> None:
    """An endpoint that cannot be reached keeps what was known, and says so."""
    (tmp_path / "served.toml").write_text('[[machine]]\nname = "web"\n')
    with Simulator.open(tmp_path / "served.toml") as simulator, serve(simulator) as server:
        fleet = Reimaging.start(new_stack, ONE, endpoint=server.url)
        created = fleet.up(vm_id=simulator.machine("web").id, triggers={"image": "1"})

    refreshed = fleet.stack.refresh()
    destroyed = fleet.stack.destroy()

    assert created.ok, created.text
    assert refreshed.ok, refreshed.text
    assert "could not be read, so what was known about it is kept" in refreshed.text
    assert destroyed.ok, destroyed.text


def test_a_preview_sends_nothing_and_says_what_will_be_lost(new_stack: NewStack) -> None:
    """It names the changed keys, never a value, and what happens to the OS disk."""
    fleet = Reimaging.start(new_stack, ONE)
    fleet.up(triggers={"image": "1", "cloud-init": "x"}, exact_version="1.0")

    result = fleet.preview(triggers={"image": "2", "network": "y"}, exact_version="2.0")

    (warning,) = [said for said in result.diagnostics if "VM web will be reimaged" in said.message]
    (details,) = [said for said in result.diagnostics if "Lost: " in said.message]
    assert result.ok, result.text
    assert fleet.posts == 0
    assert f"{COMPONENT}::web" in (warning.urn or "")
    for cause in (
        "triggers.cloud-init removed",
        "triggers.image changed",
        "triggers.network added",
        "exact_version changed",
    ):
        assert cause in details.message
    assert (
        "Lost: everything on its OS disk. The OS disk is managed, so the VM gets a new one. Azure keeps"
        in (details.message)
    )
    assert "(deleteOption Detach). Image version: 24.04.202610010 -> 2.0." in details.message
    assert "Kept: data disks, network interfaces, identity." in details.message
    assert COMPONENT not in (details.urn or "")
    assert result.changes == {"same": 2, "update": 3}


@pytest.mark.parametrize("image", ["1", "2"], ids=["baseline", "reimaged"])
def test_a_preview_without_a_change_announces_none(new_stack: NewStack, image: str) -> None:
    """This holds for a baseline, where most outputs are None, and after a reimage. No output is unknown."""
    fleet = Reimaging.with_baseline(new_stack, ONE)
    fleet.up(triggers={"image": image})

    result = fleet.preview()

    assert result.ok, result.text
    assert result.changes == {"same": 5}
    assert "[unknown]" not in result.text


def test_a_vm_that_does_not_exist_is_reported_and_not_recorded(new_stack: NewStack) -> None:
    """Nothing is in state, so the next `up` starts over."""
    fleet = Reimaging.start(new_stack, ONE)

    result = fleet.up(vm_id=vm_id("missing"))

    assert not result.ok
    assert "Cannot read VM missing" in result.text
    assert "ResourceNotFound" in result.text
    assert "no disk was touched" in result.text
    assert [resource for resource in fleet.stack.resources() if "ReimageOperation" in resource["type"]] == []


def test_a_vm_that_was_created_again_before_the_run_is_reimaged(new_stack: NewStack) -> None:
    """Only a VM that the run creates is fresh, so a change reimages this one, and the preview says so."""
    fleet = Reimaging.with_baseline(new_stack, ONE)
    fleet.up(triggers={"image": "2"})
    fleet.simulator.recreate("web")

    preview = fleet.preview(triggers={"image": "3"})
    result = fleet.up()
    unchanged = fleet.up()

    assert preview.ok, preview.text
    assert "VM web is a different VM than before, under the same id." in preview.text
    assert "VM web will be reimaged: triggers.image changed." in preview.text
    assert result.ok, result.text
    assert fleet.posts == 2
    assert fleet.outputs("web")["status"] == "Succeeded"
    assert fleet.simulator.machine("web").os_disk_id == fleet.outputs("web")["os_disk_id"]
    assert unchanged.changes == {"same": 5}


def test_progress_is_shown_on_the_components_own_row(new_stack: NewStack) -> None:
    """It is a live status, which leaves nothing behind."""
    fleet = Reimaging.with_baseline(new_stack, ONE)

    result = fleet.up(triggers={"image": "2"})

    progress = [said for said in result.diagnostics if "running in Azure" in said.message]
    assert progress
    assert all(said.ephemeral and f"{COMPONENT}::web" in (said.urn or "") for said in progress)


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"vm_id": "web"}, "vm_id 'web' "),
        ({"triggers": "hunter2"}, "triggers is a string, and must be a mapping"),
        (
            {"exact_version": "latest"},
            "exact_version is the string 'latest'. It must be a string of digits",
        ),
        ({"timeout": "soon"}, "timeout "),
        ({"temp_disk": "yes"}, "temp_disk is the string 'yes', and must be true or false"),
        ({"os_profile": {"admin_password": "hunter2"}}, "os_profile.admin_password must have 3 of these 4"),
        ({"os_profile": {"custom_data": "hunter2 secret"}}, "os_profile.custom_data must be base64"),
        ({"trigers": {"a": "hunter2"}}, "'trigers' is not an input; did you mean triggers?"),
    ],
    ids=["vm-id", "triggers", "exact-version", "timeout", "temp-disk", "password", "custom-data", "typo"],
)
def test_bad_input_is_refused_before_anything_is_sent(
    new_stack: NewStack, inputs: dict[str, Any], sentence: str
) -> None:
    """The refusal names the property, but has no secret value, which the engine would print."""
    fleet = Reimaging.start(new_stack, ONE)

    result = fleet.preview(**inputs)

    assert not result.ok
    assert f"resource 'web' has a problem: {sentence}" in result.text
    assert "hunter2" not in result.text
    assert fleet.simulator.requests() == []


def test_the_state_holds_the_operation_url_twice_and_nothing_shows_it(new_stack: NewStack) -> None:
    """It is in the operation's outputs and in the result's inputs, and is hidden even in `up --diff`."""
    fleet = Reimaging.start(new_stack, ONE)
    fleet.set(triggers={"image": "1"})
    said = [fleet.stack.up(diff=True)]
    for release in ("2", "3"):
        fleet.set(triggers={"image": release})
        said += [fleet.stack.preview(diff=True), fleet.stack.up(diff=True)]

    operation, result = fleet.state(OPERATION, "web"), fleet.state(RESULT, "web")
    url = operation["outputs"]["operation"]["record"]["operation_url"]

    assert all(run.ok for run in said)
    assert "/operations/" in url
    assert url == result["inputs"]["operation"]["record"]["operation_url"]
    assert "/operations/" not in str(result["outputs"])
    assert fleet.stack.checkpoint_file.read_text().count("/operations/") == 2
    for run in said:
        assert "/operations/" not in run.text
        assert all("/operations/" not in diagnostic.message for diagnostic in run.diagnostics)


def test_no_secret_is_in_the_clear_anywhere(new_stack: NewStack) -> None:
    """The password, the custom data and the tokens are neither in state nor in any output."""
    fleet = Reimaging.start(new_stack, ONE)
    password, custom_data = "correct-Horse-1", "aHVudGVyMg=="
    said = [
        fleet.up(triggers={"image": "1"}, os_profile={"admin_password": password, "custom_data": custom_data})
    ]
    fleet.set(triggers={"image": "2"})
    said += [fleet.stack.preview(diff=True), fleet.stack.up(diff=True), fleet.stack.refresh()]
    said += [fleet.stack.export()]

    everything = "".join(run.text for run in said) + fleet.stack.checkpoint_file.read_text()
    everything += "".join(str(event.__dict__) for run in said for event in run.diagnostics)

    assert all(run.ok for run in said)
    assert [{"osProfile": {"adminPassword": password, "customData": custom_data}}] == fleet.bodies()
    assert password not in everything
    assert custom_data not in everything
    assert "Bearer" not in everything
    assert "placeholder-for-the-simulator" not in everything
