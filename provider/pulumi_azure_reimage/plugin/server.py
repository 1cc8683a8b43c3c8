"""The gRPC server of the plugin, which ends without a traceback and reports each error as one line.

Pulumi's own `pulumi.provider.main` and `component_provider_host` append Python frames to each error of a
constructor, drop some resource options, and end with a traceback (SDK 3.272.0, pulumi/provider/server.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
from pulumi import ResourceOptions, RunError
from pulumi.provider.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from ..dynamic.host_python import refusal
from ..errors import ReimageError
from .options import add_dropped, choose_providers, respell_options
from .provider import ComponentProvider

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi.runtime.proto import ConfigureRequest, ConfigureResponse, ConstructRequest, ConstructResponse


# Seconds.
_LOOKS_EVERY = 1.0


class Servicer(ProviderServicer):
    """Answers the engine."""

    provider: ComponentProvider

    def __init__(self, provider: ComponentProvider, engine: str, refusal: Callable[[], str | None]) -> None:
        """Prepare to serve.

        Args:
            provider: The provider that is served.
            engine: The address of the engine.
            refusal: Returns why no component can work here, or None. It may take a second.
        """
        super().__init__(provider, [], engine)
        self._refusal = refusal
        self._refused: asyncio.Future[str | None] | None = None

    async def Configure(  # noqa: N802 - the protocol's name.
        self, request: ConfigureRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> ConfigureResponse:
        """Keep the settings of a provider that the program has declared."""
        try:
            self.provider.explicit.configure(request)
        except RunError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return await super().Configure(request, context)

    async def Construct(  # noqa: N802 - the protocol's name.
        self, request: ConstructRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> ConstructResponse:
        """Declare a component. An error of ours is one line."""
        # Checked once, and not again for each component of a program.
        self._refused = self._refused or asyncio.ensure_future(asyncio.to_thread(self._refusal))
        if refused := await self._refused:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, refused)
        try:
            return await self._construct(request, context)
        except (ReimageError, RunError) as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, respell_options(str(error)))

    def _construct_options(self, request: ConstructRequest) -> ResourceOptions:  # type: ignore[override]
        # It is static in the base class, which calls it on this object, which knows what the program has
        # declared.
        options = add_dropped(super()._construct_options(request), request)
        declared = self.provider.explicit.declared(request.monitorEndpoint)
        return choose_providers(options, request.parent, declared)


def serve(engine: str) -> None:
    """Serve the component until the process is asked to end.

    Args:
        engine: The address of the engine.
    """
    with contextlib.suppress(KeyboardInterrupt):
        servicer = Servicer(ComponentProvider(), engine, partial(refusal, os.environ, Path.cwd()))
        asyncio.run(_serve(servicer, os.getppid()))


async def _serve(servicer: Servicer, parent: int) -> None:
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # On Windows, the loop supports no handlers, and the process is ended directly.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await server.start()
    # The engine reads the port from stdout, where nothing else may be written.
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await _wait_for_end(ended, parent)
    await server.stop(grace=None)


async def _wait_for_end(asked: asyncio.Event, parent: int) -> None:
    """Wait until the process is asked to end, or its parent process is gone, as after a `kill -9`."""
    while not asked.is_set() and os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), _LOOKS_EVERY)
