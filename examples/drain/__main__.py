"""VMs behind a load balancer: each is drained before a reimage, and put back into service after a success."""

import asyncio
import json
import urllib.request

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage

config = pulumi.Config()


def put(name: str, *, in_service: bool) -> None:
    """Inform the load balancer. Any answer but a success raises an error, and then nothing is reimaged."""
    url, body = f"{config.require('loadBalancer')}/machines/{name}", json.dumps({"in_service": in_service})
    request = urllib.request.Request(url, body.encode(), method="PUT")  # noqa: S310 - our own load balancer.
    urllib.request.urlopen(request, timeout=60).close()  # noqa: S310 - as above.


async def drain(args: pulumi.ResourceHookArgs) -> None:
    """Take a VM out of service, in a thread, so that the VMs of a fleet do not wait for each other."""
    await asyncio.to_thread(put, args.name, in_service=False)


async def undrain(args: pulumi.ResourceHookArgs) -> None:
    """Put a VM back into service."""
    await asyncio.to_thread(put, args.name, in_service=True)


hooks = pulumi.ResourceHookBinding(before_update=[drain], after_update=[undrain])
for name, vm_id in config.require_object("vmIds").items():
    VirtualMachineReimage(
        name,
        pulumi.ResourceOptions(hooks=hooks),
        vm_id=vm_id,
        triggers={"release": config.require("release")},
        prevent_reimage=config.get_bool("freeze"),
    )
