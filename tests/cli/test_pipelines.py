"""The pipelines in `examples/pipelines`: their commands, in their order, against simulated machines."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # It comes with pulumi, without types.

from .conftest import NewProject
from .project import STACK, Project

PIPELINES = Path(__file__).parents[2] / "examples" / "pipelines"
STILL_RUNNING = 10


def steps(part: object) -> Iterator[dict[str, Any]]:
    """Yield the steps of a pipeline, in its order."""
    if isinstance(part, list):
        for each in part:
            yield from steps(each)
    elif isinstance(part, dict):
        if {"run", "script", "uses"} & part.keys():
            yield part
        for each in part.values():
            yield from steps(each)


def scripts(name: str) -> list[str]:
    """Return the Pulumi commands of a pipeline. Pulumi's action runs the command that it names."""
    found = list[str]()
    for step in steps(yaml.safe_load((PIPELINES / name).read_text(encoding="utf-8"))):
        script, action = step.get("run") or step.get("script", ""), step.get("with", {})
        if "command" in action:
            script = f"pulumi {action['command']} --stack {action['stack-name']}"
        if script.removeprefix("exec ").startswith("pulumi "):
            found.append(script.replace("--stack production", f"--stack {STACK}"))
    return found


def run(project: Project, script: str) -> int:
    """Run a script as a step does, and return its exit code."""
    shell = ["/bin/sh", "-e", "-c", script]
    return subprocess.run(shell, cwd=project.folder, env=project.environment, check=False).returncode  # noqa: S603 - our own file.


@pytest.mark.parametrize("name", ["github-actions.yml", "azure-pipelines.yml"])
def test_a_pull_request_sends_nothing_and_a_merge_reimages_once(new_project: NewProject, name: str) -> None:
    """A reimage that is still running fails the job, and its next run resumes the wait."""
    preview, up = scripts(name)
    project = new_project({"web": {}}, operation_seconds=3600.0)
    project.set(triggers={"release": "v1"}, timeout="1s")
    project.create()
    assert run(project, up) == 0
    project.set(triggers={"release": "v2"})

    reviewed = run(project, preview)
    of_the_review = project.posts
    merged = run(project, up)
    project.simulator.finish("web")
    again = run(project, up)

    assert (reviewed, of_the_review) == (0, 0)
    assert merged == STILL_RUNNING
    assert again == 0
    assert project.posts == 1
