"""A run in its own process group, to be killed like a pipeline's job."""

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.engine.background import HOST, Background
from tests.engine.processes import end, end_all, find, interrupt

# A part of the command line of the CLI under the Automation API.
_CLI = "pulumi --non-interactive up "


class RunningUp(Background):
    """A run in the background, by a program that uses the Automation API."""

    def __init__(
        self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path
    ) -> None:
        """Start it.

        Args:
            command: A program that runs `pulumi up`, and its arguments.
            folder: Where it is started.
            environment: What is added to the environment, the mark included.
            log: The file that gets everything that is printed.
        """
        super().__init__(command, folder, {**os.environ, **environment}, log)

    def kill9(self) -> None:
        """Kill the whole group at once, including the CLI, and then the dynamic host, which is not in it."""
        super().kill9()
        end_all(self._mark)

    def kill9_cli(self) -> None:
        """Kill the CLI alone. Its dynamic host lives on, because it has its own process group."""
        for process_id in find(self._mark, _CLI):
            end(process_id, self._mark)
        self._process.wait()

    def interrupt_cli(self) -> None:
        """Send the signal of Ctrl-C to the CLI alone, because its dynamic host has its own process group."""
        for process_id in find(self._mark, _CLI):
            os.kill(process_id, signal.SIGINT)

    def freeze_cli(self) -> None:
        """Suspend the CLI, so that it saves nothing until it is killed."""
        for process_id in find(self._mark, _CLI):
            os.kill(process_id, signal.SIGSTOP)

    def end_orphan(self) -> None:
        """Let the dynamic host of a killed CLI finish its current call, and end.

        On an interrupt the host stops listening, and Python then waits for the threads that answer calls
        (`main` of pulumi/dynamic/__main__.py, and the exit handlers of concurrent.futures).
        """
        for process_id in find(self._mark, HOST):
            interrupt(process_id, self._mark)

    def wait(self) -> bool:
        """Wait for the end, and return whether the run succeeded."""
        return self.exit_code() == 0
