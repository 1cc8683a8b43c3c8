"""The guards of the program, and the rules about what Azure refuses, applied before anything is sent.

`make docs` writes these tables into docs/preview-and-guards.md. A guard is set by the program and always
holds. A rule about Azure can be wrong, so `preflight="warn"` makes it a warning.
A rule about Azure refuses if it is documented or was observed that the reimage cannot succeed, or that
sending it can lose the disk for nothing. Its `evidence` says where. If that is only inferred, the rule warns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import preflight_checks as check
from .rule import Finding, Rule, apply_rules

if TYPE_CHECKING:
    from ..inputs.parameters import Cause, DesiredReimage
    from .observation import Observation

_REIMAGE_REFERENCE = "https://learn.microsoft.com/rest/api/compute/virtual-machines/reimage"
_OWN_DOCUMENT = "the VM's own document"
_ERROR_MESSAGES = (
    "https://github.com/MicrosoftDocs/SupportArticles-docs/blob/main/support/azure/virtual-machines/windows"
    "/error-messages.md"
)


def apply_guards(desired: DesiredReimage) -> tuple[Finding, ...]:
    """Return what those guards find for which the VM need not be read."""
    return apply_rules(GUARDS, desired)


def apply_preflight(observation: Observation) -> tuple[Finding, ...]:
    """Return what all rules find, in the order of the table."""
    return apply_guards(observation.desired) + apply_rules(RULES, observation)


def _protected(desired: DesiredReimage) -> str | None:
    return "prevent_reimage is true." if desired.guards.prevent_reimage else None


def _stack_protected(desired: DesiredReimage) -> str | None:
    # The name comes from auth/settings.py, which this room does not import.
    return "azure-reimage:preventReimage is true." if desired.guards.stack_prevents else None


def _not_allowed(desired: DesiredReimage) -> str | None:
    allowed = desired.guards.allowed_causes
    if allowed is None:
        return None
    # A value that a preview does not know yet may turn out to be the same.
    others = [_name(cause) for cause in desired.causes if cause.certain and not cause.is_named_by(allowed)]
    return f"allowed_causes does not name the cause {', '.join(others)}." if others else None


def _name(cause: Cause) -> str:
    """Return a cause as people read it, with the word that `allowed_causes` has for it."""
    if cause.text.startswith(f"{cause.key} "):
        return cause.text
    return f"`{cause.key}`: {cause.text.removesuffix('.')}"


def _keeps_other(observation: Observation) -> str | None:
    required, disk = observation.desired.guards.require_delete_option, observation.vm.disk
    if required is None or (required == "Detach") == disk.retained:
        return None
    if disk.ephemeral:
        return "require_delete_option is Detach, and an ephemeral OS disk cannot be kept."
    return f"require_delete_option is {required}, and the VM's deleteOption is {disk.delete_option}."


# For these, the VM need not be read.
GUARDS: tuple[Rule[DesiredReimage], ...] = (
    Rule(
        "`prevent_reimage` is true",
        "error",
        _protected,
        "Undo the change, or set it to false.",
        is_guard=True,
    ),
    Rule(
        "`azure-reimage:preventReimage` is true",
        "error",
        _stack_protected,
        "Undo the change, or run `pulumi config set azure-reimage:preventReimage false`.",
        is_guard=True,
    ),
    Rule(
        "`allowed_causes` does not name the cause",
        "error",
        _not_allowed,
        "Undo the change, or name the cause in `allowed_causes`.",
        is_guard=True,
    ),
)

RULES: tuple[Rule[Observation], ...] = (
    Rule(
        "`require_delete_option` and the VM's `deleteOption` differ",
        "error",
        _keeps_other,
        "Set `deleteOption` on the VM, in an update before this one.",
        is_guard=True,
    ),
    # "This temp disk reimage parameter is only supported for VM/VMSS with Ephemeral OS disk."
    Rule(
        "`temp_disk` and the OS disk is managed",
        "error",
        check.temp_disk,
        "Leave `temp_disk` out.",
        evidence=f"{_REIMAGE_REFERENCE} (`tempDisk`); Azure/azure-powershell#11354",
    ),
    # The change that added both parameters, and managed OS disks. A version that exists only in a
    # specification is compared by its date.
    Rule(
        "`exact_version` or `os_profile`, and `azure-reimage:apiVersion` is older than 2022-11-01",
        "error",
        check.unknown_parameter,
        "Set a newer `azure-reimage:apiVersion`, or leave them out.",
        evidence="https://github.com/Azure/azure-rest-api-specs/pull/21090",
    ),
    Rule(
        "the OS disk is managed, and `azure-reimage:apiVersion` is older than 2022-11-01",
        "warning",
        check.managed_disk_in_old_version,
        "Azure is likely to refuse, and nothing is lost then.",
        evidence="https://github.com/Azure/azure-rest-api-specs/pull/21090",
    ),
    Rule(
        "`os_profile` has a password of a length that the OS does not accept",
        "error",
        check.password_length,
        "Use a password of that length.",
        evidence=f"{_REIMAGE_REFERENCE} (`adminPassword`)",
    ),
    # "the VM is marked for deletion" is a reason of OperationNotAllowed.
    Rule(
        "the VM is being deleted",
        "error",
        check.deleting,
        "Remove it from the program, or create it again.",
        evidence=f"{_ERROR_MESSAGES} (marked for deletion)",
    ),
    # "These operations require a POST method request": a start and a restart of a VM are blocked.
    Rule(
        "a `ReadOnly` lock is on the VM, its resource group or its subscription",
        "error",
        check.locked,
        "Remove the lock.",
        evidence="https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources",
    ),
    Rule(
        "the identity may read the VM, and may not reimage it",
        "error",
        check.forbidden,
        "Give it the role Virtual Machine Contributor, or another role with that action.",
        evidence="https://learn.microsoft.com/azure/role-based-access-control/role-definitions",
    ),
    # In the recording, Azure accepted a version that does not exist, and used another.
    Rule(
        "`exact_version` and the VM's image has no versions",
        "error",
        check.versionless,
        "Leave `exact_version` out.",
        evidence="https://learn.microsoft.com/rest/api/compute/images/get (no versions); Azure/azure-cli, "
        "test_vm_reimage.yaml",
    ),
    Rule(
        "`exact_version` does not exist for the VM's image",
        "error",
        check.no_such_version,
        "Correct `exact_version`, or leave it out.",
        evidence="Azure/azure-cli, test_vm_reimage.yaml",
    ),
    # Seen for a creation, which Azure refuses. A reimage could lose the disk, as for a version that is
    # missing.
    Rule(
        "`exact_version` is not replicated to the VM's region",
        "error",
        check.not_replicated,
        "Replicate it there, and wait until the replication has ended.",
        evidence="pulumi/pulumi-aws#5129 (`GalleryImageNotFound`)",
    ),
    Rule(
        "`exact_version` is deprecated by its publisher",
        "error",
        check.deprecated,
        "Choose a newer one.",
        evidence="https://learn.microsoft.com/azure/virtual-machines/deprecated-images",
    ),
    # Replicas grow, shrink and fail one by one, so one of them can be enough.
    Rule(
        "the replication of `exact_version` to the VM's region is not complete",
        "warning",
        check.replication,
        "One replica there is enough. To be sure, wait until the replication has ended.",
        evidence="https://learn.microsoft.com/rest/api/compute/gallery-image-versions/get "
        "(`replicationStatus`); that one replica is enough is a guess",
    ),
    # It is documented that such a VM has no osProfile, but not what Azure does with one in a reimage.
    Rule(
        "`os_profile` and the OS disk is specialized or was attached",
        "warning",
        check.os_profile,
        "Azure may refuse `os_profile`, or not use it. Leave it out.",
        evidence="https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries"
        "#generalized-and-specialized-images",
    ),
    # The two reasons of OperationNotAllowed name no reimage, and a reimage of such a VM was never recorded.
    Rule(
        "the VM is generalized",
        "warning",
        check.generalized,
        "Azure may refuse, and nothing is lost then. To be sure, create a VM from its image instead.",
        evidence=f"{_ERROR_MESSAGES} (generalized)",
    ),
    Rule(
        "the VM is deallocated",
        "warning",
        check.deallocated,
        "Azure may refuse, and nothing is lost then. To be sure, start it first. If it does not start, check "
        "whether its subscription is disabled.",
        evidence=f"{_ERROR_MESSAGES} (deallocated)",
    ),
    Rule(
        "the VM already runs `exact_version`",
        "warning",
        check.same_version,
        "With `skip_if_current` it would not be reimaged.",
        evidence=_OWN_DOCUMENT,
    ),
    # Both rules inform people, and say nothing about whether the reimage succeeds.
    Rule(
        "`exact_version` is excluded from latest",
        "warning",
        check.excluded,
        "Its publisher may be holding it back.",
        evidence="https://learn.microsoft.com/azure/virtual-machines/azure-compute-gallery",
    ),
    Rule(
        "`exact_version` has reached its end of life, or an end is planned",
        "warning",
        check.ending,
        "Plan to use a newer one.",
        evidence="https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#image-versions",
    ),
    Rule(
        "the VM has no image, because its OS disk was attached",
        "warning",
        check.imageless,
        "Azure is likely to refuse, and nothing is lost then.",
    ),
    Rule(
        "the VM's last operation failed",
        "warning",
        check.failed,
        "A reimage may fix it, or fail in the same way.",
        evidence=f"{_OWN_DOCUMENT}; what follows is a guess",
    ),
    Rule(
        "another operation is running on the VM",
        "warning",
        check.busy,
        "The update waits until it has ended, checks the VM again, and then sends its own reimage.",
        evidence=_OWN_DOCUMENT,
    ),
    Rule("the VM is stopped", "warning", check.stopped, "Azure may start it, or refuse."),
    Rule(
        "the VM is in a scale set",
        "warning",
        check.in_scale_set,
        "Azure reimages it only if its OS profile is that of the scale set.",
        evidence="https://learn.microsoft.com/azure/virtual-machine-scale-sets"
        "/virtual-machine-scale-sets-reimage-virtual-machine",
    ),
    Rule(
        "permissions, locks or the image version cannot be read",
        "warning",
        check.unread,
        "Azure checks it when the request is sent.",
        evidence="the answers to these reads",
    ),
)
