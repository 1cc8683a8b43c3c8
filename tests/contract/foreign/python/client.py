"""A reimage with Azure's own client for Python, one command per line (see `foreign_clients.py`)."""

from __future__ import annotations

import json
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import ComputeManagementClient

if TYPE_CHECKING:
    from collections.abc import Callable


class StaticCredential:
    """A sign-in that always gives the same token."""

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        """Return the token."""
        return AccessToken("static", 4_000_000_000)


class Machine:
    """One VM, as the client sees it.

    Every call has `enforce_https=False`: without it azure-core sends no token over HTTP.
    """

    def __init__(self, endpoint: str, subscription: str, group: str, name: str) -> None:
        """Make a client of the simulator at `endpoint`."""
        self._client = ComputeManagementClient(StaticCredential(), subscription, base_url=endpoint)
        self._vm = (group, name)

    def show(self, _argument: str) -> dict[str, Any]:
        """Read the VM with its instance view."""
        vm: Any = self._client.virtual_machines.get(*self._vm, expand="instanceView", enforce_https=False)
        return {
            "vm_id": vm.vm_id,
            "os_disk": vm.storage_profile.os_disk.managed_disk.id,
            "statuses": [status.code for status in vm.instance_view.statuses],
        }

    def names(self, _argument: str) -> list[str]:
        """List the VMs of the resource group, page after page."""
        listed: Any = self._client.virtual_machines.list(self._vm[0], enforce_https=False)
        return [vm.name for vm in listed]

    def reimage(self, _argument: str) -> dict[str, Any]:
        """Reimage and wait for the end."""
        return self._ended(self._client.virtual_machines.begin_reimage)

    def resume(self, token: str) -> dict[str, Any]:
        """Wait for the end of a reimage that another process has started."""
        return self._ended(self._client.virtual_machines.begin_reimage, continuation_token=token)

    def interrupted(self, _argument: str) -> dict[str, Any]:
        """Start a reimage and do not wait for its end."""
        poller = self._client.virtual_machines.begin_reimage(*self._vm, enforce_https=False)
        return {"token": poller.continuation_token(), "done": poller.done()}

    def create(self, body: str) -> dict[str, Any]:
        """Create the VM from a body in JSON, as ARM reads it."""
        content = BytesIO(body.encode())
        return self._ended(self._client.virtual_machines.begin_create_or_update, content)

    def delete(self, _argument: str) -> dict[str, Any]:
        """Delete the VM."""
        return self._ended(self._client.virtual_machines.begin_delete)

    def _ended(self, begin: Callable[..., Any], *arguments: object, **options: object) -> dict[str, Any]:
        try:
            begin(*self._vm, *arguments, enforce_https=False, **options).result()
        except HttpResponseError as error:
            return {"code": error.error.code if error.error else "", "text": str(error)}
        return {"code": "", "text": ""}


def main() -> None:
    """Answer each command with a line of JSON."""
    machine = Machine(*sys.argv[1:5])
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        sys.stdout.write(json.dumps(getattr(machine, command)(argument)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
