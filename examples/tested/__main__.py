"""A VM that is reimaged for every release. test_program.py has its tests."""

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage

config = pulumi.Config()
release = config.require("release")

reimage = VirtualMachineReimage(
    "web",
    vm_id=config.require("vmId"),
    triggers={"release": release},
)

pulumi.export("osDisk", reimage.os_disk_id)
pulumi.export("release", release)
