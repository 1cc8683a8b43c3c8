"""A stack on the real Pulumi engine: temporary folder, file backend, and results instead of exceptions.

The program of a stack is a callable, which the Automation API runs in this process. The CLI and the host of
the dynamic resources are processes as always, and the host finds the same modules as this process.
"""

import json
import os
import re
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict, Unpack

from pulumi import automation

from tests.engine.inline_program import Program, tidy
from tests.engine.processes import MARK_VARIABLE, end_all
from tests.engine.running_up import RunningUp

PROJECT = "name: test\nruntime: python\n"
STACK_NAME = "test"
ROOT = Path(__file__).parents[2]

# How the engine writes a secret into its state (pulumi: sdk/go/common/resource/sig).
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public constant of the state format


@dataclass(frozen=True, slots=True)
class EngineResult:
    """What one run of the CLI did.

    Attributes:
        ok: Whether the CLI ended with 0.
        code: The CLI's exit code.
        text: All that the CLI printed, stdout and stderr.
        events: The engine's events; empty for any command but up, preview, refresh and destroy.
        outputs: The stack's outputs after the run; a secret is `[secret]`.
    """

    ok: bool
    code: int
    text: str
    events: tuple[automation.EngineEvent, ...]
    outputs: Mapping[str, Any]

    @property
    def changes(self) -> dict[str, int]:
        """How many resources were created, updated, left the same and so on, including the stack."""
        summaries = [event.summary_event for event in self.events if event.summary_event]
        return {
            str(automation.OpType(op).value): count
            for summary in summaries
            for op, count in summary.resource_changes.items()
        }

    @property
    def diagnostics(self) -> list[automation.DiagnosticEvent]:
        """The diagnostics of the run: message, severity, URN, and whether it was ephemeral."""
        return [event.diagnostic_event for event in self.events if event.diagnostic_event]


@dataclass(frozen=True, slots=True)
class Engine:
    """What stacks can share.

    Attributes:
        command: The CLI.
        home: PULUMI_HOME.
    """

    command: automation.PulumiCommand
    home: Path


class StackSettings(TypedDict, total=False):
    """How a stack differs from the default."""

    project: str
    """The text of Pulumi.yaml."""

    config: Mapping[str, object]
    """The stack's configuration, in the clear. A key without a namespace is the project's."""

    environment: Mapping[str, str]
    """Further variables of the CLI and the dynamic host."""


class UpdateFlags(TypedDict, total=False):
    """Flags of `pulumi up` and `pulumi preview`, as the Automation API names them."""

    diff: bool
    refresh: bool
    expect_no_changes: bool
    target: list[str] | None
    target_dependents: bool
    exclude: list[str]
    exclude_dependents: bool
    replace: list[str] | None
    policy_packs: list[str]
    """The folders of policy packs that must pass."""

    plan: str
    """The file of the plan, which a preview writes and an update is constrained to."""


class UpFlags(UpdateFlags, total=False):
    """Flags of `pulumi up` alone."""

    parallel: int
    continue_on_error: bool


