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
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.engine.background import HOST, Background
from tests.engine.processes import find, wait_for

_PLUGIN = "pulumi-resource-azure-reimage"
CTRL_C = b"\x03"
# Makes the terminal at stdin the controlling terminal, whose Ctrl-C the command gets, and runs the command.
_IN_TERMINAL = (
    "import fcntl, os, sys, termios;fcntl.ioctl(0, termios.TIOCSCTTY, 0);os.execvp(sys.argv[1], sys.argv[1:])"
)


class Running(Background):
    """A command of the literal CLI in the background."""

    def wait(self) -> int:
        """Wait for the end, and return the exit code."""
        return self.exit_code()

    def freeze(self) -> None:
        """Suspend the CLI, so that it saves nothing until it is killed."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def wait_for_orphans(self) -> None:
        """Return when the plugin and the dynamic host have ended. The language host takes minutes."""
        for process_id in [*find(self._mark, HOST), *find(self._mark, _PLUGIN)]:
            wait_for(process_id)


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
        self._size = struct.pack("HHHH", rows, columns, 0, 0)
        super().__init__(command, folder, environment, output)
        self._file = output.open("wb", buffering=0)

    def _start(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        self._terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, self._size)
        try:
            return subprocess.Popen(  # noqa: S603 - the CLI
                [sys.executable, "-c", _IN_TERMINAL, *command],
                cwd=folder,
                env={**environment, "TERM": "xterm-256color"},
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
            )
        finally:
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
