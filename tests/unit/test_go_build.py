"""The progress of a build, in a terminal and in a log."""

import io
from pathlib import Path

from tools.go_build import GoBuild, Progress

GO = """#!/bin/sh
if [ "$1" = list ]; then
  echo "go: downloading example.com/one v1.0.0"
  echo "go: downloading example.com/two v1.0.0"
  for package in a b c d e f g h; do echo "example.com/$package"; done
else
  for package in a b c d e f g h; do echo "example.com/$package"; done
fi
"""


class Terminal(io.StringIO):
    """A stream that people look at."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def shown(stream: io.StringIO, folder: Path) -> str:
    """Build with a made-up Go, and return what was shown."""
    (folder / "go").write_text(GO)
    (folder / "go").chmod(0o755)
    log = folder / "go.log"
    progress = Progress(stream, "pulumi")
    GoBuild(str(folder / "go"), folder, {"PATH": "/bin:/usr/bin"}, log, progress).build("example.com/a", [])
    assert log.read_text().count("\n") == 18
    return stream.getvalue()


def test_a_terminal_has_one_line_that_ends_empty(tmp_path: Path) -> None:
    """It says what is being done, and how far it is."""
    lines = shown(Terminal(), tmp_path).split("\r\x1b[K")

    assert lines[1:3] == ["pulumi: fetching module 1", "pulumi: fetching module 2"]
    assert lines[3:5] == ["pulumi: compiling package 1 of 8", "pulumi: compiling package 2 of 8"]
    assert lines[-2:] == ["pulumi: compiling package 8 of 8", ""]


def test_a_log_has_a_line_for_each_quarter(tmp_path: Path) -> None:
    """In a log, nothing can be overwritten."""
    assert shown(io.StringIO(), tmp_path).splitlines() == [
        f"pulumi: compiling package {number} of 8" for number in (2, 4, 6, 8)
    ]
