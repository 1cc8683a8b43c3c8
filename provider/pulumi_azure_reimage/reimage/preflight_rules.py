"""What Azure, or a guard of the program, would say to a reimage, reported before anything is sent.

One table, which is also in the README. A rule refuses where it is documented or was seen that the reimage
cannot succeed, or where sending it could lose the disk for nothing; where that is not known, it warns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arm.image import ImageVersion
from ..arm.permissions import REIMAGE, Permissions
from ..inputs.os_profile import PASSWORD_LENGTHS
from .rule import Finding, Rule, apply_rules

if TYPE_CHECKING:
    from datetime import datetime

    from ..arm.management_locks import Lock
    from ..arm.virtual_machine import VirtualMachine
    from ..inputs.parameters import DesiredReimage


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What does not exist."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known about a VM that is to be reimaged; None for what was not read.

    Attributes:
        now: When it was read.
        permissions: The roles of the identity on it.
        locks: The locks on it, its resource group and its subscription.
        version: What ARM says about `exact_version`.
    """

    vm: VirtualMachine
    desired: DesiredReimage
    now: datetime
    permissions: Permissions | Unread | None = None
    locks: tuple[Lock, ...] | Unread | None = None
    version: ImageVersion | Missing | Unread | None = None

    @property
    def exact_version(self) -> str | None:
        """The version that is asked for."""
        return self.desired.parameters.exact_version


def apply_guards(desired: DesiredReimage) -> tuple[Finding, ...]:
    """Return what the guards find, for which the VM need not be read."""
    return apply_rules(GUARDS, desired)


def apply_preflight(observation: Observation) -> tuple[Finding, ...]:
    """Return what all rules find, in the order of the table."""
    return apply_guards(observation.desired) + apply_rules(RULES, observation)


def _protected(desired: DesiredReimage) -> str | None:
    return "prevent_reimage is true." if desired.guards.prevent_reimage else None


def _not_allowed(desired: DesiredReimage) -> str | None:
    allowed = desired.guards.allowed_causes
    if allowed is None:
        return None
    # A value that a preview does not know yet may turn out to be the same.
    others = [cause.text for cause in desired.causes if cause.certain and not cause.is_named_by(allowed)]
    return f"allowed_causes does not name the cause {', '.join(others)}." if others else None


def _keeps_other(observation: Observation) -> str | None:
    required, disk = observation.desired.guards.require_delete_option, observation.vm.disk
    if required is None or (required == "Detach") == disk.retained:
        return None
    if disk.ephemeral:
        return "require_delete_option is Detach, and an ephemeral OS disk cannot be kept."
    return f"require_delete_option is {required}, and the VM's deleteOption is {disk.delete_option}."


def _temp_disk(observation: Observation) -> str | None:
    if observation.desired.parameters.temp_disk and not observation.vm.disk.ephemeral:
        return "temp_disk: Azure accepts it only for an ephemeral OS disk, and this one is managed."
    return None


def _password_length(observation: Observation) -> str | None:
    profile, os_type = observation.desired.parameters.os_profile, observation.vm.os_type or ""
    password = profile.admin_password if profile else None
    lengths = PASSWORD_LENGTHS.get(os_type.casefold())
    if password is None or lengths is None or len(password) in lengths:
        return None
    return f"os_profile: a password for {os_type} must have {lengths[0]} to {lengths[-1]} characters."


def _os_profile(observation: Observation) -> str | None:
    if observation.desired.parameters.os_profile is None or (
        observation.vm.provisioned and observation.vm.image
    ):
        return None
    return "os_profile: the VM's OS disk is specialized or was attached, and is not provisioned."


def _generalized(observation: Observation) -> str | None:
    return "The VM is generalized and cannot run again." if observation.vm.generalized else None


def _deallocated(observation: Observation) -> str | None:
    return (
        f"The VM is {observation.vm.power}."
        if observation.vm.power in ("deallocated", "deallocating")
        else None
    )


