"""The process that started the provider host: the CLI of this run, or the engine inside of it."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .engine_log import Log

_PROC = Path("/proc")
# In a release of Pulumi, a shell script starts the host and stays as its parent until that has ended:
# https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/python/dist/pulumi-resource-pulumi-python
_LAUNCHER = "pulumi-resource-pulumi-python"
# Seconds between two looks at the CLI.
_LOOKS_EVERY = 1.0


def watch_engine(log: Log, parent_id: Callable[[], int] = os.getppid) -> Callable[[], str | None]:
    """Return what reports that the engine of this run does not listen any more.

    Its process can be alive and not answer, for instance while it is stopped.
    """
    parent = parent_id()

    def engine_is_gone() -> str | None:
        if parent_id() != parent:
            return "the Pulumi engine of this run has ended"
        return None if log.is_heard() else "the Pulumi engine of this run does not answer"

    return engine_is_gone


def cli_process(proc: Path = _PROC) -> int:
    """Return the process id of the CLI: the nearest ancestor that is no launcher of this host.

    Where /proc does not show them, it is the parent.
    """
    found = os.getppid()
    try:
        while _is_launcher(proc / str(found)):
            found = int(_fields(proc / str(found))[1])
    except (OSError, ValueError, IndexError):
        return os.getppid()
    return found


def end_with_the_cli() -> None:
    """Let this host end when the CLI has ended without asking it to, as after a kill -9 or a closed terminal.

    Pulumi starts the host in a process group of its own and never ends it then. An interrupt makes it accept
    no further call, and end when the calls that it is in have ended (`main` of pulumi/dynamic/__main__.py in
    SDK 3.272.0), so that nothing is cut that other providers of this process have begun.
    """
    Thread(target=interrupt_at_the_end_of, args=(cli_process(),), daemon=True, name="parent").start()


def interrupt_at_the_end_of(
    cli: int,
    find_cli: Callable[[], int] = cli_process,
    interrupt: Callable[[], None] = lambda: os.kill(os.getpid(), signal.SIGINT),
    every: float = _LOOKS_EVERY,
) -> None:
    """Interrupt this process when another one than `cli` is its CLI.

    Args:
        cli: A process id.
        find_cli: Returns the CLI's.
        interrupt: Interrupts.
        every: Seconds between two looks.
    """
    never = Event()
    while find_cli() == cli:
        never.wait(every)
    interrupt()


def parent_arguments(proc: Path = _PROC) -> tuple[str, ...]:
    """Return the command line of the CLI; nothing where /proc does not show it."""
    try:
        line = (proc / str(cli_process(proc)) / "cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(line.split("\0"))


def _is_launcher(process: Path) -> bool:
    arguments = (process / "cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    # The shell, and the script that it runs.
    return any(Path(argument).name.startswith(_LAUNCHER) for argument in arguments[:2])


def _fields(process: Path) -> list[str]:
    """Return the fields of `stat` from the third one on: the name before may hold blanks (man 5 proc)."""
    return (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


def parent_age(proc: Path = _PROC) -> float | None:
    """Return the number of seconds since the CLI started; None where /proc does not show it."""
    try:
        # Field 22.
        started = int(_fields(proc / str(cli_process(proc)))[19]) / os.sysconf("SC_CLK_TCK")
        uptime = float((proc / "uptime").read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError, AttributeError):
        return None
    return max(0.0, uptime - started)
