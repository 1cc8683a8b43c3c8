"""VMs that are reimaged when the date beside them changes, in a commit that is reviewed."""

import tomllib
from pathlib import Path

from pulumi_azure_reimage import VirtualMachineReimage

machines = tomllib.loads(Path("machines.toml").read_text(encoding="utf-8"))["machine"]

for machine in machines:
    VirtualMachineReimage(
        machine["name"],
        vm_id=machine["vm_id"],
        # The date says when the reimage was requested. The next `pulumi up` does it.
        triggers={"requested": machine["requested"].isoformat()},
    )
