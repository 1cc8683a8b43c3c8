"""What Azure, or a guard of the program, would say to a reimage, told before anything is sent.

One table, which is also in the README. A rule refuses where it is documented or was seen that the reimage
cannot succeed, or where sending it could lose the disk for nothing; where nobody knows, it warns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from ..arm.image import ImageVersion
from ..arm.permissions import REIMAGE, Permissions
from ..inputs.os_profile import PASSWORD_LENGTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from ..arm.management_locks import Lock
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import Order

Effect = Literal["refuses", "warns"]
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What does not exist."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known of a VM that is to be reimaged; None where nobody asked.

    Attributes:
        now: When it was looked at.
        permissions: The roles of the identity on it.
        locks: The locks on it and on what it is in.
        version: What ARM says of `exact_version`.
    """

    vm: VirtualMachine
    order: Order
    now: datetime
    permissions: Permissions | Unread | None = None
    locks: tuple[Lock, ...] | Unread | None = None
    version: ImageVersion | Missing | Unread | None = None


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """A row of the table.

    Attributes:
        when: What it is about, as the README says it.
        effect: What follows.
        way_out: What to do.
        find: Returns what is wrong, as a sentence for the user, if it is.
    """

    when: str
    effect: Effect
    way_out: str
    find: Callable[[Subject], str | None]

    def finding(self, subject: Subject) -> Finding | None:
        """Return what it says of one reimage, if it says anything."""
        found = self.find(subject)
        return None if found is None else Finding(f"{found} {self.way_out}", self.effect == "refuses")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says: the sentence for the user, with the way out, and whether nothing may be sent."""

    text: str
    refuses: bool


def guarded(order: Order) -> tuple[Finding, ...]:
    """Return what the guards say that need no look at the VM."""
    return _found(rule.finding(order) for rule in GUARDS)


def findings(sight: Observation) -> tuple[Finding, ...]:
    """Return what all rules say, in the order of the table."""
    return guarded(sight.order) + _found(rule.finding(sight) for rule in RULES)


def _found(each: Iterable[Finding | None]) -> tuple[Finding, ...]:
    return tuple(finding for finding in each if finding is not None)


def _protected(order: Order) -> str | None:
    return "prevent_reimage is true." if order.guards.prevent_reimage else None


def _not_allowed(order: Order) -> str | None:
    allowed = order.guards.allowed_causes
    if allowed is None:
        return None
    # A value that a preview does not know yet may turn out to be the same.
    others = [cause.text for cause in order.causes if cause.certain and not cause.is_named_by(allowed)]
    return f"allowed_causes does not name the cause {', '.join(others)}." if others else None


def _keeps_other(sight: Observation) -> str | None:
    wanted, disk = sight.order.guards.require_delete_option, sight.vm.disk
    if wanted is None or (wanted == "Detach") == disk.retained:
        return None
    if disk.ephemeral:
        return "require_delete_option is Detach, and an ephemeral OS disk cannot be kept."
    return f"require_delete_option is {wanted}, and the VM's deleteOption is {disk.delete_option}."


def _temp_disk(sight: Observation) -> str | None:
    if sight.order.temp_disk and not sight.vm.disk.ephemeral:
        return "temp_disk: Azure takes it only for an ephemeral OS disk, and this one is managed."
    return None


def _password_length(sight: Observation) -> str | None:
    password, os_type = sight.order.admin_password, sight.vm.os_type or ""
    lengths = PASSWORD_LENGTHS.get(os_type.casefold())
    if password is None or lengths is None or len(password) in lengths:
        return None
    return f"os_profile: a password for {os_type} has {lengths[0]} to {lengths[-1]} characters."


def _os_profile(sight: Observation) -> str | None:
    if not sight.order.has_os_profile or (sight.vm.provisioned and sight.vm.image):
        return None
    return "os_profile: the VM's OS disk is specialized or was attached, and is not provisioned."


def _generalized(sight: Observation) -> str | None:
    return "The VM is generalized, and cannot run again." if sight.vm.generalized else None


def _deallocated(sight: Observation) -> str | None:
    return f"The VM is {sight.vm.power}." if sight.vm.power in ("deallocated", "deallocating") else None


def _locked(sight: Observation) -> str | None:
    locks = sight.locks if isinstance(sight.locks, tuple) else ()
    names = [f"{lock.name} on {lock.scope.rpartition('/')[2]}" for lock in locks if lock.refuses_actions]
    return f"A ReadOnly lock refuses every action on the VM: {', '.join(names)}." if names else None


def _forbidden(sight: Observation) -> str | None:
    found = sight.permissions
    if isinstance(found, Permissions) and found.complete and not found.allow(REIMAGE):
        return f"The identity may not do {REIMAGE} on the VM."
    return None


def _versionless(sight: Observation) -> str | None:
    image = sight.vm.image
    if sight.order.exact_version is None or (image and image.has_versions):
        return None
    what = "image is a managed image, which has no versions" if image else "OS disk has no image"
    return f"exact_version: the VM's {what}."


def _no_such_version(sight: Observation) -> str | None:
    if not isinstance(sight.version, Missing):
        return None
    return f"exact_version: {sight.order.exact_version} does not exist for the VM's image in its region."


def _not_replicated(sight: Observation) -> str | None:
    version = sight.version
    if not isinstance(version, ImageVersion) or (version.replicated is not False and not version.replicating):
        return None
    how = "is not replicated" if version.replicated is False else "is still being replicated"
    return f"exact_version: {sight.order.exact_version} {how} to {sight.vm.location}."


def _deprecated(sight: Observation) -> str | None:
    if isinstance(sight.version, ImageVersion) and sight.version.deprecated:
        return f"exact_version: its publisher has deprecated {sight.order.exact_version}."
    return None


def _same_version(sight: Observation) -> str | None:
    version = sight.order.exact_version
    if version is None or version != sight.vm.disk.image_version:
        return None
    return f"exact_version: the VM runs {version} already."


def _excluded(sight: Observation) -> str | None:
    if isinstance(sight.version, ImageVersion) and sight.version.excluded:
        return f"exact_version: {sight.order.exact_version} is excluded from latest."
    return None


def _ending(sight: Observation) -> str | None:
    version = sight.version
    if not isinstance(version, ImageVersion) or version.deprecated or version.ends_at is None:
        return None
    verb = "ended" if version.ends_at <= sight.now else "ends"
    return f"exact_version: the life of {sight.order.exact_version} {verb} on {version.ends_at:%Y-%m-%d}."


def _imageless(sight: Observation) -> str | None:
    if sight.vm.image or sight.order.has_os_profile or sight.order.exact_version:
        return None
    return "The VM has no image to rebuild its OS disk from."


def _failed(sight: Observation) -> str | None:
    if sight.vm.settled and not sight.vm.succeeded and not sight.order.repeats:
        return f"The provisioning state of the VM is {sight.vm.provisioning_state}."
    return None


def _busy(sight: Observation) -> str | None:
    if sight.vm.settled:
        return None
    return f"Azure is at work on the VM ({sight.vm.provisioning_state})."


def _stopped(sight: Observation) -> str | None:
    return f"The VM is {sight.vm.power}." if sight.vm.power in ("stopped", "stopping") else None


def _in_scale_set(sight: Observation) -> str | None:
    scale_set = sight.vm.scale_set_id
    return f"The VM is in the scale set {scale_set.rpartition('/')[2]}." if scale_set else None


def _unread(sight: Observation) -> str | None:
    asked = {
        "the identity's permissions": sight.permissions,
        "the locks on the VM": sight.locks,
        "the image version": sight.version,
    }
    unread = [f"{what} ({found.reason})" for what, found in asked.items() if isinstance(found, Unread)]
    if isinstance(sight.permissions, Permissions) and not sight.permissions.complete:
        unread += [] if sight.permissions.allow(REIMAGE) else ["all of the identity's permissions"]
    return f"Not checked, because it could not be read: {'; '.join(unread)}." if unread else None


# These need no look at the VM.
GUARDS: tuple[Rule[Order], ...] = (
    Rule("`prevent_reimage` is true", "refuses", "Undo the change, or set it to false.", _protected),
    Rule(
        "`allowed_causes` does not name the cause",
        "refuses",
        "Undo the change, or name the cause in `allowed_causes`.",
        _not_allowed,
    ),
)

RULES: tuple[Rule[Observation], ...] = (
    Rule(
        "`require_delete_option` and the VM's `deleteOption` differ",
        "refuses",
        "Set `deleteOption` on the VM, in an update before this one.",
        _keeps_other,
    ),
    # Azure/azure-powershell#11354, Azure/azure-libraries-for-net#663
    Rule("`temp_disk` and the OS disk is managed", "refuses", "Leave `temp_disk` out.", _temp_disk),
    Rule(
        "`os_profile` has a password of another length than the OS takes",
        "refuses",
        "Give one of that length.",
        _password_length,
    ),
    # https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#generalized-and-specialized-images
    Rule(
        "`os_profile` and the OS disk is specialized or was attached",
        "refuses",
        "Leave `os_profile` out.",
        _os_profile,
    ),
    # https://learn.microsoft.com/azure/virtual-machines/generalize
    Rule("the VM is generalized", "refuses", "Create a VM from its image instead.", _generalized),
    # OperationNotAllowed: MicrosoftDocs/SupportArticles-docs, windows/error-messages.md. That it holds for a
    # reimage too is inferred.
    Rule("the VM is deallocated", "refuses", "Start it; it can be stopped again afterwards.", _deallocated),
    # https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
    Rule("a `ReadOnly` lock is on the VM or on what it is in", "refuses", "Remove the lock.", _locked),
    Rule(
        "the identity may not reimage the VM",
        "refuses",
        "Give it the role Virtual Machine Contributor, or one with that action.",
        _forbidden,
    ),
    Rule(
        "`exact_version` and the VM's image has no versions",
        "refuses",
        "Leave `exact_version` out.",
        _versionless,
    ),
    # Azure/azure-cli, test_vm_reimage.yaml: Azure took a version that does not exist, and used another one.
    Rule(
        "`exact_version` does not exist for the VM's image",
        "refuses",
        "Correct `exact_version`, or leave it out.",
        _no_such_version,
    ),
    Rule(
        "`exact_version` is not, or not yet, replicated to the VM's region",
        "refuses",
        "Replicate it there, and wait until that has ended.",
        _not_replicated,
    ),
    # https://learn.microsoft.com/azure/virtual-machines/deprecated-images
    Rule("`exact_version` is deprecated by its publisher", "refuses", "Choose a newer one.", _deprecated),
    Rule(
        "`exact_version` is what the VM runs",
        "warns",
        "With `skip_if_current` it would not be reimaged.",
        _same_version,
    ),
    # Both are for people: https://learn.microsoft.com/azure/virtual-machines/azure-compute-gallery
    Rule("`exact_version` is excluded from latest", "warns", "Its publisher may hold it back.", _excluded),
    Rule(
        "the life of `exact_version` has ended or an end is planned",
        "warns",
        "Plan for a newer one.",
        _ending,
    ),
    Rule(
        "the VM has no image: its OS disk was attached",
        "warns",
        "Azure is likely to refuse; nothing is lost then.",
        _imageless,
    ),
    Rule("the VM's last operation failed", "warns", "A reimage may mend it, or fail like that.", _failed),
    Rule(
        "another operation runs on the VM",
        "warns",
        "The update waits for the end of that, looks again, and then sends its own reimage.",
        _busy,
    ),
    Rule("the VM is stopped", "warns", "Azure may start it, or refuse.", _stopped),
    # https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-reimage-virtual-machine
    Rule(
        "the VM is in a scale set",
        "warns",
        "Azure reimages it only if its OS profile is that of the scale set.",
        _in_scale_set,
    ),
    Rule(
        "permissions, locks or the image version cannot be read",
        "warns",
        "Azure itself checks it when the request is sent.",
        _unread,
    ),
)
