"""The gRPC server of the plugin, which ends without a traceback and reports each error as one line.

Pulumi's own `pulumi.provider.main` and `component_provider_host` put Python frames behind each error of a
constructor, drop some resource options, and end with a traceback (SDK 3.272.0, pulumi/provider/server.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
from pulumi import ResourceOptions, RunError
from pulumi.provider.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from ..errors import ReimageError
from .options import add_dropped, choose_providers, respell_options
from .provider import ComponentProvider

if TYPE_CHECKING:
    from pulumi.provider.provider import Provider
    from pulumi.runtime.proto import ConfigureRequest, ConfigureResponse, ConstructRequest, ConstructResponse


class Servicer(ProviderServicer):
    """Answers the engine."""

    provider: ComponentProvider

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
        """Declare a component; an error of ours is one line."""
        try:
            return await self._construct(request, context)
        except (ReimageError, RunError) as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, respell_options(str(error)))

    def _construct_options(self, request: ConstructRequest) -> ResourceOptions:  # type: ignore[override]
        # Static in the base, which calls it on this object; what a program has declared is known to that.
        options = add_dropped(super()._construct_options(request), request)
        declared = self.provider.explicit.declared(request.monitorEndpoint)
        return choose_providers(options, request.parent, declared)


def serve(engine: str) -> None:
    """Serve the component until the process is asked to end.

    Args:
        engine: The address of the engine.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(ComponentProvider(), engine))


async def _serve(provider: Provider, engine: str) -> None:
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(provider, [], engine), server)
    port = server.add_insecure_port("127.0.0.1:0")
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no handlers in the loop, and ends the process.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await server.start()
    # The engine reads the port, and nothing else may be there.
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await ended.wait()
    await server.stop(grace=None)
