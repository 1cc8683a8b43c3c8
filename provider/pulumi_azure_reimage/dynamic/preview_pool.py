"""Previews that run ahead of the engine, so that a fleet is previewed as fast as one machine.

The engine checks and diffs resources one after the other (`PULUMI_PARALLEL_DIFF` is off by default), so with
a diff that waits for Azure, the times of all machines would add up. Therefore ReimageOperation begins to look
at its VM and returns, and ReimageResult waits for the outcome when its turn comes, after the turns of all
operations.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

# Each of them has one request in flight. Azure allows a subscription far more.
_AT_ONCE = 16


class PreviewPool:
    """The previews that have begun and that nothing has waited for yet, one for each component, by URN.

    A diff can be repeated, so each preview has a subject, which shows whether it has already begun.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="preview")
        self._begun: dict[str, tuple[Hashable, Future[None]]] = {}
        self._lock = Lock()

    def has_begun(self, urn: str, subject: Hashable) -> bool:
        """Return whether the latest preview of a component is the one of `subject`."""
        latest = self._begun.get(urn)
        return latest is not None and latest[0] == subject

    def begin(self, urn: str, subject: Hashable, preview: Callable[[], None]) -> None:
        """Begin a preview of `subject`, and return.

        Raises:
            RuntimeError: it has already begun.
        """
        with self._lock:
            if self.has_begun(urn, subject):
                raise RuntimeError(f"The preview of {urn} was begun twice.")
            self._begun[urn] = (subject, self._threads.submit(preview))

    def finish(self) -> None:
        """Wait until all previews that have begun have looked at their VMs."""
        with self._lock:
            begun = [future for _, future in self._begun.values()]
        wait(begun)

    def wait(self, urn: str) -> None:
        """Wait for the latest preview of a component, if one has begun, and raise what it raised, once."""
        latest = self._begun.pop(urn, None)
        if latest is not None:
            latest[1].result()
