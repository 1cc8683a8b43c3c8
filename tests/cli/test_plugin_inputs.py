"""Inputs and outputs of programs in YAML on the real engine: files, secrets, spelling, another language."""

import json
from typing import Any

import pytest

from pulumi_azure_reimage import VirtualMachineReimage, hash_files
from tests.cli import program
from tests.cli.conftest import NewProject
from tests.cli.project import STACK, Project, write_inventory
from tests.engine.conftest import NewStack
from tests.engine.reimaging import vm_id

ROW = "azure-reimage:index:VirtualMachineReimage (web)"
ROW_OF_STACK = "pulumi:pulumi:Stack (test-test)"
UP = ("up", "--yes", "--skip-preview")


@pytest.fixture
def project(new_project: NewProject) -> Project:
    """A stack with one machine, which has its baseline, and a folder of files."""
    made = new_project({"web": {}})
    (made.folder / "app").mkdir()
    (made.folder / "app" / "a.yaml").write_text("a")
    return made


def test_a_changed_file_reimages_once(project: Project) -> None:
    """The hash is a trigger like any other. It depends neither on the language nor on where the folder is."""
    project.set(trigger_files={"app": "app/*.yaml"}, triggers={"image": 1})
    project.create()
    assert project.pulumi(*UP).code == 0
    (request,) = [one for one in project.resources() if one["type"].endswith("ReimageRequest")]
    assert request["outputs"]["triggers"] == {"app": hash_files("app", base=project.folder), "image": 1}

    # What a program in Python writes.
    project.set(trigger_files=None, triggers={"image": 1, "app": hash_files("app", base=project.folder)})
    assert project.pulumi(*UP, "--expect-no-changes").code == 0
    project.set(trigger_files={"app": ["app/a.yaml"]}, triggers={"image": 1})
    assert project.pulumi(*UP, "--expect-no-changes").code == 0
    assert project.posts == 0

    (project.folder / "app" / "a.yaml").write_text("b")
    assert "VM web will be reimaged: triggers.app changed." in " ".join(project.pulumi("preview").said(ROW))
    assert project.pulumi(*UP).code == 0
    assert project.posts == 1


def test_outputs_are_unknown_in_a_preview_and_are_kept_once(project: Project) -> None:
    """They are in the state of the children, and the component's own row has none."""
    project.set(triggers={"image": 1})
    project.create()

    preview = project.pulumi("preview").stdout
    assert project.pulumi(*UP).code == 0
    outputs = json.loads(project.pulumi("stack", "output", "--json").stdout)["web"]
    (component,) = [one for one in project.resources() if one["type"].startswith("azure-reimage:index:")]

    assert "Outputs:\n    web: [unknown]\n" in preview
    assert outputs["status"] == "Baseline"
    assert outputs["causes"] == []
    assert outputs["osDiskId"]
    assert "outputs" not in component


@pytest.mark.parametrize("known_late", [False, True])
def test_files_that_cannot_be_hashed_are_one_error(project: Project, *, known_late: bool) -> None:
    """Nothing is sent before it, even if the name is an output that only the update knows."""
    project.set(trigger_files={"app": "app"})
    project.create()
    assert project.pulumi(*UP).code == 0
    project.set(trigger_files={"app": "gone"})
    if known_late:
        project.inputs["web"]["trigger_files"] = {"app": "${late.status}"}
        project.write_program()
        add_resource(project, "late", "other")
        write_inventory(project.folder, {"web": {}, "other": {}}).close()

    ended = project.pulumi(*UP)

    (error,) = [line for line in ended.said(ROW_OF_STACK) if line.startswith("error: ")]
    name = "Baseline" if known_late else "gone"
    assert error.endswith(
        f"VirtualMachineReimage web: triggerFiles.app: '{name}' matches no file. Nothing was sent."
    )
    assert ended.code != 0
    assert "Traceback" not in ended.text
    assert project.posts == 0


def add_resource(project: Project, name: str, machine: str) -> None:
    """Add a component to the program that no output names."""
    file = project.folder / "Pulumi.yaml"
    written = json.loads(file.read_text())
    written["resources"][name] = {
        "type": "azure-reimage:VirtualMachineReimage",
        "properties": {"vmId": vm_id(machine)},
    }
    file.write_text(json.dumps(written))


