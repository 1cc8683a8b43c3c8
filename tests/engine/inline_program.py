"""Makes a program suitable for a test process: the SDK cleans up after it even if the update fails.

When an update fails, the engine is gone before the SDK cleans up after an inline program. The SDK then fails
on its own log messages, and on what the tasks that it cancels raise. The event loop, its sockets and half-run
coroutines are left to the garbage collector, which complains later, in whichever test runs at that time.
"""

import asyncio
import contextlib
import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import grpc
from pulumi.runtime import settings

Program = Callable[[], None]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def tidy(program: Program) -> Program:
    """Return the same program, after which the SDK can clean up."""

    @functools.wraps(program)
    def run() -> None:
        engine = settings.get_engine()
        if engine is not None:
            engine.Log = _tolerant(engine.Log, grpc.RpcError)
        # The call that runs this program has begun. Only the calls of the clean-up are changed here.
        loop = asyncio.get_running_loop()
        vars(loop)["run_until_complete"] = _tolerant(loop.run_until_complete, Exception)
        program()

    return run


def _tolerant(call: Callable[_P, _R], expected: type[Exception]) -> Callable[_P, _R | None]:
    def tolerant(*args: _P.args, **kwargs: _P.kwargs) -> _R | None:
        with contextlib.suppress(expected):
            return call(*args, **kwargs)
        return None

    return tolerant
