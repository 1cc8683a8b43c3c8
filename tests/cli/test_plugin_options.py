"""Resource options, sign-in by a provider, and errors of programs in YAML on the real engine."""

import json
from typing import Any

import pytest

from tests.cli.conftest import NewProject
from tests.cli.project import Ended, Project
from tests.engine.commands import urn
from tests.engine.reimaging import vm_id

ROW = "azure-reimage:index:VirtualMachineReimage (web)"
STACK = "pulumi:pulumi:Stack (test-test)"
BEGINNING = "error: azure-reimage:index:VirtualMachineReimage resource 'web' has a problem: "
OTHER = {"type": "azure-reimage:VirtualMachineReimage", "properties": {"vmId": vm_id("other")}}
REFUSED = "VirtualMachineReimage 'web': the option `{}` is refused. "


@pytest.fixture
def project(new_project: NewProject) -> Project:
    """A stack with one machine in its program, and another machine in the simulator."""
    made = new_project({"web": {}, "other": {}})
    made.inputs = {"web": {"triggers": {"image": 1}}}
    made.write_program()
    made.create()
    return made


def declare(project: Project, options: dict[str, Any] | None = None, **others: object) -> None:
    """Write the program with options of the component, and other resources."""
    project.write_program()
    file = project.folder / "Pulumi.yaml"
    written = json.loads(file.read_text())
    written["resources"]["web"]["options"] = options or {}
    written["resources"] |= others
    file.write_text(json.dumps(written))


def refused(ended: Ended) -> str:
    """Return the one error of a run, without the prefix that the engine adds."""
    errors = [line for line in ended.said(STACK) if line.startswith("error: ")]
    assert ended.code != 0
    assert len(errors) == 1, ended.text
    assert "Traceback" not in ended.text
    return errors[0].removeprefix(BEGINNING)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        (
            "replaceOnChanges",
            ["vmId"],
            REFUSED,
        ),
        (
            "customTimeouts",
            {"create": "1m"},
            REFUSED,
        ),
        (
            "additionalSecretOutputs",
            ["status"],
            REFUSED,
        ),
        (
            "ignoreChanges",
            ["exactVersio"],
            "{} of VirtualMachineReimage 'web': 'exactVersio' names no input; did you mean exactVersion? ",
        ),
    ],
)
def test_an_option_that_cannot_work_is_refused_by_its_name(
    project: Project, option: str, value: object, said: str
) -> None:
    """The preview refuses it, in one sentence with the spelling of YAML."""
    declare(project, {option: value})

    error = refused(project.pulumi("preview"))

    assert error.startswith(said.format(option))
    assert error.endswith("Nothing was registered.")


def test_the_options_that_work_in_python_work(project: Project) -> None:
    """Protection reaches the children, the order of dependencies is kept, and a change can be ignored."""
    declare(
        project,
        {"protect": True, "dependsOn": ["${other}"], "ignoreChanges": ["triggers.image"]},
        other=OTHER,
    )
    ended = project.pulumi("up", "--yes", "--skip-preview")
    assert ended.code == 0, ended.text
    state = {resource["urn"]: resource for resource in project.resources()}
    children = [state[urn(name)] for name in ("ReimageRequest", "ReimageOperation", "ReimageResult")]

    assert [child.get("protect") for child in children] == [True, True, True]
    assert state[urn("ReimageRequest")]["dependencies"] == [urn("component", "other")]
    # The engine reports a plugin's component as done when all of its children are done.
    assert ended.stdout.index("ReimageResult other created") < ended.stdout.index(
        "ReimageRequest web creating"
    )

    project.inputs = {"web": {"triggers": {"image": 2}}}
    declare(project, {"protect": True, "ignoreChanges": ["triggers.image"]}, other=OTHER)
    ended = project.pulumi("up", "--yes", "--skip-preview")

    said = " ".join(ended.said(ROW))
    assert "triggers.image changed. That is ignored, because ignoreChanges names it: no reimage" in said
    assert project.posts == 0


def test_a_component_that_is_renamed_keeps_its_state(project: Project) -> None:
    """It needs `aliases`, and its children keep their state too."""
    declare(project)
    assert project.pulumi("up", "--yes", "--skip-preview").code == 0
    file = project.folder / "Pulumi.yaml"
    file.write_text(
        file.read_text()
        .replace('"web": {', '"renamed": {')
        .replace('"options": {}', '"options": {"aliases": [{"name": "web"}]}')
        .replace("${web.", "${renamed.")
    )

    ended = project.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")

    assert ended.code == 0, ended.text


def test_a_provider_signs_in_for_the_machines_that_name_it(project: Project) -> None:
    """It is declared with the settings of azure-native, and its secrets are secret in state."""
    settings = {"tenantId": "t", "clientId": "c", "clientSecret": {"fn::secret": "hunter2hunter2"}}
    prod = {"type": "pulumi:providers:azure-reimage", "properties": settings}
    declare(project, {"provider": "${prod}"}, prod=prod, other=OTHER)

    ended = project.pulumi("up", "--yes", "--skip-preview")
    state = {resource["urn"]: resource for resource in project.resources()}
    host = state["urn:pulumi:test::test::pulumi:providers:pulumi-python::prod"]

    assert ended.code == 0, ended.text
    assert state[urn("ReimageResult")]["provider"].startswith(host["urn"])
    assert "::default::" in state[urn("ReimageResult", "other")]["provider"]
    assert host["inputs"]["azure-native:clientId"] == "c"
    assert host["inputs"]["azure-reimage:simulator"] == "machines.json"
    assert "hunter2" not in json.dumps(project.resources())
    assert project.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes").code == 0


def test_a_setting_that_does_not_exist_is_refused(project: Project) -> None:
    """YAML itself refuses it, because it knows the settings from the schema."""
    prod = {"type": "pulumi:providers:azure-reimage", "properties": {"tenant": "t"}}
    declare(project, {"provider": "${prod}"}, prod=prod)

    assert "tenant" in project.pulumi("preview").text


def test_a_key_of_the_stack_that_does_not_exist_is_refused(project: Project) -> None:
    """The configuration of the stack reaches the plugin."""
    declare(project)
    assert project.pulumi("config", "set", "azure-reimage:simulatr", "x").code == 0

    assert refused(project.pulumi("preview")) == (
        "The stack's configuration has keys that do not exist: azure-reimage:simulatr (did you mean "
        "azure-reimage:simulator?). Correct or remove them. Nothing was sent."
    )
