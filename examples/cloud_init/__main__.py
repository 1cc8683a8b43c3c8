"""A VM that is reimaged when its cloud-init file changes.

    pulumi config set vmId /subscriptions/.../virtualMachines/web

The new system reads the user data that the VM has in Azure when its disk boots, so the VM must have the new
file by then. ../azure declares the VM too, in the right order.
"""

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage, hash_files

config = pulumi.Config()

reimage = VirtualMachineReimage(
    "web",
    vm_id=config.require("vmId"),
    triggers={"cloud-init": hash_files("cloud-init.yaml")},
)

pulumi.export("causes", reimage.causes)
