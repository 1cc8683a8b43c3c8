"""The two sides of a scenario: a program in Python, inline, and the same one in YAML with the literal CLI."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage
from pulumi_azure_reimage.simulator import Simulator
from tests.cli import program
from tests.cli.conftest import NewProject
from tests.cli.project import write_inventory
from tests.cli.scenarios import OutputOf, Scenario, Secret, Step
from tests.engine.conftest import NewStack
from tests.engine.reimaging import vm_id

Inputs = dict[str, dict[str, Any]]
# The seed of the names of disks and operations, so that both sides have the same names.
_SEED = 7


class Outcome(Protocol):
    """What a command did."""

    @property
    def code(self) -> int:
        """The CLI's exit code."""

    @property
    def text(self) -> str:
        """All that was printed."""


class Side(Protocol):
    """One of the two sides."""

    simulator: Simulator
    inputs: Inputs
    folder: Path

    def run(self, step: Step) -> Outcome:
        """Run the command of a step."""

    def resources(self) -> list[dict[str, Any]]:
        """Return the state's resources."""


class InYaml:
    """A program in YAML, and the literal CLI."""

    def __init__(self, new_project: NewProject, scenario: Scenario) -> None:
        self._project = new_project(scenario.machines, seed=_SEED, **scenario.inventory)
        self.inputs: Inputs = {}
        self.folder = self._project.folder
        self.simulator = self._project.simulator
        program.write(self.folder, {})
        self._project.create(**scenario.config)

    def run(self, step: Step) -> Outcome:
        """Run the command as a person types it, without the preview that `up` shows first."""
        inputs = {
            machine: {name: _in_yaml(value) for name, value in given.items()}
            for machine, given in self.inputs.items()
        }
        program.write(self.folder, inputs, outputs=False)
        yes = () if step.command == "preview" else ("--yes", "--skip-preview")
        return self._project.pulumi(step.command, *yes, *step.flags)

    def resources(self) -> list[dict[str, Any]]:
        """Return the state's resources."""
        return self._project.resources()


class InPython:
    """The same program in Python."""

    def __init__(self, new_stack: NewStack, scenario: Scenario) -> None:
        self.inputs: Inputs = {}
        config = {"azure-reimage:simulator": "machines.json", "azure-reimage:simulatorTimeScale": "0.01"}
        self._stack = new_stack(self._declare, config={**config, **scenario.config})
        self.folder = self._stack.folder
        self.simulator = write_inventory(self.folder, scenario.machines, seed=_SEED, **scenario.inventory)

    def run(self, step: Step) -> Outcome:
        """Run the command through the Automation API."""
        flags = {flag.removeprefix("--").replace("-", "_"): True for flag in step.flags}
        commands: Mapping[str, Any] = {
            "preview": self._stack.preview,
            "up": self._stack.up,
            "refresh": self._stack.refresh,
            "destroy": self._stack.destroy,
        }
        outcome: Outcome = commands[step.command](**flags)
        return outcome

    def resources(self) -> list[dict[str, Any]]:
        """Return the state's resources."""
        return self._stack.resources()

    def _declare(self) -> None:
        declared: dict[str, VirtualMachineReimage] = {}
        for machine, given in self.inputs.items():
            inputs: dict[str, Any] = {name: _in_python(value, declared) for name, value in given.items()}
            declared[machine] = VirtualMachineReimage(machine, **{"vm_id": vm_id(machine), **inputs})


def _in_yaml(value: object) -> object:
    match value:
        case Secret(hidden):
            return {"fn::secret": hidden}
        case OutputOf(machine, output, before):
            return f"{before}${{{machine}.{program.camel_case(output)}}}"
        case dict():
            return {_key(name): _in_yaml(item) for name, item in value.items()}
        case _:
            return value


def _key(name: str) -> str:
    # The only objects whose keys are ours; no trigger of a scenario has such a name.
    return program.camel_case(name) if name in ("admin_password", "custom_data") else name


def _in_python(value: object, declared: Mapping[str, VirtualMachineReimage]) -> object:
    match value:
        case Secret(hidden):
            return pulumi.Output.secret(hidden)
        case OutputOf(machine, output, before):
            return pulumi.Output.concat(before, getattr(declared[machine], output))
        case dict():
            return {name: _in_python(item, declared) for name, item in value.items()}
        case _:
            return value


def everything_kept(side: Side) -> str:
    """Return the text of all files that a run left, including the backend's history."""
    files = [path for path in side.folder.rglob("*") if path.is_file() and "sqlite3" not in path.name]
    return "\n".join(path.read_text(errors="replace") for path in files if not _is_the_program(path))


def _is_the_program(path: Path) -> bool:
    # In YAML, a literal secret is in the program, where its author has written it.
    return path.name == "Pulumi.yaml"
