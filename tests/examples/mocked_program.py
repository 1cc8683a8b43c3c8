"""Runs a program folder on Pulumi's mocks, and keeps what it requested from the engine."""

import asyncio
import contextlib
import contextvars
import os
import runpy
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.proto.resource_pb2 import RegisterResourceRequest, RegisterResourceResponse

_GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/example"


@dataclass(frozen=True, slots=True)
class Registered:
    """A resource that a program declared.

    Attributes:
        urn: The name that the engine gave it.
        id: The id that the mocks gave it.
        inputs: Its inputs as the engine gets them; a secret is an object with Pulumi's signature.
        dependencies: The URNs of the resources that come first.
        ignored: The paths that `ignore_changes` names.
    """

    urn: str
    id: str
    inputs: Mapping[str, Any]
    dependencies: frozenset[str]
    ignored: tuple[str, ...]


class _Mocks(pulumi.runtime.Mocks):
    """Gives every resource an id and a name, and its inputs as outputs."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        # azure-native:compute:VirtualMachine -> Microsoft.Compute/virtualMachines
        namespace, kind = args.typ.split(":")[-2:]
        arm_type = f"Microsoft.{namespace.capitalize()}/{kind[0].lower()}{kind[1:]}s"
        return f"{_GROUP}/providers/{arm_type}/{args.name}", {**args.inputs, "name": args.name}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], None]:
        raise NotImplementedError(args.token)


class _Monitor(pulumi.runtime.mocks.MockMonitor):
    """The mocks' engine, with a memory."""

    def __init__(self) -> None:
        super().__init__(_Mocks())
        self.registered: dict[str, Registered] = {}

    def RegisterResource(self, request: RegisterResourceRequest) -> RegisterResourceResponse:  # noqa: N802 - gRPC's
        # The SDK has no types here.
        response: RegisterResourceResponse = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        self.registered[request.type] = Registered(
            urn=response.urn,
            id=response.id,
            inputs=pulumi.runtime.rpc.deserialize_properties(request.object, keep_unknowns=True),
            dependencies=frozenset(request.dependencies),
            ignored=tuple(request.ignoreChanges),
        )
        return response


def run_program(folder: Path, config: Mapping[str, str]) -> dict[str, Registered]:
    """Run `__main__.py` of `folder` in that folder, and return its resources by type.

    Args:
        folder: The program's folder; its Pulumi.yaml is not read.
        config: The stack configuration; a key without a namespace is the project's.
    """
    # Pulumi keeps the engine that it talks to in context variables, so a separate context leaves no trace.
    return contextvars.Context().run(_run, folder, config)


def _run(folder: Path, config: Mapping[str, str]) -> dict[str, Registered]:
    monitor = _Monitor()
    # The SDK makes an event loop wherever it finds none, and never closes one.
    with (
        contextlib.closing(asyncio.new_event_loop()) as loop,
        contextlib.closing(asyncio.new_event_loop()) as loop_of_worker,
        ThreadPoolExecutor(1, initializer=asyncio.set_event_loop, initargs=(loop_of_worker,)) as worker,
        contextlib.chdir(folder),
    ):
        loop.set_default_executor(worker)
        asyncio.set_event_loop(loop)
        try:
            pulumi.runtime.set_mocks(_Mocks(), project="example", stack="test", monitor=monitor)
            pulumi.runtime.set_all_config(
                {key if ":" in key else f"example:{key}": value for key, value in config.items()}
            )
            # `test` waits until everything is registered. The SDK has no types here either.
            pulumi.runtime.test(lambda: _run_file(folder))()  # type: ignore[no-untyped-call]
        finally:
            asyncio.set_event_loop(None)
    return monitor.registered


def _run_file(folder: Path) -> None:
    runpy.run_path(os.fspath(folder / "__main__.py"), run_name="__main__")
