"""Three machines whose OS disks are rebuilt whenever `release` changes: pulumi config set release 2."""

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/quickstart"

release = pulumi.Config().get("release") or "1"

for name in ("web", "worker", "cache"):
    reimage = VirtualMachineReimage(
        name,
        vm_id=f"{GROUP}/providers/Microsoft.Compute/virtualMachines/{name}",
        triggers={"release": release},
    )
    pulumi.export(
        name,
        {
            "status": reimage.status,
            "os_disk_id_before": reimage.os_disk_id_before,
            "os_disk_id": reimage.os_disk_id,
            "duration": reimage.duration,
        },
    )

pulumi.export("release", release)
