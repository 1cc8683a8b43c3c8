"""Why a reimage is due, and what a preview says about it.

Rule: no value of a trigger is ever printed. The provider cannot tell which of them are secret; Pulumi's own
diff shows values, and masks the secret ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .parameters import CREATE, EXACT_VERSION, FAILED, TRIGGERS, Cause
from .triggers import TriggerChange, canonical, changed_keys

if TYPE_CHECKING:
    from ..arm.virtual_machine import DiskFacts
    from .parameters import Order

IsUnknown = Callable[[object], bool]

# They ask for a reimage, or say which VM it is about.
_NOT_STORED = frozenset({TRIGGERS, EXACT_VERSION, "vm_id"})

CREATED = Cause(CREATE, "created with reimage_on_create")


def failed(status: str, reason: str) -> Cause:
    """Return the cause of a reimage that repeats one that ended badly."""
    return Cause(FAILED, f"the last reimage ended {status}: {reason}")


def causes(old: Mapping[str, object], new: Mapping[str, object], is_unknown: IsUnknown) -> tuple[Cause, ...]:
    """Return what asks for a reimage: changed triggers, then a changed `exact_version`.

    Args:
        old: The outputs in state: what the last reimage or baseline was made for.
        new: The inputs of the program.
        is_unknown: Tells a value that a preview does not know yet.
    """
    new_triggers = new.get(TRIGGERS)
    if is_unknown(new_triggers) and not isinstance(new_triggers, Mapping):
        found = [_cause(TriggerChange(TRIGGERS, "unknown"))]
    else:
        changes = changed_keys(_mapping(old.get(TRIGGERS)), _mapping(new_triggers), is_unknown=is_unknown)
        found = [_cause(TriggerChange(f"{TRIGGERS}.{change.key}", change.kind)) for change in changes]
    old_version, new_version = old.get(EXACT_VERSION), new.get(EXACT_VERSION)
    if is_unknown(new_version):
        found.append(_cause(TriggerChange(EXACT_VERSION, "unknown")))
    elif old_version is None and new_version is not None:
        found.append(_cause(TriggerChange(EXACT_VERSION, "added")))
    elif old_version is not None and new_version is None:
        found.append(_cause(TriggerChange(EXACT_VERSION, "removed")))
    elif old_version != new_version:
        found.append(_cause(TriggerChange(EXACT_VERSION, "changed")))
    return tuple(found)


def stored(
    old: Mapping[str, object], new: Mapping[str, object], is_unknown: IsUnknown, ignored: frozenset[str]
) -> tuple[str, ...]:
    """Return the names of the inputs that changed and wait for the next reimage.

    Args:
        old: The inputs in state.
        new: The inputs of the program.
        is_unknown: Tells a value that a preview does not know yet.
        ignored: Names that the layer above uses for itself.
    """
    names = sorted((old.keys() | new.keys()) - _NOT_STORED - ignored)
    known = [name for name in names if not is_unknown(new.get(name))]
    return tuple(name for name in known if canonical(old.get(name)) != canonical(new.get(name)))


def announcement(name: str, order: Order, disk: DiskFacts | None) -> str:
    """Return what a preview says before a reimage: the causes, what is lost, and what stays.

    Args:
        name: The VM's name.
        order: The reimage.
        disk: The VM as it is, or as state knows it; None if nobody knows.
    """
    verb = "will be reimaged" if order.certain else "may be reimaged"
    lost = "its OS disk and its temporary disk" if order.temp_disk else "its OS disk"
    sentences = [f"VM {name} {verb}: {order.why}.", f"Lost: everything on {lost}."]
    if disk is not None:
        sentences += [_old_disk(disk), _version(disk.image_version, order.exact_version)]
    return " ".join([*sentences, "Kept: data disks, network interfaces, identity."])


def _old_disk(disk: DiskFacts) -> str:
    if disk.ephemeral:
        return "It is ephemeral: the disk itself is reset."
    if disk.delete_option.casefold() == "delete":
        return "It is managed: the VM gets a new one, and the old one is deleted (deleteOption Delete)."
    return (
        f"It is managed: the VM gets a new one, and Azure keeps the old one and bills it until someone "
        f"deletes it (deleteOption {disk.delete_option})."
    )


def _version(now: str | None, asked: str | None) -> str:
    if asked is None or asked == now:
        return f"Image version: {now or 'not known'}, as now."
    return f"Image version: {now or 'not known'} -> {asked}."


def _cause(change: TriggerChange) -> Cause:
    return Cause(change.key, str(change), certain=change.kind != "unknown")


def _mapping(value: object) -> Mapping[str, object] | None:
    return value if isinstance(value, Mapping) else None
