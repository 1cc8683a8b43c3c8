"""The process that started the provider host: the CLI of this run, or the engine in it."""

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
# In a release of Pulumi, a shell script starts the host and stays its parent until the host has ended:
# https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/python/dist/pulumi-resource-pulumi-python
_LAUNCHER = "pulumi-resource-pulumi-python"
# Seconds between two looks at the CLI.
_LOOKS_EVERY = 1.0


def watch_engine(log: Log, parent_id: Callable[[], int] = os.getppid) -> Callable[[], str | None]:
    """Return a function that reports that the engine of this run no longer listens.

    The engine's process can be alive and not answer, for instance while it is stopped.
    """
    parent = parent_id()

    def engine_is_gone() -> str | None:
        if parent_id() != parent:
            return "the Pulumi engine of this run has ended"
        return None if log.is_heard() else "the Pulumi engine of this run does not answer"

    return engine_is_gone


def cli_process(proc: Path = _PROC) -> int:
    """Return the process id of the CLI, which is the nearest ancestor that is not a launcher of this host.

    If /proc does not show the ancestors, it is the parent.
    """
    found = os.getppid()
    try:
        while _is_launcher(proc / str(found)):
            found = int(_fields(proc / str(found))[1])
    except (OSError, ValueError, IndexError):
        return os.getppid()
    return found


def end_with_the_cli() -> None:
    """End this host when the CLI has ended without asking it to, as after a kill -9 or a closed terminal.

    Pulumi starts the host in its own process group and does not end it then. After an interrupt, the host
    accepts no further call, and ends when its running calls have ended (`main` of pulumi/dynamic/__main__.py
    in SDK 3.272.0), so nothing that other providers of this process have begun is cut off.
    """
    Thread(target=interrupt_at_the_end_of, args=(cli_process(),), daemon=True, name="parent").start()


def interrupt_at_the_end_of(
    cli: int,
    find_cli: Callable[[], int] = cli_process,
    interrupt: Callable[[], None] = lambda: os.kill(os.getpid(), signal.SIGINT),
    every: float = _LOOKS_EVERY,
) -> None:
    """Interrupt this process when its CLI is no longer `cli`.

    Args:
        cli: A process id.
        find_cli: Returns the process id of the CLI.
        interrupt: Interrupts this process.
        every: Seconds between two looks.
    """
    never = Event()
    while find_cli() == cli:
        never.wait(every)
    interrupt()


def parent_arguments(proc: Path = _PROC) -> tuple[str, ...]:
    """Return the command line of the CLI, which is empty if /proc does not show it."""
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
    """Return the fields of `stat` from the third on. The name before them may contain spaces (man 5 proc)."""
    return (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


def parent_age(proc: Path = _PROC) -> float | None:
    """Return the number of seconds since the CLI started; None if /proc does not show it."""
    try:
        # Field 22.
        started = int(_fields(proc / str(cli_process(proc)))[19]) / os.sysconf("SC_CLK_TCK")
        uptime = float((proc / "uptime").read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError, AttributeError):
        return None
    return max(0.0, uptime - started)
