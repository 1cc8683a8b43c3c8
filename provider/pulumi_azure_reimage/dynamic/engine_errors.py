"""Errors in the form that Pulumi's engine understands: as a single line, with outputs to keep, or as pending.

A provider reports these forms as details of a gRPC status. Pulumi's Python host has no way to set them,
because it answers each exception with the text of its traceback. This module finds the gRPC context of the
call, which is a local variable in one of the calling frames, and adds the details to the answer before the
host sends it.

Rule 1: the host's frames are not an interface. If the context is not found, the host reports the exception
like any other. So no promise about a disk may depend on this module.
Rule 2: the engine shows the message unchanged, so it must be redacted before it comes here.

docs/decisions/0011-errors-in-the-engines-form.md has the sources and the observations.
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
# The code with which the host answers exceptions. Clients ignore details with a different code.
_CODE: int = grpc.StatusCode.UNKNOWN.value[0]


class KeepingError(Exception):
    """A step failed, and the engine must save its outputs. To be raised inside `OneLineErrors`.

    The engine saves the outputs of a failed update with the inputs of the last step that succeeded, and calls
    `update` in the next run with these outputs as the old ones, unless a refresh in between forgets the
    failure. So a repeat must rely on the outputs.

    Attributes:
        error: The error that the user is shown.
        id_: The resource's id.
        outputs: All outputs. `OneLineErrors` adds the host's own key.
        inputs: The inputs as the host passed them.
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
    """A wait ended before the operation did. To be raised inside `OneLineErrors`.

    The engine shows its own text, "resource is awaiting", instead of the message, so `warn` must show it. A
    stack output that comes from the resource is unknown until the next run that succeeds.

    Attributes:
        error: The error that the user is shown.
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
    """Raise an error whose message the engine prints without a traceback."""
    _raise(error, None)


def raise_keeping(
    error: ReimageError, id_: str, outputs: Mapping[str, object], inputs: Mapping[str, object]
) -> NoReturn:
    """Raise an error with which the engine saves `outputs` although the step failed.

    Args:
        error: What went wrong.
        id_: The resource's id.
        outputs: All outputs, including `__provider`, because the engine saves them as they are.
        inputs: The inputs, including `__provider`.
    """
    _raise(
        error,
        provider_pb2.ErrorResourceInitFailed(
            id=id_, properties=_serialize(outputs), inputs=_serialize(inputs), reasons=[str(error)]
        ),
    )


def raise_pending(error: ReimageError) -> NoReturn:
    """Raise an error that the engine reports as pending. It keeps the old state and exits with code 10.

    Pulumi 3.274 and newer know it. An older engine prints the message as for a clean error, and an SDK
    without a type for the detail sends a clean error.
    """
    pending = getattr(provider_pb2, "ErrorResourceAwaitFailed", None)
    _raise(error, pending() if pending else None)


def _raise(error: ReimageError, detail: Message | None) -> NoReturn:
    context = _find_context()
    if context is not None:
        context.set_trailing_metadata(((_DETAILS, _status(str(error), detail)),))
    # The host also prints the causes of an exception.
    raise error.with_traceback(None) from None


def _status(message: str, detail: Message | None) -> bytes:
    """Return a `google.rpc.Status`. The engine reads its message and its first detail."""
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
        # Our own functions have variables of this name too, so the type decides.
        found = frame.f_locals.get("context")
        if isinstance(found, grpc.ServicerContext):
            return found
        frame = frame.f_back
    return None
