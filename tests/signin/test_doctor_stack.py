"""The stack whose configuration the doctor reads, and what it says about it."""

import io
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pulumi_azure_reimage.doctor import main
from pulumi_azure_reimage.doctor.stack import Project, find_project, stack_configuration
from pulumi_azure_reimage.errors import ConfigurationError
from tests.signin.entra import SECRET, TENANT
from tests.unit.fakes import VM_ID

Run = Callable[..., subprocess.CompletedProcess[str]]
SHOW_NAME = ["pulumi", "stack", "--show-name", "--non-interactive"]
CONFIG = ["pulumi", "config", "--json", "--show-secrets", "--stack"]


def pulumi(selected: str | None, configuration: Mapping[str, str], asked: list[list[str]]) -> Run:
    """Return a CLI with a selected stack and its configuration."""

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        assert options["stdin"] == subprocess.DEVNULL
        asked.append(command)
        if command == SHOW_NAME:
            if selected is None:
                return subprocess.CompletedProcess(command, 255, "", "error: no stack selected; please use\n")
            return subprocess.CompletedProcess(command, 0, f"{selected}\n", "")
        printed = {key: {"value": value, "secret": False} for key, value in configuration.items()}
        return subprocess.CompletedProcess(command, 0, json.dumps(printed), "")

    return run


def no_cli(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
    """Act as if there were no CLI."""
    raise FileNotFoundError(command[0])


def doctor(*arguments: str, run: Run, environ: Mapping[str, str] | None = None) -> tuple[int, list[str]]:
    """Run it, and return the exit code and the lines with single spaces."""
    out = io.StringIO()
    code = main(arguments, environ or {}, out, run)
    return code, [" ".join(line.split()) for line in out.getvalue().splitlines()]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a project whose program has an inventory beside it, and change to that folder."""
    (tmp_path / "Pulumi.yaml").write_text("name: web-fleet\nruntime: python\nmain: program\n")
    (tmp_path / "program").mkdir()
    machine = {"name": "web", "resource_group": "rg"}
    inventory = {"subscription_id": VM_ID.split("/")[2], "machine": [machine]}
    (tmp_path / "program" / "machines.json").write_text(json.dumps(inventory))
    monkeypatch.chdir(tmp_path)
    return tmp_path


SIMULATED = {"azure-reimage:simulator": "machines.json"}


@pytest.mark.usefixtures("project")
def test_the_selected_stack_is_read_and_its_simulator_is_reported() -> None:
    """The command needs no arguments. The machines are read as Azure's are, and nothing signs in."""
    asked: list[list[str]] = []

    code, lines = doctor(VM_ID, run=pulumi("dev", SIMULATED, asked))

    assert lines[:2] == [
        "stack dev, which is selected",
        "cloud simulated machines (machines.json), because azure-reimage:simulator is set",
    ]
    assert lines[2] == "VM can be read: web, Succeeded"
    assert asked == [SHOW_NAME, [*CONFIG, "dev"]]
    assert code == 0
    assert Path.cwd().name != "program"


@pytest.mark.usefixtures("project")
def test_a_stack_that_is_named_comes_before_the_selected_one() -> None:
    """The selected stack does not matter then."""
    asked: list[list[str]] = []

    _, lines = doctor("--stack", "test", run=pulumi("dev", SIMULATED, asked))

    assert lines[0] == "stack test"
    assert asked == [[*CONFIG, "test"]]


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (pulumi(None, {}, []), "error: no stack selected; please use"),
        (pulumi("", {}, []), "the pulumi CLI names none"),
        (no_cli, "the pulumi CLI is not on PATH"),
    ],
)
@pytest.mark.usefixtures("project")
def test_without_a_stack_the_environment_is_read_and_the_doctor_says_so(run: Run, reason: str) -> None:
    """The machine to check may have neither a project nor a CLI."""
    code, lines = doctor(run=run, environ={"ARM_CLIENT_SECRET": SECRET})

    assert lines[0] == f"stack none is read: {reason}"
    assert lines[1].startswith("problem Signing in with a client secret is chosen, because ARM_CLIENT_SECR")
    assert code == 1


