"""What a preview says of a reimage: why it is due, what is lost, and what stays.

Rule: no value of a trigger is ever printed. The provider cannot tell which of them are secret. Pulumi's own
diff shows values, and masks the secret ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..arm.virtual_machine import DiskFacts
    from ..inputs.parameters import DesiredReimage


def announcement(name: str, desired: DesiredReimage, disk: DiskFacts | None) -> str:
    """Return what a preview says before a reimage: the causes, what is lost, and what stays.

    Args:
        name: The VM's name.
        desired: The reimage.
        disk: The VM as it is, or as state knows it; None if that is not known.
    """
    verb = "will be reimaged" if desired.certain else "may be reimaged"
    lost = "its OS disk and its temporary disk" if desired.parameters.temp_disk else "its OS disk"
    sentences = [f"VM {name} {verb}: {desired.why}.", f"Lost: everything on {lost}."]
    if disk is not None:
        sentences += [_old_disk(disk), _version(disk.image_version, desired.parameters.exact_version)]
    return " ".join([*sentences, "Kept: data disks, network interfaces, identity."])


def _old_disk(disk: DiskFacts) -> str:
    if disk.ephemeral:
        return "The OS disk is ephemeral, so the disk itself is reset."
    if disk.delete_option.casefold() == "delete":
        return (
            "The OS disk is managed, so the VM gets a new one. The old one is deleted (deleteOption Delete)."
        )
    return (
        f"The OS disk is managed, so the VM gets a new one. Azure keeps the old one and bills it until it is "
        f"deleted (deleteOption {disk.delete_option})."
    )


def _version(now: str | None, asked: str | None) -> str:
    if asked is None or asked == now:
        return f"Image version: {now or 'not known'}, unchanged."
    return f"Image version: {now or 'not known'} -> {asked}."
