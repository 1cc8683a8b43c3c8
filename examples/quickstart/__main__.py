"""Three machines whose OS disks are rebuilt whenever `release` changes: pulumi config set release 2."""

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/quickstart"

release = pulumi.Config().get("release") or "1"


def disk_name(disk_id: pulumi.Output[str | None]) -> pulumi.Output[str | None]:
    """Return the last part of an ARM id."""
    return disk_id.apply(lambda known: known and known.rpartition("/")[2])


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
            "seconds": reimage.duration_seconds,
            "os_disk_before": disk_name(reimage.os_disk_id_before),
            "os_disk": disk_name(reimage.os_disk_id),
        },
    )

pulumi.export("release", release)
