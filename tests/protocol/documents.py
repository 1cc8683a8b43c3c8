"""What Azure writes: the document of a VM, the URL of an operation, and a refusal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pulumi_azure_reimage.arm.image import Image
from pulumi_azure_reimage.arm.response import Response
from pulumi_azure_reimage.arm.virtual_machine import DiskFacts, VirtualMachine

from .stage import START

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi_azure_reimage.arm.lro import Link

    from .world import View

RETRY_AFTER = 10.0
_SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
_DISK = f"{_SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/disks/"
_URL = f"https://management.azure.com{_SUBSCRIPTION}/providers/Microsoft.Compute/locations/westus/operations/"


def machine(view: View, *, ephemeral: bool, read_at: datetime) -> VirtualMachine:
    """Return a VM as ARM describes it, which is `Updating` while an operation runs (recorded)."""
    return VirtualMachine(
        name="web",
        provisioning_state="Updating" if view.busy else "Succeeded" if view.ok else "Failed",
        etag=f"etag-{view.touched}",
        disk=DiskFacts(f"vm-{view.vm}", f"{_DISK}disk-{view.disk}", view.version, "Detach", ephemeral),
        location="westus",
        os_type="Linux",
        image=Image(marketplace=("p", "o", "s")),
        power=view.power,
        created_at=START + timedelta(seconds=view.created),
        status_times=(f"time-{view.touched}",),
        read_at=read_at,
    )


def operation_url(number: int) -> str:
    """Return the URL of an operation."""
    return f"{_URL}op-{number}"


def operation_number(link: Link) -> int:
    """Return the number of the operation that a link names."""
    return int(link.url.rpartition("-")[2])


def refusal(status: int, code: str) -> Response:
    """Return ARM's answer to a request that it refuses."""
    body = f'{{"error": {{"code": "{code}", "message": "No."}}}}'
    return Response(status, {"content-type": "application/json"}, body.encode())
