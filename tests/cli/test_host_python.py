"""The Python that Pulumi starts for the resources of a program in YAML, without an activated environment."""

import os
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import NewProject
from tests.cli.project import Project


@pytest.fixture
def project(new_project: NewProject, tmp_path: Path) -> Project:
    """Make a project whose `python3` on PATH does not have the package."""
    made = new_project({"web": {}})
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    python.chmod(0o755)
    without = [
        folder
        for folder in made.environment["PATH"].split(os.pathsep)
        if folder != str(_environment() / "bin")
    ]
    made.environment["PATH"] = os.pathsep.join([str(python.parent), *without])
    made.set(triggers={"image": "1"})
    made.create()
    return made


def _environment() -> Path:
    return Path(sys.prefix)


def test_a_python_without_the_package_is_refused_before_anything_is_declared(project: Project) -> None:
    """The error is one sentence with the setting that works, without a traceback."""
    refused = project.pulumi("preview")

    assert refused.code != 0
    assert (
        "(chosen by PATH), which does not have the package pulumi-azure-reimage. Nothing was sent. "
        f"To continue, set PULUMI_PYTHON_CMD={sys.executable}, or write `virtualenv: {sys.prefix}`"
    ) in refused.text
    assert "Traceback" not in refused.text


def test_the_command_of_the_error_works(project: Project) -> None:
    """It is the value of an environment variable."""
    project.environment["PULUMI_PYTHON_CMD"] = sys.executable

    assert project.pulumi("up", "--yes").code == 0


@pytest.mark.parametrize("named", [".venv", sys.prefix])
def test_an_environment_in_the_project_needs_no_activation(project: Project, named: str) -> None:
    """The CLI starts the Python that Pulumi.yaml names."""
    (project.folder / ".venv").symlink_to(_environment())
    file = project.folder / "Pulumi.yaml"
    file.write_text(
        file.read_text().replace(
            '"runtime": "yaml"', f'"runtime": {{"name": "yaml", "options": {{"virtualenv": "{named}"}}}}'
        )
    )

    ended = project.pulumi("up", "--yes")

    assert ended.code == 0, ended.text
