"""Why a reimage is due, and what a preview says about it.

Rule: no value of an input is ever printed. The provider cannot tell which of them are secret; Pulumi's own
diff shows values, and masks the secret ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .triggers import TriggerChange, changed_keys

if TYPE_CHECKING:
    from .virtual_machine import DiskFacts

IsUnknown = Callable[[object], bool]


def causes(
    old: Mapping[str, object], new: Mapping[str, object], is_unknown: IsUnknown
) -> tuple[TriggerChange, ...]:
    """Return what asks for a reimage: changed triggers, then a changed `exact_version`.

    Args:
        old: The outputs in state: what the last reimage or baseline was made for.
        new: The inputs of the program.
        is_unknown: Tells a value that a preview does not know yet.
    """
    new_triggers = new.get("triggers")
    if is_unknown(new_triggers) and not isinstance(new_triggers, Mapping):
        found = [TriggerChange("triggers", "unknown")]
    else:
        changes = changed_keys(_mapping(old.get("triggers")), _mapping(new_triggers), is_unknown=is_unknown)
        found = [TriggerChange(f"triggers.{change.key}", change.kind) for change in changes]
    old_version, new_version = old.get("exact_version"), new.get("exact_version")
    if is_unknown(new_version):
        found.append(TriggerChange("exact_version", "unknown"))
    elif old_version is None and new_version is not None:
        found.append(TriggerChange("exact_version", "added"))
    elif old_version is not None and new_version is None:
        found.append(TriggerChange("exact_version", "removed"))
    elif old_version != new_version:
        found.append(TriggerChange("exact_version", "changed"))
    return tuple(found)


def announcement(name: str, reasons: tuple[str, ...], before: DiskFacts, *, certain: bool = True) -> str:
    """Return what a preview says before a reimage: the cause, what is lost, and what stays.

    Args:
        name: The VM's name.
        reasons: What asks for the reimage, such as `triggers.image changed`.
        before: The VM as state knows it.
        certain: False if a value that is not known yet decides.
    """
    verb = "will be reimaged" if certain else "may be reimaged"
    if before.ephemeral:
        disk = "Its ephemeral OS disk will be reset to the image: everything on it is lost."
    elif before.delete_option.casefold() == "delete":
        disk = "Its OS disk will be replaced by a new one and the old disk deleted: everything on it is lost."
    else:
        disk = (
            "Its OS disk will be replaced by a new one: everything on it leaves the VM. Azure keeps the old "
            "disk, and bills it until someone deletes it."
        )
    return f"VM {name} {verb} ({', '.join(reasons)}). {disk} Data disks, network and identity stay."


def creation_announcement(name: str) -> str:
    """Return what a preview says before a reimage that was asked for on creation."""
    return (
        f"VM {name} will be reimaged when this resource is created (reimage_on_create is true). Its OS disk "
        "will be rebuilt from its image, and everything on it is lost. Data disks, network and identity stay."
    )


def _mapping(value: object) -> Mapping[str, object] | None:
    return value if isinstance(value, Mapping) else None
