"""The plugin declares nothing if the resources cannot run, and checks this once."""

import asyncio
from typing import Any, NoReturn

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from pulumi_azure_reimage.plugin.provider import ComponentProvider
from pulumi_azure_reimage.plugin.server import Servicer

REASON = "This Python lacks the package."


class AbortedError(Exception):
    """The call has ended with an error."""


class Context:
    """The context of the engine's call, as far as a refusal needs it."""

    async def abort(self, code: grpc.StatusCode, text: str) -> NoReturn:
        """End the call."""
        raise AbortedError(code, text)


def test_every_component_of_a_program_is_refused_after_one_check() -> None:
    """A program may declare hundreds at once, and each check starts a process."""
    looks: list[str] = []

    def look() -> str:
        looks.append("a look")
        return REASON

    servicer = Servicer(ComponentProvider(), "127.0.0.1:1", look)

    async def construct() -> None:
        context: Any = Context()
        await servicer.Construct(provider_pb2.ConstructRequest(), context)

    async def declare() -> list[BaseException | None]:
        return await asyncio.gather(*(construct() for _ in range(20)), return_exceptions=True)

    ended = asyncio.run(declare())

    assert [error.args for error in ended if isinstance(error, AbortedError)] == 20 * [
        (grpc.StatusCode.FAILED_PRECONDITION, REASON)
    ]
    assert len(looks) == 1


@pytest.mark.parametrize("name", ["Configure", "GetSchema"])
def test_a_call_that_declares_nothing_checks_nothing(name: str) -> None:
    """`pulumi package add` needs no resources, so it needs no Python for them."""

    def look() -> NoReturn:
        raise AssertionError

    servicer = Servicer(ComponentProvider(), "127.0.0.1:1", look)
    request: Any = {"Configure": provider_pb2.ConfigureRequest, "GetSchema": provider_pb2.GetSchemaRequest}
    context: Any = Context()

    assert asyncio.run(getattr(servicer, name)(request[name](), context)) is not None
