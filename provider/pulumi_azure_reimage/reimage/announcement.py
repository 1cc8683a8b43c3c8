"""What a preview says about a reimage: why it is due, what is lost, and what stays.

A machine has one line. What is lost and what stays is the same for most machines of a program, so it is said
once, with the machines for which it holds (`dynamic/fleet.py`).

Rule: no value of a trigger is ever printed. The provider does not know which of them are secret. Pulumi's own
diff shows values, and masks the secret ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..arm.virtual_machine import DiskFacts
    from ..inputs.parameters import DesiredReimage

PLACE_OF_URN = "<URN of its ReimageRequest>"
"""The placeholder for the URN of a machine in a sentence that can hold for many machines."""

# Pulumi prints `    warning: ` before it, and a terminal often has 120 columns.
_LONGEST_LINE = 107


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a preview says before a reimage.

    Attributes:
        line: What holds for this machine only, as one short line.
        details: What many machines can share, as sentences.
        certain: Whether the reimage is certain to be due.
    """

    line: str
    details: str
    certain: bool


def announcement(name: str, desired: DesiredReimage, disk: DiskFacts | None) -> Announcement:
    """Return what a preview says before a reimage: the causes, what is lost, and what stays.

    Args:
        name: The VM's name.
        desired: The reimage.
        disk: The VM as it is, or as state knows it; None if that is not known.
    """
    verb = "will be reimaged" if desired.certain else "may be reimaged"
    lost = "its OS disk and its temporary disk" if desired.parameters.temp_disk else "its OS disk"
    whole = f"VM {name} {verb}: {desired.why}."
    line = one_line(whole)
    details = [] if line == whole else [f"The causes are: {desired.why}."]
    details.append(f"Lost: everything on {lost}.")
    if disk is not None:
        details += [_old_disk(disk), _version(disk.image_version, desired.parameters.exact_version)]
    details.append("Kept: data disks, network interfaces, identity.")
    return Announcement(line, " ".join(details), desired.certain)


def one_line(text: str) -> str:
    """Return a text that fits into a line of a terminal."""
    return text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 1].rstrip()}…"


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
