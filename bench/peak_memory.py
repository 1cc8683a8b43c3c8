"""The peak memory of the engine, as the kernel counts it (`VmHWM` in /proc)."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

_INTERVAL = 0.1
_KIBIBYTE = 1024


class PeakMemory:
    """Watches the `pulumi` processes that this process starts while the block runs.

    The kernel keeps the maximum, so only what happens after the last look is missed.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(_INTERVAL):
            for process in Path("/proc").iterdir():
                if process.name.isdecimal():
                    self.bytes = max(self.bytes, _peak_of_engine(process))


def _peak_of_engine(process: Path) -> int:
    """Return the peak of a process in bytes, or 0 if it is not an engine of ours or has ended meanwhile."""
    try:
        lines = (process / "status").read_text().splitlines()
    except OSError:
        return 0
    status = {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
    ours = status.get("Name") == "pulumi" and status.get("PPid") == str(os.getpid())
    # A process that is ending no longer has memory.
    return int(status["VmHWM"].split()[0]) * _KIBIBYTE if ours and "VmHWM" in status else 0
