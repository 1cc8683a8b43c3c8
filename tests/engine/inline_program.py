"""Runs a program inside the Automation API, and tidies up where the SDK does not.

When an update fails, the engine is gone before the SDK has tidied up after an inline program: it tries to log that
it does, and stops there. What is left then are the event loop, its sockets and half-run coroutines, and the
garbage collector complains about them at some later time, in whichever test runs then.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class InlineProgram:
    """A program that remembers in which thread and event loop the SDK has run it."""

    def __init__(self, program: Callable[[], None]) -> None:
        """Remember nothing yet."""
        self._program = program
        self._ran: tuple[threading.Thread, asyncio.AbstractEventLoop] | None = None

    def __call__(self) -> None:
        """Run the program."""
        self._ran = threading.current_thread(), asyncio.get_running_loop()
        self._program()

    def tidy_up(self) -> None:
        """Wait until the SDK's thread has ended, and close the event loop if that did not."""
        if self._ran is None:
            return
        thread, loop = self._ran
        thread.join()
        if loop.is_closed():
            return
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
