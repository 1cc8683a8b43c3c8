"""A reimage with Azure's own asynchronous client for Python, one command per line (`foreign_clients.py`)."""

from __future__ import annotations

import asyncio
import json
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any, Self

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute.aio import ComputeManagementClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


class StaticCredential:
    """A sign-in that always gives the same token."""

    async def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        """Return the token."""
        return AccessToken("static", 4_000_000_000)

    async def close(self) -> None:
        """Have nothing to close."""

    async def __aenter__(self) -> Self:
        """Return the sign-in."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        """Have nothing to close."""


class Machine:
    """One VM, as the client sees it.

    Every call has `enforce_https=False`: without it azure-core sends no token over HTTP.
    """

    def __init__(self, client: ComputeManagementClient, group: str, name: str) -> None:
        """Use a client of the simulator."""
        self._client = client
        self._vm = (group, name)

    async def show(self, _argument: str) -> dict[str, Any]:
        """Read the VM with its instance view."""
        vm: Any = await self._client.virtual_machines.get(
            *self._vm, expand="instanceView", enforce_https=False
        )
        return {
            "vm_id": vm.vm_id,
            "os_disk": vm.storage_profile.os_disk.managed_disk.id,
            "statuses": [status.code for status in vm.instance_view.statuses],
        }

    async def names(self, _argument: str) -> list[str]:
        """List the VMs of the resource group, page after page."""
        listed: Any = self._client.virtual_machines.list(self._vm[0], enforce_https=False)
        return [vm.name async for vm in listed]

    async def reimage(self, _argument: str) -> dict[str, Any]:
        """Reimage and wait for the end."""
        return await self._ended(self._client.virtual_machines.begin_reimage)

    async def resume(self, token: str) -> dict[str, Any]:
        """Wait for the end of a reimage that another process has started."""
        return await self._ended(self._client.virtual_machines.begin_reimage, continuation_token=token)

    async def interrupted(self, _argument: str) -> dict[str, Any]:
        """Start a reimage and do not wait for its end."""
        poller = await self._client.virtual_machines.begin_reimage(*self._vm, enforce_https=False)
        return {"token": poller.continuation_token(), "done": poller.done()}

    async def create(self, body: str) -> dict[str, Any]:
        """Create the VM from a body in JSON, as ARM reads it."""
        content = BytesIO(body.encode())
        return await self._ended(self._client.virtual_machines.begin_create_or_update, content)

    async def delete(self, _argument: str) -> dict[str, Any]:
        """Delete the VM."""
        return await self._ended(self._client.virtual_machines.begin_delete)

    async def _ended(
        self, begin: Callable[..., Any], *arguments: object, **options: object
    ) -> dict[str, Any]:
        try:
            await (await begin(*self._vm, *arguments, enforce_https=False, **options)).result()
        except HttpResponseError as error:
            return {"code": error.error.code if error.error else "", "text": str(error)}
        return {"code": "", "text": ""}


async def main(endpoint: str, subscription: str, group: str, name: str) -> None:
    """Answer each command with a line of JSON."""
    async with ComputeManagementClient(StaticCredential(), subscription, base_url=endpoint) as client:
        machine = Machine(client, group, name)
        while line := await asyncio.to_thread(sys.stdin.readline):
            command, _, argument = line.strip().partition(" ")
            answer = await getattr(machine, command)(argument)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