def test_a_secret_profile_arrives_whole_and_is_in_no_state_in_the_clear(project: Project) -> None:
    """In state, its fields have their Python names, whichever part of it the program has made secret."""
    project.set()
    project.create()
    for profile in (
        {"fn::secret": {"adminPassword": "hunter2HUNTER2"}},
        {"adminPassword": {"fn::secret": "hunter2HUNTER2"}},
        {"adminPassword": "hunter2HUNTER2"},
    ):
        project.set(os_profile=profile)
        assert project.pulumi(*UP).code == 0
        shown = project.pulumi("stack", "export", "--show-secrets").stdout

        assert profiles_in(json.loads(shown)) == ['{"admin_password":"hunter2HUNTER2"}'] * 3
        assert "hunter2" not in json.dumps(project.resources())


def profiles_in(exported: Any) -> list[str]:  # noqa: ANN401 - JSON.
    """Return the profiles of a state whose secrets are shown."""
    return [
        resource["inputs"]["os_profile"]["plaintext"]
        for resource in exported["deployment"]["resources"]
        if "os_profile" in resource.get("inputs", {})
    ]


def test_texts_have_the_spelling_of_yaml(project: Project) -> None:
    """This holds for a refusal and a preview. The key of a trigger stays, even if it is such a name."""
    project.set(triggers={"vm_id": 1})
    project.create()
    assert project.pulumi(*UP).code == 0

    project.set(exact_version="24.04 ")
    assert (
        "exactVersion is the string '24.04 ', with white space around it." in project.pulumi("preview").text
    )
    project.set(exact_version="24.04.1", triggers={"vm_id": 2})
    assert "VM web will be reimaged: triggers.vm_id changed, exactVersion added." in (
        " ".join(project.pulumi("preview").said(ROW))
    )


def test_a_refused_preview_shows_the_refusal_alone(project: Project) -> None:
    """It is one sentence of ours, without the error of gRPC about two answers."""
    project.set(triggers={"image": 1})
    project.create()
    assert project.pulumi(*UP).code == 0
    project.set(triggers={"image": 2}, allowed_causes=["exactVersion"])

    ended = project.pulumi("preview")

    (error,) = [line for line in ended.text.splitlines() if line.strip().startswith("error: pulumi-python")]
    assert error.partition(" has a problem: ")[2] == (
        "VM web must not be reimaged (triggers.image changed). allowedCauses does not name the cause "
        "triggers.image changed. Undo the change, or name the cause in `allowedCauses`. Nothing was sent; no "
        "disk was touched."
    )
    assert "grpc" not in ended.text


def test_another_language_changes_nothing(new_stack: NewStack, new_project: NewProject) -> None:
    """A stack that a Python program created is unchanged by one in YAML, and the other way round."""
    inputs = {
        "triggers": {"image": 1},
        "exact_version": "24.04.202610010",
        "timeout": "20m",
        "temp_disk": False,
        "require_delete_option": "Detach",
        "allowed_causes": ["triggers", "exact_version"],
        "os_profile": {"admin_password": "hunter2HUNTER2"},
        "prevent_reimage": False,
        "skip_if_current": False,
        "preflight": "enforce",
    }

    def declare() -> None:
        VirtualMachineReimage("web", vm_id=vm_id("web"), **inputs)  # type: ignore[arg-type]

    config = {"azure-reimage:simulator": "machines.json", "azure-reimage:simulatorTimeScale": "0.01"}
    in_python = new_stack(declare, config=config)
    in_yaml = new_project({"web": {}})
    in_yaml.simulator.close()
    in_yaml.folder = in_python.folder
    in_yaml.environment |= {
        name: in_python.environment[name] for name in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")
    }
    in_yaml.simulator = write_inventory(in_python.folder, {"web": {}})
    assert in_python.up().ok
    in_camel_case = {**inputs, "os_profile": {"adminPassword": "hunter2HUNTER2"}}
    program.write(in_python.folder, {"web": in_camel_case}, outputs=False)

    for ended in (
        in_yaml.pulumi(*UP, "--expect-no-changes", "--stack", STACK),
        in_python.up(expect_no_changes=True),
        in_yaml.pulumi("preview", "--expect-no-changes", "--stack", STACK),
    ):
        assert ended.code == 0, ended.text
        assert "will be reimaged" not in ended.text
        assert "changed" not in ended.text.replace("unchanged", "")
    assert in_yaml.posts == 0
