"""Run `go build` with one line of progress, and keep all output of Go in a file."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_LAST_LINES = 15
# How many lines of progress go to a pipeline's log, in which no line can be overwritten.
_STEPS = 4


class GoFailedError(Exception):
    """Go failed. The text has the end of its output, and names the file with the rest."""


class Progress:
    """One line that overwrites itself, or a few lines in a log."""

    def __init__(self, stream: TextIO, title: str) -> None:
        """Show `title` and the progress on a stream."""
        self._stream, self._title = stream, title
        self._live = stream.isatty()
        self._steps = 0

    def show(self, doing: str, done: int, of: int = 0) -> None:
        """Show how much is done; `of` is 0 until the total is known."""
        step = _STEPS * done // of if of else 0
        if self._live or step > self._steps:
            self._steps = step
            self._write(f"{self._title}: {doing} {done}{f' of {of}' if of else ''}")

    def end(self) -> None:
        """Clear the line, so that the next message starts on an empty one."""
        if self._live:
            self._write("")

    def _write(self, line: str) -> None:
        self._stream.write(f"\r\x1b[K{line}" if self._live else f"{line}\n")
        self._stream.flush()


class GoBuild:
    """A build: Go, the folder of the go.mod, the environment, the log file, and the progress."""

    def __init__(
        self, go: str, module: Path, environment: Mapping[str, str], log: Path, progress: Progress
    ) -> None:
        """Start the log file."""
        self._go, self._module, self._environment = go, module, environment
        self._log, self._progress = log, progress
        log.write_text("", encoding="utf-8")

    def build(self, package: str, flags: Sequence[str]) -> None:
        """Compile a package, with `flags` of `go build`.

        Raises:
            GoFailedError: Go failed.
        """
        try:
            # Listing the packages fetches their sources. Only then is it known how many there are.
            packages = sum(1 for _ in self._run("list", "-deps", package))
            for number, _ in enumerate(self._run("build", "-v", *flags, package), start=1):
                self._progress.show("compiling package", min(number, packages), packages)
        finally:
            self._progress.end()

    def _run(self, *arguments: str) -> Iterator[str]:
        """Run Go, and yield each package that it names.

        Raises:
            GoFailedError: it failed.
        """
        modules = 0
        with (
            self._log.open("a", encoding="utf-8") as log,
            subprocess.Popen(
                [self._go, *arguments],
                cwd=self._module,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            ) as process,
        ):
            for line in process.stdout or ():
                log.write(line)
                if line.startswith("go: downloading "):
                    modules += 1
                    self._progress.show("fetching module", modules)
                elif re.fullmatch(r"[\w.~-]+(/[\w.~-]+)*\n", line):
                    yield line.strip()
        if process.returncode:
            last = "\n".join(self._log.read_text(encoding="utf-8").splitlines()[-_LAST_LINES:])
            raise GoFailedError(f"{last}\nthe build failed. All that Go said is in {self._log}.".lstrip())
