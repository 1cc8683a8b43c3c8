"""One run of the engine, as far as a host process knows: who decides, what was sent, and since when.

Plugins run in process groups of their own: a kill -9 of the CLI leaves the host process alive in the middle
of a call (seen with CLI 3.259.0). So before each POST it is checked that the CLI still lives.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..clock import Clock

# An orphaned host that has passed its check sends within 2 s; ARM gives a resource provider 60 s (ARM RPC
# v1.0, "Client Request Timeout"); a view of the VM is assumed to be current after 30 s. And a little more.
FENCE_SECONDS = 95.0


@dataclass(slots=True)
class Run:
    """One run.

    Attributes:
        id: A random id, never a process id, because those are used again.
        engine_is_gone: Returns why nothing may be sent any more, if the engine does not listen any more.
        cli_age: Returns the number of seconds since the CLI of this run started; None if that cannot be read.
    """

    engine_is_gone: Callable[[], str | None] = lambda: None
    cli_age: Callable[[], float | None] = lambda: None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _sent: set[str] = field(default_factory=set)
    _updates_since: float | None = None
    _lock: Lock = field(default_factory=Lock)

    def begin_update(self, clock: Clock) -> None:
        """Note that a resource is created or updated: the first time starts the fence of all machines."""
        with self._lock:
            if self._updates_since is None:
                self._updates_since = clock.monotonic()

    def updates_since(self, clock: Clock) -> float:
        """Return the reading of the monotonic clock at which this run began to create and update."""
        return clock.monotonic() if self._updates_since is None else self._updates_since

    def send_once(self, request_id: str) -> bool:
        """Note that a request is about to be sent, and return whether that is so for the first time here."""
        with self._lock:
            first = request_id not in self._sent
            self._sent.add(request_id)
            return first


def watch_parent() -> Callable[[], str | None]:
    """Return what reports that the process that started this one, the CLI, has ended."""
    parent = os.getppid()

    def engine_is_gone() -> str | None:
        return None if os.getppid() == parent else "the Pulumi engine of this run has ended"

    return engine_is_gone


def parent_age() -> float | None:
    """Return the number of seconds since the parent process started; None where /proc does not tell."""
    try:
        # Field 22, after a name in parentheses that may hold blanks: man 5 proc.
        stat = Path(f"/proc/{os.getppid()}/stat").read_text(encoding="utf-8", errors="replace")
        started = int(stat.rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
        uptime = float(Path("/proc/uptime").read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError, AttributeError):
        return None
    return max(0.0, uptime - started)