def _locked(observation: Observation) -> str | None:
    locks = observation.locks if isinstance(observation.locks, tuple) else ()
    names = [f"{lock.name} on {lock.scope.rpartition('/')[2]}" for lock in locks if lock.refuses_actions]
    return f"A ReadOnly lock refuses every action on the VM: {', '.join(names)}." if names else None


def _forbidden(observation: Observation) -> str | None:
    found = observation.permissions
    if isinstance(found, Permissions) and found.complete and not found.allow(REIMAGE):
        return f"The identity may not do {REIMAGE} on the VM."
    return None


def _versionless(observation: Observation) -> str | None:
    image = observation.vm.image
    if observation.exact_version is None or (image and image.has_versions):
        return None
    what = "image is a managed image, which has no versions" if image else "OS disk has no image"
    return f"exact_version: the VM's {what}."


def _no_such_version(observation: Observation) -> str | None:
    if not isinstance(observation.version, Missing):
        return None
    return f"exact_version: {observation.exact_version} does not exist for the VM's image in its region."


def _not_replicated(observation: Observation) -> str | None:
    version = observation.version
    if not isinstance(version, ImageVersion) or (version.replicated is not False and not version.replicating):
        return None
    how = "is not replicated" if version.replicated is False else "is still being replicated"
    return f"exact_version: {observation.exact_version} {how} to {observation.vm.location}."


def _deprecated(observation: Observation) -> str | None:
    if isinstance(observation.version, ImageVersion) and observation.version.deprecated:
        return f"exact_version: its publisher has deprecated {observation.exact_version}."
    return None


def _same_version(observation: Observation) -> str | None:
    version = observation.exact_version
    if version is None or version != observation.vm.disk.image_version:
        return None
    return f"exact_version: the VM already runs {version}."


def _excluded(observation: Observation) -> str | None:
    if isinstance(observation.version, ImageVersion) and observation.version.excluded:
        return f"exact_version: {observation.exact_version} is excluded from latest."
    return None


def _ending(observation: Observation) -> str | None:
    version = observation.version
    if not isinstance(version, ImageVersion) or version.deprecated or version.ends_at is None:
        return None
    verb = "reached" if version.ends_at <= observation.now else "reaches"
    return f"exact_version: {observation.exact_version} {verb} its end of life on {version.ends_at:%Y-%m-%d}."


def _imageless(observation: Observation) -> str | None:
    if observation.vm.image or observation.desired.parameters.os_profile or observation.exact_version:
        return None
    return "The VM has no image to rebuild its OS disk from."


def _failed(observation: Observation) -> str | None:
    if observation.vm.settled and not observation.vm.succeeded and not observation.desired.repeats:
        return f"The provisioning state of the VM is {observation.vm.provisioning_state}."
    return None


def _busy(observation: Observation) -> str | None:
    if observation.vm.settled:
        return None
    return f"Azure is working on the VM ({observation.vm.provisioning_state})."


def _stopped(observation: Observation) -> str | None:
    # While Azure works on the VM, its power state is on the way to another one.
    if not observation.vm.settled or observation.vm.power not in ("stopped", "stopping"):
        return None
    return f"The VM is {observation.vm.power}."


def _in_scale_set(observation: Observation) -> str | None:
    scale_set = observation.vm.scale_set_id
    return f"The VM is in the scale set {scale_set.rpartition('/')[2]}." if scale_set else None


def _unread(observation: Observation) -> str | None:
    asked = {
        "the identity's permissions": observation.permissions,
        "the locks on the VM": observation.locks,
        "the image version": observation.version,
    }
    unread = [f"{what} ({found.reason})" for what, found in asked.items() if isinstance(found, Unread)]
    if isinstance(observation.permissions, Permissions) and not observation.permissions.complete:
        unread += [] if observation.permissions.allow(REIMAGE) else ["all of the identity's permissions"]
    return f"Not checked, because it could not be read: {'; '.join(unread)}." if unread else None


