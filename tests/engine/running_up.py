"""A run as a process group of its own, to be killed like a pipeline's job."""

import contextlib
import os
import select
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.engine.processes import MARK_VARIABLE, end, end_all, find

# What their command lines hold.
_CLI, _HOST = "pulumi --non-interactive up ", "-m pulumi.dynamic "


class RunningUp:
    """A run that was started and not waited for."""

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
        """Kill the whole group at once, the CLI included, and then the dynamic host, which is in none."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        end_all(self._mark)

    def kill9_cli(self) -> None:
        """Kill the CLI alone: its dynamic host lives on, because it has a process group of its own."""
        for process_id in find(self._mark, _CLI):
            end(process_id, self._mark)
        self._process.wait()

    def kill9_host(self) -> None:
        """Kill the dynamic host alone: the CLI lives on, and reports an error."""
        for process_id in self._hosts():
            end(process_id, self._mark)

    def interrupt_cli(self) -> None:
        """Send the CLI alone what Ctrl-C sends, because its dynamic host has a process group of its own."""
        for process_id in find(self._mark, _CLI):
            os.kill(process_id, signal.SIGINT)

    def freeze_cli(self) -> None:
        """Stop the CLI where it is, so that it saves nothing until it is killed."""
        for process_id in find(self._mark, _CLI):
            os.kill(process_id, signal.SIGSTOP)

    def end_orphan(self) -> None:
        """Let the dynamic host of a killed CLI finish the call that it is in, and end.

        On an interrupt the host stops listening, and Python then waits for the threads that answer calls
        (`main` of pulumi/dynamic/__main__.py, and the exit handlers of concurrent.futures).
        """
        for process_id in self._hosts():
            try:
                handle = os.pidfd_open(process_id)
            except ProcessLookupError:
                continue  # It has noticed the end of the CLI by itself.
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGINT)
            select.select([handle], [], [])
            os.close(handle)

    def _hosts(self) -> list[int]:
        return find(self._mark, _HOST)

    def wait(self) -> bool:
        """Wait for the end, and return whether the run succeeded."""
        return self._process.wait() == 0
