"""The checks of the rules about Azure. Each returns what is wrong with the VM, in words for the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arm.image import ImageVersion
from ..arm.permissions import READ, REIMAGE, Permissions
from ..inputs.os_profile import PASSWORD_LENGTHS
from ..sentences import as_clause
from .observation import Missing, Unread

if TYPE_CHECKING:
    from .observation import Observation

# `ReplicationState` of https://learn.microsoft.com/rest/api/compute/gallery-image-versions/get
_REPLICATION = {
    "replicating": "is still being replicated to",
    "failed": "was not completely replicated to",
}


def temp_disk(observation: Observation) -> str | None:
    """Find `temp_disk` for a managed OS disk."""
    if observation.desired.parameters.temp_disk and not observation.vm.disk.ephemeral:
        return "temp_disk: Azure accepts it only for an ephemeral OS disk, and this one is managed."
    return None


def unknown_parameter(observation: Observation) -> str | None:
    """Find parameters that the configured api-version does not have, because ARM may ignore them."""
    asked = observation.desired.parameters
    given = [name for name in ("exact_version", "os_profile") if getattr(asked, name) is not None]
    if not given or not _is_old(observation):
        return None
    return f"{' and '.join(given)}: a reimage has no such parameter in api-version {observation.api_version}."


def managed_disk_in_old_version(observation: Observation) -> str | None:
    """Find a managed OS disk, and an api-version in which only an ephemeral one can be reimaged."""
    if observation.vm.disk.ephemeral or not _is_old(observation):
        return None
    return f"The OS disk is managed, and api-version {observation.api_version} is for ephemeral ones."


def _is_old(observation: Observation) -> bool:
    """Report whether the api-version is older than the parameters `exactVersion` and `osProfile`."""
    return observation.api_version < "2022-11-01"


def password_length(observation: Observation) -> str | None:
    """Find a password that is too short or too long for the OS."""
    profile, os_type = observation.desired.parameters.os_profile, observation.vm.os_type or ""
    password = profile.admin_password if profile else None
    lengths = PASSWORD_LENGTHS.get(os_type.casefold())
    if password is None or lengths is None or len(password) in lengths:
        return None
    return f"os_profile: a password for {os_type} must have {lengths[0]} to {lengths[-1]} characters."


def os_profile(observation: Observation) -> str | None:
    """Find `os_profile` for a VM that has none."""
    if observation.desired.parameters.os_profile is None or (
        observation.vm.provisioned and observation.vm.image
    ):
        return None
    return "os_profile: the VM's OS disk is specialized or was attached, and is not provisioned."


def generalized(observation: Observation) -> str | None:
    """Find a VM that was generalized."""
    return "The VM is generalized." if observation.vm.generalized else None


def deallocated(observation: Observation) -> str | None:
    """Find a VM that was deallocated, by its owner, by an eviction or for hibernation."""
    power = observation.vm.power
    return f"The VM is {power}." if power in ("deallocated", "deallocating") else None


def deleting(observation: Observation) -> str | None:
    """Find a VM that is about to be gone."""
    return "The VM is being deleted." if observation.vm.deleting else None


def locked(observation: Observation) -> str | None:
    """Find `ReadOnly` locks."""
    locks = observation.locks if isinstance(observation.locks, tuple) else ()
    names = [f"{lock.name} on {lock.scope.rpartition('/')[2]}" for lock in locks if lock.refuses_actions]
    return f"A ReadOnly lock refuses every action on the VM: {', '.join(names)}." if names else None


def forbidden(observation: Observation) -> str | None:
    """Find that no role of the identity allows a reimage."""
    found = observation.permissions
    if isinstance(found, Permissions) and _is_whole(found) and not found.allow(REIMAGE):
        return f"The identity may not perform {REIMAGE} on the VM."
    return None


def _is_whole(found: Permissions) -> bool:
    """Report whether the list can be complete: it must allow the read of the VM that has just succeeded."""
    return found.complete and found.allow(READ)


def versionless(observation: Observation) -> str | None:
    """Find `exact_version` for an image that has no versions."""
    image = observation.vm.image
    if observation.exact_version is None or (image and image.has_versions):
        return None
    what = "image is a managed image, which has no versions" if image else "OS disk has no image"
    return f"exact_version: the VM's {what}."


def no_such_version(observation: Observation) -> str | None:
    """Find an `exact_version` that does not exist."""
    if not isinstance(observation.version, Missing):
        return None
    return f"exact_version: {observation.exact_version} does not exist for the VM's image in its region."


def not_replicated(observation: Observation) -> str | None:
    """Find an `exact_version` that is not replicated to the VM's region."""
    version = observation.version
    if not isinstance(version, ImageVersion) or version.replicated is not False:
        return None
    return f"exact_version: {observation.exact_version} is not replicated to {observation.vm.location}."


