"""The stack whose configuration the doctor reads: the named one, else the selected one."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ConfigurationError
from ..redact import redact

RunPulumi = Callable[..., subprocess.CompletedProcess[str]]

# The names that the CLI looks for in this folder and in those above it (DetectProjectPathFrom of
# https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/workspace/paths.go).
_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")


@dataclass(frozen=True, slots=True)
class Project:
    """The project of a folder.

    Attributes:
        name: Its name.
        folder: The folder of its program, to which relative names in the configuration refer.
    """

    name: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack's configuration.

    Attributes:
        description: Which stack it is, or why there is none.
        configuration: Its keys with their namespaces, and their values, with secrets in plain text.
        project: Its project.
    """

    description: str
    configuration: Mapping[str, str] = field(default_factory=dict, repr=False)
    project: Project | None = None


def read_stack(name: str | None, run: RunPulumi) -> Stack:
    """Read the configuration of a stack, or of the selected one if none is named.

    Raises:
        ConfigurationError: the named or selected stack cannot be read.
    """
    selected = name or _selected_stack(run)
    if isinstance(selected, NoStack):
        return Stack(f"none is read: {selected.reason}")
    description = selected if name else f"{selected}, which is selected"
    return Stack(redact(description), stack_configuration(selected, run), find_project(Path.cwd()))


@dataclass(frozen=True, slots=True)
class NoStack:
    """No stack is selected, or the selected one cannot be determined."""

    reason: str


def _selected_stack(run: RunPulumi) -> str | NoStack:
    """Return what the CLI calls the selected stack.

    Only the CLI knows it for certain, because PULUMI_STACK, the backend that it is logged in to and a file in
    its home folder decide together (getCurrentStackName of
    https://github.com/pulumi/pulumi/blob/v3.274.1/pkg/backend/state/stacks.go).
    """
    try:
        ended = _run(run, ["stack", "--show-name", "--non-interactive"])
    except OSError:
        return NoStack("the pulumi CLI is not on PATH")
    name = ended.stdout.strip()
    if ended.returncode != 0 or not name:
        return NoStack(redact(ended.stderr, limit=200) or "the pulumi CLI names none")
    return name


def stack_configuration(stack: str, run: RunPulumi = subprocess.run) -> dict[str, str]:
    """Return the configuration of a stack, with its secrets in plain text.

    Raises:
        ConfigurationError: the pulumi CLI is not installed, or cannot read it.
    """
    try:
        ended = _run(run, ["config", "--json", "--show-secrets", "--stack", stack])
    except OSError as error:
        raise ConfigurationError(
            "Reading the configuration of a stack needs the pulumi CLI on PATH."
        ) from error
    if ended.returncode != 0:
        reason = redact(ended.stderr, limit=500)
        raise ConfigurationError(f"`pulumi config` could not read stack {redact(stack)}: {reason}")
    entries = json.loads(ended.stdout or "{}")
    return {key: entry["value"] for key, entry in entries.items() if "value" in entry}


def _run(run: RunPulumi, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return run(
        ["pulumi", *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )


def find_project(folder: Path) -> Project | None:
    """Return the project of a folder, whose project file may be in a parent folder; None if there is none."""
    files = (above / name for above in (folder, *folder.parents) for name in _PROJECT_FILES)
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        return None
    text = file.read_text(encoding="utf-8")
    program = file.parent / _read_key(text, "main")
    return Project(_read_key(text, "name"), program if program.is_dir() else program.parent)


def _read_key(text: str, key: str) -> str:
    """Return the value of a top-level key on one line, without a library for YAML."""
    found = re.search(rf"""^\s{{0,2}}"?{key}"?\s*:\s*["']?([^"',#\n]*)""", text, re.MULTILINE)
    return found[1].strip() if found else ""
