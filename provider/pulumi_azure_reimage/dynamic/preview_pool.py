"""Previews that run ahead of the engine, so that a fleet is looked at as fast as one machine.

The engine checks and diffs resources one after the other (`PULUMI_PARALLEL_DIFF` is off by default). A diff
that waited for Azure would make a preview as long as the sum of its machines. So ReimageOperation begins the
look at its VM and returns; ReimageResult, whose turn comes when all operations had theirs, waits for what
came out. One process serves both. Were it two, the preview would miss a refusal; the update would not.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Each of them has one request on its way. Azure allows a subscription far more.
_AT_ONCE = 16


class PreviewPool:
    """The previews that have begun and that nobody has asked after yet, by the URN of their component."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="preview")
        self._begun: dict[str, Future[None]] = {}

    def begin(self, urn: str, preview: Callable[[], None]) -> None:
        """Begin a preview, and return."""
        self._begun[urn] = self._pool.submit(preview)

    def end(self, urn: str) -> None:
        """Wait for the end of a component's preview, if one has begun; raise what it raised."""
        begun = self._begun.pop(urn, None)
        if begun is not None:
            begun.result()


@cache
def ahead() -> PreviewPool:
    """Return the previews of this process, which the providers of both resources share."""
    return PreviewPool()
