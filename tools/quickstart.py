"""Run the quick start on the real Pulumi engine: `make up`, or `python -m tools.quickstart`.

Two updates of the program in `examples/quickstart`, each as `pulumi up` does it. The first has the release
that the stack has already: it records the baseline of a new stack, and resumes what an interrupted run
left. The second has the next release, and reimages. The state is in `.pulumi-local`, so no account is needed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import runpy
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi import automation

from pulumi_azure_reimage.simulator import Simulator
from tools.pulumi_cli import NoPulumiCliError, pulumi_cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "examples" / "quickstart"
LOCAL = ROOT / ".pulumi-local"
STACK_NAME = "local"
RELEASE = "reimage-quickstart:release"
_SIMULATOR = ".venv/bin/python -m pulumi_azure_reimage.simulator"
_MACHINES = "examples/quickstart/machines.toml"
NEXT = (
    "Reimage again:                make up",
    f"Let the next reimage fail:    {_SIMULATOR} fail {_MACHINES} web AllocationFailed",
    "                              make up, and again to see it repeated (safety waits of 95 s)",
    "Kill a run and resume it:     make up, `kill -9` its process `pulumi` during the wait, make up",
    f"Look at the machines:         {_SIMULATOR} serve {_MACHINES} --port 8080",
    "                              and open http://127.0.0.1:8080/_simulator/ in a browser",
    "Reimage a VM in Azure:        docs/your-own-vm.md",
)


class QuickstartError(Exception):
    """The quick start cannot continue; the text says why."""


def main() -> int:
    """Update the stack twice, and report what happened to the machines."""
    try:
        os.environ["PATH"] = pulumi_cli(os.environ).path(os.environ.get("PATH", ""))
        with alone():
            stack = open_stack()
            # No other run is active, so a lock of Pulumi can only have been left by a run that was killed.
            stack.cancel()
            before = requests_by_machine()
            update_twice(stack)
            outputs = {name: output.value for name, output in stack.outputs().items()}
            _say("What happened", *table(outputs, requests_by_machine() - before))
            _say("What to try next", *NEXT)
    except (NoPulumiCliError, QuickstartError, automation.CommandError) as error:
        return _failed(str(error))
    except KeyboardInterrupt:
        return _failed("Interrupted. `make up` resumes from here.")
    return 0


def open_stack() -> automation.Stack:
    """Return the stack of the quick start, new or as the last run left it."""
    state = LOCAL / "state"
    state.mkdir(parents=True, exist_ok=True)
    workspace = automation.LocalWorkspace(
        work_dir=os.fspath(ROOT),
        program=_program,
        env_vars={
            "PULUMI_BACKEND_URL": state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": os.fspath(LOCAL / "home"),
            # The dynamic host needs our package, which the Python of this program has.
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        },
        # The installer has already checked the version.
        pulumi_command=automation.PulumiCommand(skip_version_check=True),
    )
    return automation.Stack.create_or_select(STACK_NAME, workspace)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Allow one run at a time. The lock ends with the process, however the process ends.

    Raises:
        QuickstartError: another run is active.
    """
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise QuickstartError("Another `make up` is running here.") from None
        yield


def update_twice(stack: automation.Stack) -> None:
    """Bring the stack up to date with its release, and then to the next one.

    Raises:
        QuickstartError: a command of the CLI failed.
    """
    found = stack.get_all_config().get(RELEASE)
    release = int(found.value) if found else 1
    _update(stack, release)
    _update(stack, release + 1, preview=True)


def _update(stack: automation.Stack, release: int, *, preview: bool = False) -> None:
    stack.set_config(RELEASE, automation.ConfigValue(str(release)))
    if preview:
        _say(f"pulumi preview, with release = {release}")
        _stream(stack.preview)
    _say(f"pulumi up, with release = {release}")
    _stream(stack.up)


def _stream(command: Callable[..., object]) -> None:
    """Run a command of the CLI, and show what it prints.

    Raises:
        QuickstartError: it failed.
    """
    # Not "auto", because the CLI writes into our pipe, but we may write to a terminal.
    color = "always" if sys.stdout.isatty() else "never"
    # Ctrl-C reaches the CLI too, which then lets running requests end and saves the state.
    old = signal.signal(signal.SIGINT, lambda *_: _print("make up: interrupted; the CLI comes to its end."))
    try:
        command(color=color, on_output=_print, on_error=_print)
    except automation.CommandError:
        raise QuickstartError("The update failed, see above. `make up` resumes from here.") from None
    finally:
        signal.signal(signal.SIGINT, old)


def requests_by_machine() -> Counter[str]:
    """Return how many reimages of each machine were requested from the simulator."""
    with Simulator.open(PROGRAM / "machines.toml") as simulator:
        return Counter(request.name for request in simulator.reimage_requests() if request.name)


def table(outputs: Mapping[str, Any], requests: Mapping[str, int]) -> list[str]:
    """Return the lines of a table with one line per machine.

    Args:
        outputs: The outputs of the program. An output that is not a mapping is not a machine.
        requests: The number of POSTs by machine.
    """
    machines = {name: output for name, output in outputs.items() if isinstance(output, dict)}
    return _aligned(
        [
            ("VM", "status", "OS disk before", "OS disk after", "duration", "POSTs"),
            *(
                (
                    name,
                    machine["status"],
                    machine["os_disk_before"],
                    machine["os_disk"],
                    f"{machine['seconds']:.1f} s",
                    str(requests.get(name, 0)),
                )
                for name, machine in sorted(machines.items())
            ),
        ]
    )


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _program() -> None:
    runpy.run_path(os.fspath(PROGRAM), run_name="__main__")


def _say(headline: str, *lines: str) -> None:
    print(f"\n=== {headline}\n", *lines, sep="\n", flush=True)


def _print(line: str) -> None:
    print(line, flush=True)


def _failed(sentence: str) -> int:
    print(f"make up: {sentence}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
