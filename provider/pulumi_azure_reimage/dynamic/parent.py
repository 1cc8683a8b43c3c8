"""The process that started the provider host: the CLI of this run, or the engine inside of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .engine_log import Log

_PROC = Path("/proc")


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


def parent_age(proc: Path = _PROC) -> float | None:
    """Return the number of seconds since the parent process started; None where /proc does not show it."""
    try:
        # Field 22, after a name in parentheses that may hold blanks: man 5 proc.
        stat = (proc / str(os.getppid()) / "stat").read_text(encoding="utf-8", errors="replace")
        started = int(stat.rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
        uptime = float((proc / "uptime").read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError, AttributeError):
        return None
    return max(0.0, uptime - started)