class EngineStack:
    """A stack in its own project.

    Attributes:
        folder: The project's folder, in which the dynamic host works.
        program: What the next run does; may be replaced between runs.
        environment: Variables of the CLI and the dynamic host.
        lines: What the last run printed, or what the current run has printed so far.
    """

    lines: list[str]

    def __init__(
        self, engine: Engine, folder: Path, program: Program, **settings: Unpack[StackSettings]
    ) -> None:
        """Create a project in `folder`, and its stack, which is empty."""
        self.folder = folder
        self.program = program
        self.environment = {
            # Without metadata files, because a kill -9 during a save can leave an empty one, and the
            # next run then ends with "failed to load checkpoint: EOF" (seen with CLI 3.274.1).
            "PULUMI_BACKEND_URL": f"{(folder / 'backend').as_uri()}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            "PULUMI_HOME": os.fspath(engine.home),
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            MARK_VARIABLE: uuid.uuid4().hex,
            **settings.get("environment", {}),
        }
        (folder / "backend").mkdir()
        (folder / "Pulumi.yaml").write_text(settings.get("project", PROJECT))
        workspace = automation.LocalWorkspace(
            work_dir=os.fspath(folder), env_vars=self.environment, pulumi_command=engine.command
        )
        self._project = workspace.project_settings().name
        # JSON is YAML too. Writing it here saves a call of the CLI per stack.
        config = {
            key if ":" in key else f"{self._project}:{key}": value
            for key, value in settings.get("config", {}).items()
        }
        (folder / f"Pulumi.{STACK_NAME}.yaml").write_text(json.dumps({"config": config}))
        self._stack = _Stack.create(STACK_NAME, workspace)

    def up(self, **flags: Unpack[UpFlags]) -> EngineResult:
        """Run `pulumi up`, without the preview that a person sees first."""
        return self._run(self._stack.up, program=tidy(self.program), **flags)

    def up_as_people_do(self) -> EngineResult:
        """Run `pulumi up --yes`, with its preview first. If that fails, the CLI updates nothing."""
        workspace = self._stack.workspace
        command = workspace.pulumi_command
        workspace.pulumi_command = _PreviewFirst()
        try:
            return self.up()
        finally:
            workspace.pulumi_command = command

    def preview(self, **flags: Unpack[UpdateFlags]) -> EngineResult:
        """Run `pulumi preview`."""
        return self._run(self._stack.preview, program=tidy(self.program), **flags)

    def refresh(
        self, *, expect_no_changes: bool = False, target: list[str] | None = None, run_program: bool = False
    ) -> EngineResult:
        """Run `pulumi refresh`, which ignores the program unless a flag says to run it."""
        program = {"program": tidy(self.program), "run_program": True} if run_program else {}
        return self._run(self._stack.refresh, expect_no_changes=expect_no_changes, target=target, **program)

    def destroy(self) -> EngineResult:
        """Run `pulumi destroy`, which ignores the program."""
        return self._run(self._stack.destroy)

    def cancel(self) -> EngineResult:
        """Run `pulumi cancel`, which removes the lock of a killed run."""
        return self.cli("cancel", "--yes")

    def export(self, *, show_secrets: bool = False) -> EngineResult:
        """Run `pulumi stack export`. `text` is the state."""
        return self.cli("stack", "export", *(["--show-secrets"] if show_secrets else []))

    def cli(self, *arguments: str) -> EngineResult:
        """Run any command of the CLI on this stack."""
        return self._run(self._cli, arguments=arguments)

    def set_config(self, key: str, value: str, *, secret: bool = False) -> None:
        """Set a value of the stack's configuration."""
        self._stack.set_config(key, automation.ConfigValue(value, secret))

    def up_in_subprocess(self, program_file: Path) -> RunningUp:
        """Start `pulumi up` of a program file in its own process group, which may be killed."""
        command = [sys.executable, "-m", "tests.engine.run_up", os.fspath(self.folder), STACK_NAME]
        return RunningUp(
            [*command, os.fspath(program_file)],
            folder=ROOT,
            environment=self.environment,
            log=self.folder / "up-in-subprocess.log",
        )

    def end_processes(self) -> None:
        """Kill all processes that the runs of this stack left behind."""
        end_all(self.environment[MARK_VARIABLE])

    @property
    def checkpoint_file(self) -> Path:
        """The file in which the backend keeps the state."""
        return self.folder / "backend" / ".pulumi" / "stacks" / self._project / f"{STACK_NAME}.json"

    def resources(self) -> list[dict[str, Any]]:
        """Return the state's resources, read from the backend's file; secrets are ciphertext."""
        # A stack that was never updated has no `latest`.
        latest = json.loads(self.checkpoint_file.read_text())["checkpoint"].get("latest") or {}
        resources: list[dict[str, Any]] = latest.get("resources") or []
        return resources

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, read from the backend's file; a secret is `[secret]`."""
        return {
            name: "[secret]" if isinstance(value, dict) and value.get(_SIGNATURE) == _SECRET else value
            for resource in self.resources()
            if resource["type"] == "pulumi:pulumi:Stack"
            for name, value in resource.get("outputs", {}).items()
        }

    def _cli(
        self, *, arguments: tuple[str, ...], on_output: automation.OnOutput, on_error: automation.OnOutput
    ) -> None:
        self._stack.workspace.pulumi_command.run(
            [*arguments, "--stack", STACK_NAME], os.fspath(self.folder), self.environment, on_output, on_error
        )

    def _run(self, command: Callable[..., object], **options: Any) -> EngineResult:  # noqa: ANN401 - passed on
        lines = self.lines = []
        events: list[automation.EngineEvent] = []
        if command != self._cli:
            options["on_event"] = events.append
        try:
            command(on_output=lines.append, on_error=lines.append, **options)
        except automation.CommandError as error:
            code = _exit_code(error)
        else:
            code = 0
        return EngineResult(code == 0, code, "\n".join(lines), tuple(events), self.outputs())


class _PreviewFirst(automation.PulumiCommand):
    """The CLI without the flag that the Automation API adds to each `pulumi up`."""

    def run(self, args: list[str], *rest: Any, **named: Any) -> automation.CommandResult:  # noqa: ANN401 - passed on
        """Run a command."""
        return super().run([arg for arg in args if arg != "--skip-preview"], *rest, **named)


def _exit_code(error: automation.CommandError) -> int:
    """Return the CLI's exit code, which only the text of the exception has, or -1 if it has none."""
    named = re.search(r"^\s*code: (-?\d+)$", str(error), re.MULTILINE)
    return int(named[1]) if named else -1


class _Stack(automation.Stack):
    """Avoids the CLI calls that the Automation API makes after each run.

    The state's file has the answers, and three calls take a third of a second.
    """

    def outputs(self) -> automation.OutputMap:
        return {}

    def info(self, show_secrets: bool = True) -> automation.UpdateSummary:  # noqa: ARG002, FBT001, FBT002 - overridden
        now = datetime.now(UTC)
        return automation.UpdateSummary("", now, "", {}, {}, "", now)