def replication(observation: Observation) -> str | None:
    """Find an `exact_version` whose replication to the VM's region is not complete."""
    version = observation.version
    if not isinstance(version, ImageVersion) or version.replicated is False or version.replication is None:
        return None
    state = version.replication
    how = _REPLICATION.get(state.casefold(), f"has the replication state {state} in")
    return f"exact_version: {observation.exact_version} {how} {observation.vm.location}."


def deprecated(observation: Observation) -> str | None:
    """Find an `exact_version` that its publisher has withdrawn."""
    if isinstance(observation.version, ImageVersion) and observation.version.deprecated:
        return f"exact_version: its publisher has deprecated {observation.exact_version}."
    return None


def same_version(observation: Observation) -> str | None:
    """Find an `exact_version` that the VM already runs."""
    version = observation.exact_version
    if version is None or version != observation.vm.disk.image_version:
        return None
    return f"exact_version: the VM already runs {version}."


def excluded(observation: Observation) -> str | None:
    """Find an `exact_version` that is excluded from `latest`."""
    if isinstance(observation.version, ImageVersion) and observation.version.excluded:
        return f"exact_version: {observation.exact_version} is excluded from latest."
    return None


def ending(observation: Observation) -> str | None:
    """Find an `exact_version` with an end-of-life date."""
    version = observation.version
    if not isinstance(version, ImageVersion) or version.deprecated or version.ends_at is None:
        return None
    verb = "reached" if version.ends_at <= observation.now else "reaches"
    return f"exact_version: {observation.exact_version} {verb} its end of life on {version.ends_at:%Y-%m-%d}."


def imageless(observation: Observation) -> str | None:
    """Find a VM without an image."""
    if observation.vm.image or observation.desired.parameters.os_profile or observation.exact_version:
        return None
    return "The VM has no image to rebuild its OS disk from."


def failed(observation: Observation) -> str | None:
    """Find a VM whose last operation failed."""
    if observation.vm.settled and not observation.vm.succeeded and not observation.desired.repeats:
        return f"The provisioning state of the VM is {observation.vm.provisioning_state}."
    return None


def busy(observation: Observation) -> str | None:
    """Find a VM that another operation runs on."""
    if observation.vm.settled or observation.vm.deleting:
        return None
    return f"Azure is working on the VM ({observation.vm.provisioning_state})."


def stopped(observation: Observation) -> str | None:
    """Find a VM that is stopped. While Azure works on it, its power state is about to change."""
    if not observation.vm.settled or observation.vm.power not in ("stopped", "stopping"):
        return None
    return f"The VM is {observation.vm.power}."


def in_scale_set(observation: Observation) -> str | None:
    """Find a VM of a scale set."""
    scale_set = observation.vm.scale_set_id
    return f"The VM is in the scale set {scale_set.rpartition('/')[2]}." if scale_set else None


def unread(observation: Observation) -> str | None:
    """Find what could not be read, in whole or in part."""
    asked = {
        "the identity's permissions": observation.permissions,
        "the locks on the VM": observation.locks,
        "the image version": observation.version,
    }
    missing = [
        f"{what} ({as_clause(found.reason)})" for what, found in asked.items() if isinstance(found, Unread)
    ]
    found = observation.permissions
    if isinstance(found, Permissions) and not _is_whole(found) and not found.allow(REIMAGE):
        missing.append("all of the identity's permissions")
    return f"Not checked, because it could not be read: {'; '.join(missing)}." if missing else None
