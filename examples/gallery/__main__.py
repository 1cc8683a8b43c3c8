"""Many VMs that get a new image version from a compute gallery, no more than ten in one run.

    pulumi config set --path 'vmIds.web-01' /subscriptions/.../virtualMachines/web-01
    pulumi config set imageVersion 1.4.0
    pulumi config set azure-reimage:maxReimagesPerRun 10

`wave` names the VMs of the next run: the others keep their version until it is their turn.

    pulumi config set --path 'wave[0]' web-01
"""

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage

config = pulumi.Config()
wave = set(config.get_object("wave") or [])

for name, vm_id in config.require_object("vmIds").items():
    VirtualMachineReimage(
        name,
        # A change that is ignored is not lost. It is due as soon as it is no longer ignored.
        pulumi.ResourceOptions(ignore_changes=[] if name in wave else ["exactVersion"]),
        vm_id=vm_id,
        exact_version=config.require("imageVersion"),
        # A VM that was created from this version needs no reimage.
        skip_if_current=True,
    )