@pytest.mark.usefixtures("project")
def test_the_stack_can_be_left_out() -> None:
    """This helps if its secrets cannot be read here."""
    asked: list[list[str]] = []

    _, lines = doctor("--no-stack", run=pulumi("dev", SIMULATED, asked), environ={"ARM_CLIENT_SECRET": "x"})

    assert lines[0] == "stack none is read"
    assert asked == []


def test_a_key_that_does_not_exist_is_named_with_the_nearest_one(project: Path) -> None:
    """The provider does the same in a preview."""
    configuration = {"azure-reimage:simulatr": "machines.json", "web-fleet:release": "2"}

    code, lines = doctor(run=pulumi("dev", configuration, []))

    assert lines[1] == (
        "problem The stack's configuration has keys that do not exist: azure-reimage:simulatr (did you mean "
        "azure-reimage:simulator?). Correct or remove them. Nothing was sent."
    )
    assert code == 1
    (project / "Pulumi.yaml").write_text("name: azure-reimage\n")
    assert "keys that do not exist" not in "".join(
        doctor(run=pulumi("dev", {**SIMULATED, "azure-reimage:release": "2"}, []))[1]
    )


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("Pulumi.yaml", "name: fleet\nmain: program # a folder\n", Project("fleet", Path("program"))),
        (
            "Pulumi.yaml",
            "runtime: python\nname: 'fleet'\nmain: program/app.py\n",
            Project("fleet", Path("program")),
        ),
        ("Pulumi.yml", "name: fleet\ntemplate:\n    name: other\n", Project("fleet", Path())),
        ("Pulumi.json", '{\n  "name": "fleet",\n  "main": "program"\n}', Project("fleet", Path("program"))),
    ],
)
def test_the_folder_of_the_program_is_the_one_that_the_project_names(
    tmp_path: Path, file: str, text: str, expected: Project
) -> None:
    """Pulumi resolves the file names in the configuration against that folder."""
    (tmp_path / file).write_text(text)
    (tmp_path / "program" / "below").mkdir(parents=True)
    (tmp_path / "program" / "app.py").touch()

    for folder in (tmp_path, tmp_path / "program" / "below"):
        assert find_project(folder) == Project(expected.name, tmp_path / expected.folder)


def test_a_folder_without_a_project_has_none(tmp_path: Path) -> None:
    """A stack can be named even there, if its backend knows it."""
    assert find_project(tmp_path) is None


def test_it_reads_the_configuration_of_a_stack() -> None:
    """It reads the secrets too, from the Pulumi CLI, which decrypts them."""
    printed = {
        "azure-native:clientSecret": {"value": SECRET, "secret": True},
        "azure-native:tenantId": {"value": TENANT, "secret": False},
        "other:thing": {"secret": False},
    }
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, json.dumps(printed), "")

    assert stack_configuration("dev", run) == {
        "azure-native:clientSecret": SECRET,
        "azure-native:tenantId": TENANT,
    }
    assert asked == [[*CONFIG, "dev"]]


def test_a_stack_that_cannot_be_read_is_named() -> None:
    """The message quotes the CLI."""

    def fails(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 255, "", "error: no stack named 'dev' found")

    with pytest.raises(
        ConfigurationError, match="could not read stack dev: error: no stack named 'dev' found"
    ):
        stack_configuration("dev", fails)
    with pytest.raises(ConfigurationError, match="needs the pulumi CLI on PATH"):
        stack_configuration("dev", no_cli)


def test_the_command_runs_the_cli_that_is_on_path(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CLI gets no input, so that it cannot wait for any."""
    program = tmp_path / "pulumi"
    printed = json.dumps({"azure-reimage:simulator": {"value": "machines.json", "secret": False}})
    program.write_text(f"#!/bin/sh\nif [ $1 = stack ]; then echo dev; else echo '{printed}'; fi\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    out = io.StringIO()

    assert main([], {}, out) == 0

    assert "dev, which is selected" in out.getvalue()
    assert project == tmp_path
