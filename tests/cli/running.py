"""A CLI command in the background, which can be killed, or can get input from a terminal."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.engine.processes import MARK_VARIABLE, end, find

HOST, PLUGIN = "-m pulumi.dynamic ", "pulumi-resource-azure-reimage"
CTRL_C = b"\x03"
# Makes the terminal at stdin the controlling terminal, whose Ctrl-C the command gets, and runs the command.
_IN_TERMINAL = (
    "import fcntl, os, sys, termios;fcntl.ioctl(0, termios.TIOCSCTTY, 0);os.execvp(sys.argv[1], sys.argv[1:])"
)


class Running:
    """A command in its own process group, whose output goes to a file."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], output: Path
    ) -> None:
        """Start it."""
        self._mark = environment[MARK_VARIABLE]
        self._output = output
        with output.open("wb") as file:
            self._process = subprocess.Popen(  # noqa: S603 - the CLI
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
        """What was printed so far."""
        return self._output.read_text(errors="replace")

    def until(self, happened: Callable[[], bool]) -> None:
        """Return as soon as something has happened.

        Raises:
            AssertionError: the command ended before that.
        """
        while not happened():
            if self._process.poll() is not None:
                raise AssertionError(f"the command ended before that:\n{self.text}")
            self._pause()

    def wait(self) -> int:
        """Wait for the end, and return the exit code."""
        while self._process.poll() is None:
            self._pause()
        return self._process.returncode

    def kill9(self) -> None:
        """Kill the group at once, as when a runner is lost. The hosts have their own groups and live on."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill9_host(self) -> None:
        """Kill the dynamic host alone."""
        for process_id in find(self._mark, HOST):
            end(process_id, self._mark)

    def freeze(self) -> None:
        """Suspend the CLI, so that it saves nothing until it is killed."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def wait_for_orphans(self) -> None:
        """Return when the plugin and the dynamic host have ended. The language host takes minutes."""
        for process_id in [*find(self._mark, HOST), *find(self._mark, PLUGIN)]:
            try:
                handle = os.pidfd_open(process_id)
            except ProcessLookupError:
                continue
            select.select([handle], [], [])
            os.close(handle)

    def _pause(self) -> None:
        try:
            self._process.wait(0.05)
        except subprocess.TimeoutExpired:
            return


class InTerminal(Running):
    """A command in a pseudo-terminal, as a person sees it. Its output goes to a file too."""

    def __init__(  # noqa: PLR0913 - those of a command, and the size of the terminal.
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        output: Path,
        *,
        columns: int,
        rows: int,
    ) -> None:
        """Start it."""
        self._mark = environment[MARK_VARIABLE]
        self._output = output
        self._file = output.open("wb", buffering=0)
        self._terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._process = subprocess.Popen(  # noqa: S603 - the CLI
            [sys.executable, "-c", _IN_TERMINAL, *command],
            cwd=folder,
            env={**environment, "TERM": "xterm-256color"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    @property
    def printed(self) -> bytes:
        """What was printed so far, including the sequences that move the cursor."""
        return self._output.read_bytes()

    def type(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self._terminal, keys)

    def wait(self) -> int:
        """Wait for the end, and return the exit code."""
        code = super().wait()
        self._pause()
        return code

    def close(self) -> None:
        """Close the terminal."""
        os.close(self._terminal)
        self._file.close()

    def _pause(self) -> None:
        """Read what is printed, or wait a moment for it."""
        while select.select([self._terminal], [], [], 0.05)[0]:
            try:
                printed = os.read(self._terminal, 65536)
            except OSError:  # EIO: every process that had the terminal has ended.
                return super()._pause()
            self._file.write(printed)
        return None
