"""Errors in the form that Pulumi's engine understands: a single line, with outputs that it keeps, or pending.

A provider reports these forms as details of a gRPC status. Pulumi's Python host has no way to set them: it
answers each exception with the text of its traceback. This module finds the gRPC context of the call, which
is a local variable in one of the calling frames, and adds the details to the answer before the host sends it.

Rule 1: the host's frames are no interface. The context is looked for, and without it the exception leaves as
the host reports every exception. So no promise about a disk may depend on this module.
Rule 2: the message is shown by the engine as it is, so it was redacted before it comes here.

docs/decisions/0011-errors-in-the-engines-form.md has the sources and what was seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from typing import TYPE_CHECKING, NoReturn

import grpc
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, status_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.message import Message
    from google.protobuf.struct_pb2 import Struct

    from ..errors import ReimageError

# https://github.com/grpc/grpc/blob/master/src/python/grpcio_status/grpc_status/_common.py
_DETAILS = "grpc-status-details-bin"
# The code with which the host answers exceptions. Clients ignore details that name another one.
_CODE: int = grpc.StatusCode.UNKNOWN.value[0]


class KeepingError(Exception):
    """A step failed, and the engine is to save its outputs; to be raised inside of `OneLineErrors`.

    The engine saves the outputs of a failed update with the inputs of the last step that succeeded, and calls
    `update` in the next run with these outputs as the old ones, unless a refresh came between: that forgets
    the failure. So a repeat must rest on the outputs.

    Attributes:
        error: What went wrong, which is what the user is shown.
        id_: The resource's id.
        outputs: All outputs; the host's own key is added by `OneLineErrors`.
        inputs: The inputs as the host gave them.
    """

    def __init__(
        self, error: ReimageError, id_: str, outputs: Mapping[str, object], inputs: Mapping[str, object]
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.id_ = id_
        self.outputs = outputs
        self.inputs = inputs


class PendingError(Exception):
    """A wait ended before what it waits for; to be raised inside of `OneLineErrors`.

    The engine shows its own words, "resource is awaiting", and not the message, so that `warn` must show it.
    A stack output that comes from the resource is unknown until the next run that succeeds.

    Attributes:
        error: What is still running, which is what the user is shown.
        warn: Shows a sentence on the row of the resource.
    """

    def __init__(self, error: ReimageError, warn: Callable[[str], None]) -> None:
        super().__init__(error.message)
        self.error = error
        self.warn = warn


def can_keep_outputs() -> bool:
    """Report whether the engine will save the outputs of a `KeepingError` that is raised now."""
    return _find_context() is not None


def raise_clean(error: ReimageError) -> NoReturn:
    """Raise an error of which the engine prints the message and no traceback."""
    _raise(error, None)


def raise_keeping(
    error: ReimageError, id_: str, outputs: Mapping[str, object], inputs: Mapping[str, object]
) -> NoReturn:
    """Raise an error with which the engine saves `outputs` although the step failed.

    Args:
        error: What went wrong.
        id_: The resource's id.
        outputs: All outputs, `__provider` included, because the engine saves them as they are.
        inputs: The inputs, `__provider` included.
    """
    _raise(
        error,
        provider_pb2.ErrorResourceInitFailed(
            id=id_, properties=_serialize(outputs), inputs=_serialize(inputs), reasons=[str(error)]
        ),
    )


def raise_pending(error: ReimageError) -> NoReturn:
    """Raise an error that the engine reports as a pending wait: it keeps the old state and ends with code 10.

    Pulumi 3.274 and newer know it. An older engine prints the message as it does that of a clean error, and
    an SDK that has no type for the detail sends a clean error.
    """
    pending = getattr(provider_pb2, "ErrorResourceAwaitFailed", None)
    _raise(error, pending() if pending else None)


def _raise(error: ReimageError, detail: Message | None) -> NoReturn:
    context = _find_context()
    if context is not None:
        context.set_trailing_metadata(((_DETAILS, _status(str(error), detail)),))
    # The host prints the causes of an exception too.
    raise error.with_traceback(None) from None


def _status(message: str, detail: Message | None) -> bytes:
    """Return a `google.rpc.Status`, of which the engine reads the message and the first detail."""
    status = status_pb2.Status(code=_CODE, message=message)
    if detail is not None:
        status.details.add().Pack(detail)
    return status.SerializeToString()


def _serialize(properties: Mapping[str, object]) -> Struct:
    """Return properties as the host itself sends them."""
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(rpc.serialize_properties(dict(properties), {}))


def _find_context() -> grpc.ServicerContext | None:
    """Return the gRPC context of the call that this thread answers; None if no frame has one."""
    frame = inspect.currentframe()
    while frame is not None:
        # Functions of ours have variables of this name too, so that the type decides.
        found = frame.f_locals.get("context")
        if isinstance(found, grpc.ServicerContext):
            return found
        frame = frame.f_back
    return None
