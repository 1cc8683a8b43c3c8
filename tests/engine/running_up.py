"""A run in its own process group, to be killed like a pipeline's job."""

import contextlib
import os
import select
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.engine.processes import MARK_VARIABLE, end, end_all, find

# Parts of their command lines.
_CLI, _HOST = "pulumi --non-interactive up ", "-m pulumi.dynamic "


class RunningUp:
    """A run in the background."""

    def __init__(
        self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path
    ) -> None:
        """Start it.

        Args:
            command: A program that runs `pulumi up`, and its arguments.
            folder: Where it is started.
            environment: What is added to the environment, the mark included.
            log: The file that gets all that is printed.
        """
        self._mark = environment[MARK_VARIABLE]
        self._log = log
        with log.open("w") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own programs
                command,
                cwd=folder,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        """What was printed so far."""
        return self._log.read_text()

    def until(self, happened: Callable[[], bool]) -> None:
        """Return as soon as something has happened.

        Raises:
            AssertionError: the run ended before that.
        """
        while not happened():
            if self._process.poll() is not None:
                raise AssertionError(f"the run ended before that:\n{self.text}")
            try:
                self._process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue

    def kill9(self) -> None:
        """Kill the whole group at once, including the CLI, and then the dynamic host, which is not in it."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        end_all(self._mark)

    def kill9_cli(self) -> None:
        """Kill the CLI alone. Its dynamic host lives on, because it has its own process group."""
        for process_id in find(self._mark, _CLI):
            end(process_id, self._mark)
        self._process.wait()

    def kill9_host(self) -> None:
        """Kill the dynamic host alone. The CLI lives on, and reports an error."""
        for process_id in self._hosts():
            end(process_id, self._mark)

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
        for process_id in self._hosts():
            try:
                handle = os.pidfd_open(process_id)
            except ProcessLookupError:
                continue  # It has noticed the end of the CLI on its own.
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGINT)
            select.select([handle], [], [])
            os.close(handle)

    def _hosts(self) -> list[int]:
        return find(self._mark, _HOST)

    def wait(self) -> bool:
        """Wait for the end, and return whether the run succeeded."""
        return self._process.wait() == 0
