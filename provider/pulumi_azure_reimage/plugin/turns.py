"""Declares the resources of many components in turns: all decisions, then all sends, then all waits.

A program in Python declares its components one after the other and waits for none, so the engine has all
decisions before the first send, and all sends before the first wait. For other languages, the engine requests
each component separately. A wait that is declared early would occupy the engine and the dynamic host (which
has four threads in SDK 3.272.0) while other machines are still to be sent, and a preview would count only the
machines that it knows so far.

Rule: this affects speed and counts only. No safety depends on it, so it does not wait forever.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import pulumi

# In seconds. The engine requests all components that do not depend on another one within less.
_QUIET: Final = 0.5
# A machine that Azure works on for a long time does not delay the others.
_PATIENCE: Final = 30.0
_LOOKS_EVERY: Final = 0.05


class Turns:
    """The components that are being declared, and those of their resources that are not done yet."""

    def __init__(self, quiet: float = _QUIET, patience: float = _PATIENCE) -> None:
        """Expect components.

        Args:
            quiet: How many seconds must pass without another component before the last one counts as the
                last.
            patience: How many seconds to wait for a turn in which no resource gets done.
        """
        self._quiet, self._patience = quiet, patience
        self._joined = self._moved = 0.0
        self._pending: dict[str, set[asyncio.Future[str]]] = {}
        self._ended: dict[str, asyncio.Task[None]] = {}

    def join(self) -> None:
        """Note that another component is being declared."""
        self._joined = self._moved = asyncio.get_running_loop().time()

    def declared(self, turn: str, resource: pulumi.Resource) -> None:
        """Note that a resource was declared.

        Args:
            turn: The name of its turn.
            resource: The resource, which is done when it has its URN or has failed.
        """
        pending = self._pending.setdefault(turn, set())
        done = asyncio.ensure_future(_settled(resource.urn.future()))
        pending.add(done)
        done.add_done_callback(lambda ended: self._end(pending, ended))

    async def end_of(self, turn: str) -> None:
        """Wait until every resource of a turn is done, in all components that are being declared."""
        if turn not in self._ended or self._ended[turn].done():
            # One watcher for all waits, because a fleet has hundreds.
            self._ended[turn] = asyncio.ensure_future(self._watch(turn))
        await asyncio.shield(self._ended[turn])

    async def _watch(self, turn: str) -> None:
        loop = asyncio.get_running_loop()
        while self._pending.get(turn) or loop.time() < self._joined + self._quiet:
            if loop.time() >= self._moved + self._patience:
                return
            await asyncio.sleep(_LOOKS_EVERY)

    def _end(self, pending: set[asyncio.Future[str]], done: asyncio.Future[str]) -> None:
        pending.discard(done)
        self._moved = asyncio.get_running_loop().time()


async def _settled(urn: Awaitable[str | None]) -> str:
    try:
        return await urn or ""
    except Exception:  # noqa: BLE001 - the engine has reported it, and others continue.
        return ""
