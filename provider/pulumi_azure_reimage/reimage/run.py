"""One run of the engine, as far as a host process knows it: who decides, what was sent, and since when.

Plugins run in their own process groups, so a kill -9 of the CLI leaves the host process alive in the middle
of a call (seen with CLI 3.259.0). So the host checks before each POST that the engine still listens.

Nothing here outlives the run or decides whether a request was accepted, which is the purpose of the state.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..clock import Clock

FENCE_SECONDS = 95.0
"""How long a POST of ours can still arrive, or its effect be missing from a view of the VM.

An orphaned host that has passed its check sends within 2 s. ARM gives a resource provider 60 s (ARM RPC v1.0,
"Client Request Timeout"). A view of the VM is assumed to be current after 30 s. The rest is a margin.
"""
LOG_SECONDS = FENCE_SECONDS + 20 * 60.0
"""How long an event may be missing from the activity log, after its request can no longer arrive.

The log's documentation says 3 to 20 minutes.
"""
VIEW_SECONDS = 30.0
"""How long a view of the VM may be late (assumption)."""
LOOK_SECONDS = 5.0
"""How old the look at the VM may be when a POST is written."""

_UPDATES = "updates"
_LOST = "lost"
# All lost answers of a run are watched together for this many fences. The host has four threads, so fifty
# machines would otherwise wait one after the other.
_WATCHED_FENCES = 1.4


@dataclass(slots=True)
class Run:
    """One run.

    Attributes:
        id: A random id, and not a process id, because those are reused.
        engine_is_gone: Returns why nothing more may be sent, if the engine no longer listens.
        cli_age: Returns the number of seconds since the CLI of this run started; None if that cannot be read.
    """

    engine_is_gone: Callable[[], str | None] = lambda: None
    cli_age: Callable[[], float | None] = lambda: None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    # `setdefault` of a dict is atomic, so the host's threads need no lock.
    _sent: dict[str, object] = field(default_factory=dict)
    _first: dict[str, float] = field(default_factory=dict)
    _posted: dict[str, float] = field(default_factory=dict)

    def begin_update(self, clock: Clock) -> None:
        """Note that a resource is created or updated. The first time starts the fence of all machines."""
        self._first.setdefault(_UPDATES, clock.monotonic())

    @property
    def is_updating(self) -> bool:
        """Whether a resource was created or updated in this run, which is then not a preview."""
        return _UPDATES in self._first

    def note_post(self, vm: str, clock: Clock) -> None:
        """Note that a POST for a VM is about to be written."""
        self._posted[vm] = clock.monotonic()

    def last_moment(self, vm: str, clock: Clock) -> float:
        """Return the last moment at which a POST of ours for a VM can have been sent, by the monotonic clock.

        That is the start of this run's update, because another host may have sent until then, or the last
        POST of this host if it was later. A hook of a program can make the engine repeat a step in the same
        host.
        """
        began = self._first.get(_UPDATES, clock.monotonic())
        return max(began, self._posted.get(vm, began))

    def watched_until(self, clock: Clock, fence: float) -> float:
        """Return until when the step that sent a request may watch for its answer, by the monotonic clock."""
        first = self._first.setdefault(_LOST, clock.monotonic())
        return min(clock.monotonic() + fence, first + _WATCHED_FENCES * fence)

    def send_once(self, request_id: str) -> bool:
        """Note that a request is about to be sent, and return whether that is the first time here."""
        mine = object()
        return self._sent.setdefault(request_id, mine) is mine