# For these, the VM need not be read.
GUARDS: tuple[Rule[DesiredReimage], ...] = (
    Rule("`prevent_reimage` is true", "error", _protected, "Undo the change, or set it to false."),
    Rule(
        "`allowed_causes` does not name the cause",
        "error",
        _not_allowed,
        "Undo the change, or name the cause in `allowed_causes`.",
    ),
)

RULES: tuple[Rule[Observation], ...] = (
    Rule(
        "`require_delete_option` and the VM's `deleteOption` differ",
        "error",
        _keeps_other,
        "Set `deleteOption` on the VM, in an update before this one.",
    ),
    # Azure/azure-powershell#11354, Azure/azure-libraries-for-net#663
    Rule("`temp_disk` and the OS disk is managed", "error", _temp_disk, "Leave `temp_disk` out."),
    Rule(
        "`os_profile` has a password of a length that the OS does not accept",
        "error",
        _password_length,
        "Use a password of that length.",
    ),
    # https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#generalized-and-specialized-images
    Rule(
        "`os_profile` and the OS disk is specialized or was attached",
        "error",
        _os_profile,
        "Leave `os_profile` out.",
    ),
    # https://learn.microsoft.com/azure/virtual-machines/generalize
    Rule("the VM is generalized", "error", _generalized, "Create a VM from its image instead."),
    # OperationNotAllowed: MicrosoftDocs/SupportArticles-docs, windows/error-messages.md. That it holds for a
    # reimage too is inferred.
    Rule("the VM is deallocated", "error", _deallocated, "Start it. You can stop it again afterwards."),
    # https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
    Rule(
        "a `ReadOnly` lock is on the VM, its resource group or its subscription",
        "error",
        _locked,
        "Remove the lock.",
    ),
    Rule(
        "the identity may not reimage the VM",
        "error",
        _forbidden,
        "Give it the role Virtual Machine Contributor, or another role with that action.",
    ),
    Rule(
        "`exact_version` and the VM's image has no versions",
        "error",
        _versionless,
        "Leave `exact_version` out.",
    ),
    # Azure/azure-cli, test_vm_reimage.yaml: Azure accepted a version that does not exist, and used another.
    Rule(
        "`exact_version` does not exist for the VM's image",
        "error",
        _no_such_version,
        "Correct `exact_version`, or leave it out.",
    ),
    Rule(
        "`exact_version` is not, or not yet, replicated to the VM's region",
        "error",
        _not_replicated,
        "Replicate it there, and wait until the replication has ended.",
    ),
    # https://learn.microsoft.com/azure/virtual-machines/deprecated-images
    Rule("`exact_version` is deprecated by its publisher", "error", _deprecated, "Choose a newer one."),
    Rule(
        "the VM already runs `exact_version`",
        "warning",
        _same_version,
        "With `skip_if_current` it would not be reimaged.",
    ),
    # Both are for people: https://learn.microsoft.com/azure/virtual-machines/azure-compute-gallery
    Rule(
        "`exact_version` is excluded from latest",
        "warning",
        _excluded,
        "Its publisher may be holding it back.",
    ),
    Rule(
        "`exact_version` has reached its end of life, or an end is planned",
        "warning",
        _ending,
        "Plan to use a newer one.",
    ),
    Rule(
        "the VM has no image, because its OS disk was attached",
        "warning",
        _imageless,
        "Azure is likely to refuse, and nothing is lost then.",
    ),
    Rule(
        "the VM's last operation failed", "warning", _failed, "A reimage may fix it, or fail in the same way."
    ),
    Rule(
        "another operation is running on the VM",
        "warning",
        _busy,
        "The update waits until it has ended, checks the VM again, and then sends its own reimage.",
    ),
    Rule("the VM is stopped", "warning", _stopped, "Azure may start it, or refuse."),
    # https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-reimage-virtual-machine
    Rule(
        "the VM is in a scale set",
        "warning",
        _in_scale_set,
        "Azure reimages it only if its OS profile is that of the scale set.",
    ),
    Rule(
        "permissions, locks or the image version cannot be read",
        "warning",
        _unread,
        "Azure checks it when the request is sent.",
    ),
)
