"""A command in the background, in its own process group, whose output goes to a file."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pulumi_azure_reimage.clock import SystemClock
from tests.engine.processes import MARK_VARIABLE, end, find

HOST = "-m pulumi.dynamic "
"""A part of the command line of the dynamic host."""

# Seconds. No command of a test takes this long, so what has not happened by then will not happen.
_LIMIT = 900.0


class Background:
    """A command that runs, and everything that it started."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], output: Path
    ) -> None:
        """Start it.

        Args:
            command: The program and its arguments.
            folder: Where it is started.
            environment: All of its environment, including the mark.
            output: The file that gets everything that it prints.
        """
        self._mark = environment[MARK_VARIABLE]
        self._output = output
        self._process = self._start(command, folder, environment)

    def _start(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        with self._output.open("wb") as file:
            return subprocess.Popen(  # noqa: S603 - our own programs, and the CLI.
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        """What it has printed so far."""
        return self._output.read_text(errors="replace")

    def until(self, happened: Callable[[], bool]) -> None:
        """Return as soon as something has happened.

        Raises:
            AssertionError: The command ended first, or it did not happen within a quarter of an hour.
        """
        clock = SystemClock()
        end_of_patience = clock.monotonic() + _LIMIT
        while not happened():
            if self._process.poll() is not None:
                raise AssertionError(f"The command ended before that:\n{self.text}")
            if clock.monotonic() > end_of_patience:
                raise AssertionError(f"It did not happen in {_LIMIT:.0f} s:\n{self.text}")
            self._pause()

    def exit_code(self) -> int:
        """Wait for the end, and return the exit code."""
        while self._process.poll() is None:
            self._pause()
        return self._process.returncode

    def kill9(self) -> None:
        """Kill the group at once, as when a runner is lost. Dynamic hosts are not in it, and live on."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill9_host(self) -> None:
        """Kill the dynamic host alone. The CLI lives on, and reports an error."""
        for process_id in find(self._mark, HOST):
            end(process_id, self._mark)

    def _pause(self) -> None:
        try:
            self._process.wait(0.05)
        except subprocess.TimeoutExpired:
            return
