"""VMs that are reimaged when the date beside them changes, which is a commit that someone reviews."""

import tomllib
from pathlib import Path

from pulumi_azure_reimage import VirtualMachineReimage

machines = tomllib.loads(Path("machines.toml").read_text(encoding="utf-8"))["machine"]

for machine in machines:
    VirtualMachineReimage(
        machine["name"],
        vm_id=machine["vm_id"],
        # The date says when somebody asked for it. The reimage is due with the next `pulumi up`.
        triggers={"requested": machine["requested"].isoformat()},
    )
