"""Makes a program fit for a test process: the SDK tidies up after it even when the update fails.

When an update fails, the engine is gone before the SDK tidies up after an inline program. The SDK then
stumbles over its own log messages, and over what the tasks that it cancels raise. The event loop, its sockets
and half-run coroutines are left to the garbage collector, which complains later, in whichever test runs then.
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
    """Return the same program, after which the SDK can tidy up."""

    @functools.wraps(program)
    def run() -> None:
        engine = settings.get_engine()
        if engine is not None:
            engine.Log = _tolerant(engine.Log, grpc.RpcError)
        # The call that runs this program has begun; the ones that are changed here are those of the tidying.
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
