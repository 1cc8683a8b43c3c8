"""Fixtures for the tests of the literal CLI: an installation like a user's, and projects in YAML."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from tests.cli.project import Installation, Project
from tests.engine.conftest import engine, new_stack
from tools.go_tool import MissingGoError
from tools.pulumi_cli import pulumi_cli
from tools.yaml_host import prepare

__all__ = ["engine", "installation", "new_project", "new_stack"]


class NewProject(Protocol):
    """Makes a project on simulated machines."""

    def __call__(self, machines: Mapping[str, Mapping[str, object]], **inventory: object) -> Project:
        """Return a project in its own folder, without a stack."""


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Pulumi with its YAML language host, and the environment that runs these tests, activated."""
    cli, home = pulumi_cli(os.environ), tmp_path_factory.mktemp("pulumi-home")
    try:
        prepare(cli, home, os.environ)
    except MissingGoError as error:
        pytest.skip(f"The YAML language host was {error}")
    return Installation(cli.path(os.pathsep.join([os.fspath(Path(sys.executable).parent), os.defpath])), home)


@pytest.fixture
def new_project(installation: Installation, tmp_path: Path) -> Iterator[NewProject]:
    """Make projects whose processes end with the test."""
    projects: list[Project] = []

    def make(machines: Mapping[str, Mapping[str, object]], **inventory: object) -> Project:
        folder = tmp_path / f"project-{len(projects)}"
        folder.mkdir()
        projects.append(Project(installation, folder, machines, **inventory))
        return projects[-1]

    yield make
    for project in projects:
        project.end_processes()
