"""A project in YAML on simulated machines, and the literal `pulumi` in its folder."""

import json
import os
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_azure_reimage.simulator import Simulator
from tests.cli import program
from tests.cli.running import InTerminal, Running
from tests.engine.processes import MARK_VARIABLE, end_all

STACK = "test"
_SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"


@dataclass(frozen=True, slots=True)
class Installation:
    """Pulumi as it is installed, and the activated environment that has our package.

    Attributes:
        path: PATH.
        home: PULUMI_HOME.
    """

    path: str
    home: Path


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended.

    Attributes:
        code: The exit code.
        stdout: What it printed there.
        stderr: What it printed there.
    """

    code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        """All that was printed."""
        return self.stdout + self.stderr

    def said(self, row: str) -> list[str]:
        """Return what the CLI's summary has for a row, such as `azure-reimage:index:… (web)`.

        The lines of a message are joined by spaces.
        """
        return diagnostics(self.stdout).get(row, [])


class Project:
    """A project and its stack, in its own folder, with a file backend.

    Attributes:
        folder: The project's folder.
        simulator: Its machines.
        inputs: The inputs of each `VirtualMachineReimage` by machine, under their names in Python.
        environment: All variables of the CLI.
    """

    def __init__(
        self,
        installation: Installation,
        folder: Path,
        machines: Mapping[str, Mapping[str, object]],
        **inventory: object,
    ) -> None:
        """Write the machines' inventory. There is no stack yet.

        Args:
            installation: Pulumi.
            folder: An empty folder.
            machines: Settings of the inventory by machine.
            inventory: Further keys of the inventory.
        """
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.environment = {
            "PATH": installation.path,
            "HOME": os.fspath(folder),
            "LANG": "C.UTF-8",
            "PULUMI_BACKEND_URL": f"{(folder / 'backend').as_uri()}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            "PULUMI_HOME": os.fspath(installation.home),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            MARK_VARIABLE: self.mark,
        }
        (folder / "backend").mkdir()
        self.simulator = write_inventory(folder, machines, **inventory)
        self.inputs: dict[str, dict[str, Any]] = {name: {} for name in machines}
        self._terminals: list[InTerminal] = []
        self.ended: list[Ended] = []

    def set(self, **inputs: object) -> None:
        """Set inputs of every machine (None unsets one), and write the program."""
        for arguments in self.inputs.values():
            arguments.update(inputs)
            for key in [key for key, value in arguments.items() if value is None]:
                del arguments[key]
        self.write_program()

    def write_program(self) -> None:
        """Write the program from the inputs."""
        program.write(self.folder, self.inputs)

    def create(self, **config: object) -> None:
        """Create the stack, with the simulator in its configuration."""
        # JSON is YAML too. Writing it here saves calls of the CLI.
        values = {"azure-reimage:simulator": "machines.json", "azure-reimage:simulatorTimeScale": "0.01"}
        text = json.dumps({"config": {**values, **config}})
        assert self.pulumi("stack", "init", STACK).code == 0
        file = self.folder / f"Pulumi.{STACK}.yaml"
        # The file has the salt of the passphrase by now.
        file.write_text(f"{file.read_text()}{text[1:-1]}\n".replace('"config"', "config"))

    def pulumi(self, *arguments: str) -> Ended:
        """Run a command to its end."""
        done = subprocess.run(  # noqa: S603 - the CLI
            [self._pulumi, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        self.ended.append(Ended(done.returncode, done.stdout, done.stderr))
        return self.ended[-1]

    def start(self, *arguments: str) -> Running:
        """Start a command in its own process group."""
        return Running([self._pulumi, *arguments], self.folder, self.environment, self.folder / "running.log")

    def in_terminal(self, *arguments: str, columns: int = 80, rows: int = 50) -> InTerminal:
        """Start a command in a pseudo-terminal."""
        terminal = InTerminal(
            [self._pulumi, *arguments],
            self.folder,
            self.environment,
            self.folder / "terminal.log",
            columns=columns,
            rows=rows,
        )
        self._terminals.append(terminal)
        return terminal

    def resources(self) -> list[dict[str, Any]]:
        """Return the state's resources, read from the backend's file; secrets are ciphertext."""
        file = self.folder / "backend" / ".pulumi" / "stacks" / program.PROJECT / f"{STACK}.json"
        latest = json.loads(file.read_text())["checkpoint"].get("latest") or {}
        resources: list[dict[str, Any]] = latest.get("resources") or []
        return resources

    @property
    def posts(self) -> int:
        """How many reimage requests reached the simulator, for any machine."""
        return len(self.simulator.reimage_requests())

    def end_processes(self) -> None:
        """Kill what the commands left behind, and close what is open."""
        end_all(self.mark)
        for terminal in self._terminals:
            terminal.close()
        self.simulator.close()

    @property
    def _pulumi(self) -> str:
        # As the shell finds it, because Popen would search another PATH.
        for folder in self.environment["PATH"].split(os.pathsep):
            if os.access(found := Path(folder) / "pulumi", os.X_OK):
                return os.fspath(found)
        raise AssertionError("there is no pulumi on PATH")


def write_inventory(
    folder: Path, machines: Mapping[str, Mapping[str, object]], **inventory: object
) -> Simulator:
    """Write `machines.json`, and return a simulator with it.

    Args:
        folder: Where it is written.
        machines: Settings by machine.
        inventory: Further keys.
    """
    tables = [{"name": name, "resource_group": "rg", **settings} for name, settings in machines.items()]
    settings = {"subscription_id": _SUBSCRIPTION, "operation_seconds": 0, "retry_after": 1, **inventory}
    (folder / "machines.json").write_text(json.dumps({**settings, "machine": tables}))
    return Simulator.open(folder / "machines.json")


def diagnostics(stdout: str) -> dict[str, list[str]]:
    """Return the messages of the CLI's summary by row, each on one line."""
    rows: dict[str, list[str]] = {}
    messages: list[str] = []
    _, _, summary = stdout.rpartition("Diagnostics:\n")
    for line in summary.partition("\nResources:")[0].partition("\nOutputs:")[0].splitlines():
        if line.startswith("  ") and line[2:3].strip() and line.endswith("):"):
            messages = rows.setdefault(line.strip().removesuffix(":"), [])
        elif line.strip():
            messages.append(line.strip())
    return rows
