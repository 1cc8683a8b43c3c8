"""The dynamic resources as a program declares them, and how state names their providers.

A program imports this module, but neither a provider nor its dependencies, such as HTTP. The host loads
those.

The type tokens, the path of `load_provider`, its parameters and its names are state format, which is frozen.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import Resource, ResourceProvider

from ..version import VERSION
from .pickled_call import pickled_call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi import Output, ResourceOptions

# `_get_stack_trace` of pulumi.runtime.resource walks through the frames of the SDK and then those of the
# constructor that called it, from the innermost.
_SDK_FRAMES = 5
# A transformation of the program runs inside such a constructor, and may itself construct resources.
_frames_are_limited = RLock()

_PROVIDERS = {
    "request": ("request", "ReimageRequestProvider"),
    "operation": ("operation", "ReimageOperationProvider"),
    "result": ("result", "ReimageResultProvider"),
}


def load_provider(name: str, version: str = "") -> ResourceProvider:
    """Return the provider of a resource. The host calls this when it reads the provider from state.

    Args:
        name: The name of the resource.
        version: The version of this package in the program that declared the resource last.
    """
    module, provider = _PROVIDERS[name]
    made: ResourceProvider = getattr(import_module(f"{__package__}.{module}"), provider)(version)
    return made


class ProviderByName(ResourceProvider):
    """Represents a provider in the program. Pickled into state, it is a text that calls `load_provider`."""

    # The pickled call holds no secret. As a secret, it would be encrypted again at every save.
    serialize_as_secret_always = False

    def __init__(self, name: str) -> None:
        self._name = name

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Return what unpickling calls."""
        return eval, (pickled_call(self._name, VERSION),)


class ReimageRequest(Resource, module="azure-reimage", name="ReimageRequest"):
    """The decision to reimage a VM, with the look at it that is saved before anything is sent."""

    # Pulumi resolves annotations again for each resource, and needs none, because these values are plain
    # JSON.
    if TYPE_CHECKING:
        vm_id: Output[str]
        triggers: Output[dict[str, Any] | None]
        exact_version: Output[str | None]
        request: Output[dict[str, Any]]

    def __init__(self, name: str, props: dict[str, Any], opts: ResourceOptions) -> None:
        # An output must be declared to be unknown, rather than absent, in a preview. The state is one output
        # instead of one for each part, because a preview does not know an output that is None, as some parts
        # are, and would announce that the next resource changes. Each output also costs preview time.
        with short_call_stack(2):
            super().__init__(ProviderByName("request"), name, {**props, "request": None}, opts)


class ReimageOperation(Resource, module="azure-reimage", name="ReimageOperation"):
    """How far the request got: what Azure accepted, or what is in doubt."""

    if TYPE_CHECKING:
        exact_version: Output[str | None]
        operation: Output[dict[str, Any]]

    def __init__(self, name: str, props: dict[str, Any], opts: ResourceOptions) -> None:
        with short_call_stack(2):
            super().__init__(ProviderByName("operation"), name, {**props, "operation": None}, opts)


class ReimageResult(Resource, module="azure-reimage", name="ReimageResult"):
    """The end of a reimage, or the baseline before the first one."""

    if TYPE_CHECKING:
        result: Output[dict[str, Any]]

    def __init__(self, name: str, props: dict[str, Any], opts: ResourceOptions) -> None:
        with short_call_stack(2):
            super().__init__(ProviderByName("result"), name, {**props, "result": None}, opts)


@contextmanager
def short_call_stack(frames: int) -> Iterator[None]:
    """Limit how many frames of the call stack of a resource Pulumi records.

    The SDK records the call stack of each resource in state, which the engine writes at every step. It has 2
    kB per resource if the program runs under the Automation API, mostly frames of the SDK and of Python.
    Python can limit the frames that are walked only for the whole process, so the limit lasts only for the
    call.

    Args:
        frames: How many are recorded, starting with the constructor of the resource.
    """
    with _frames_are_limited:
        before = getattr(sys, "tracebacklimit", None)
        sys.tracebacklimit = _SDK_FRAMES + frames
        try:
            yield
        finally:
            if before is None:
                del sys.tracebacklimit
            else:
                sys.tracebacklimit = before
