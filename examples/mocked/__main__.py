"""A VM that is reimaged for every release. test_program.py tests it without an engine."""

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage

config = pulumi.Config()

VirtualMachineReimage(
    "web",
    vm_id=config.require("vmId"),
    triggers={"release": config.require("release")},
    require_delete_option="Detach",
)
