"""One sentence of advice for those errors of ARM that people meet when they reimage a VM.

Codes and texts, if nothing else is said: MicrosoftDocs/SupportArticles-docs, windows/error-messages.md, and
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .arm_error import ArmError


@dataclass(frozen=True, slots=True)
class _Known:
    """An error that is known by its code, by words of its text, or by both.

    Attributes:
        codes: In lower case; none means any.
        words: A regular expression that the text, or the target, matches somewhere.
    """

    advice: str
    codes: frozenset[str] = frozenset()
    words: str = ""

    def fits(self, error: ArmError) -> bool:
        """Tell whether it is this one."""
        if self.codes and (error.code or "").casefold() not in self.codes:
            return False
        return re.search(self.words, f"{error.target or ''} {error.message or ''}", re.IGNORECASE) is not None


def _codes(names: str) -> frozenset[str]:
    return frozenset(names.casefold().split())


_BAD_VALUE = _codes("InvalidParameter BadRequest PropertyChangeNotAllowed InvalidRequestContent")
_BUSY = _codes("OperationNotAllowed Conflict")

# The first one that fits is taken.
_KNOWN = (
    # Azure/azure-powershell#11354, Azure/azure-libraries-for-net#663
    _Known(
        "Azure takes `temp_disk` only for an ephemeral OS disk: leave it out.", _BAD_VALUE, r"\btempDisk\b"
    ),
    # Azure/azure-cli#26303
    _Known(
        "Azure takes custom data only if it equals what the VM was created with: leave it out, or give that.",
        _BAD_VALUE,
        r"custom ?data\b.*\bsame\b",
    ),
    _Known("Custom data must be base64 of at most 65,535 bytes.", _BAD_VALUE, r"custom ?data\b.*\bbase64\b"),
    _Known(
        "The image of the VM has no such version in its region: correct `exact_version`, or leave it out.",
        words=r"\bexactVersion\b|\bimage\b.*\b(?:(?:can)?not (?:be )?found|does not exist)\b",
    ),
    _Known(
        "The image of the VM has no such version in its region: correct `exact_version`, or leave it out.",
        _codes("ImageNotFound PlatformImageNotFound ImageVersionNotFound GalleryImageNotFound"),
    ),
    _Known("Correct `admin_password` after Azure's rules for passwords.", _BAD_VALUE, r"\bpassword\b"),
    _Known(
        "The identity needs the action Microsoft.Compute/virtualMachines/reimage/action.",
        _codes("AuthorizationFailed LinkedAuthorizationFailed"),
    ),
    # https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
    _Known("Remove the lock from the VM, its resource group or its subscription.", _codes("ScopeLocked")),
    _Known("An Azure Policy forbids it: ask who assigned it.", _codes("RequestDisallowedByPolicy")),
    _Known(
        "Another operation runs on the VM: run `pulumi up` again when it has ended.",
        _codes("AnotherOperationInProgress OperationInProgress"),
    ),
    _Known(
        "Another operation runs on the VM: run `pulumi up` again when it has ended.",
        _BUSY,
        r"\bin progress\b",
    ),
    _Known(
        "Start the VM, then run `pulumi up` again.", _BUSY, r"\brequires the VM to be running|\bdeallocated"
    ),
    _Known("A generalized VM cannot be used again: create one from its image.", _BUSY, r"\bgeneralized\b"),
    # Azure/azure-sdk-for-java#1783, Azure/azure-sdk-for-python#5167
    _Known(
        "A more recent operation on the VM replaced it: the activity log in Azure names it.",
        _codes("OperationPreempted"),
    ),
    _Known(
        "Azure has no room for this VM size at the moment: try later, or choose another size or zone.",
        _codes("AllocationFailed ZonalAllocationFailed OverconstrainedAllocationRequest SkuNotAvailable"),
    ),
    _Known(
        "The new system was not ready in time and may still become so: look at its boot diagnostics first.",
        _codes("OSProvisioningTimedOut"),
    ),
    _Known(
        "The new system could not be set up: look at the VM's boot diagnostics, and at its image.",
        _codes("OSProvisioningClientError OSProvisioningInternalError"),
    ),
    _Known(
        "The new system started, and an extension failed on it: look at the VM's extensions.",
        _codes(
            "VMExtensionProvisioningError VMExtensionProvisioningTimeout VMExtensionHandlerNonTransientError"
        ),
    ),
    _Known(
        "The new system does not report through its VM agent: look at the VM's boot diagnostics.",
        _codes("VMAgentStatusCommunicationError"),
    ),
    _Known(
        "Azure is at work on the platform below the VM: run `pulumi up` again later.",
        _codes("ResourceUpdateBlockedOnPlatformUpdate"),
    ),
    _Known(
        "Check `vm_id`, and that the identity may see the VM's subscription.",
        _codes("ResourceNotFound ResourceGroupNotFound SubscriptionNotFound InvalidSubscriptionId"),
    ),
    _Known(
        "The subscription is disabled or not registered for Microsoft.Compute.",
        _codes("ReadOnlyDisabledSubscription MissingSubscriptionRegistration SubscriptionNotRegistered"),
    ),
)

_BY_STATUS = {
    401: "A new token did not help: check the tenant, and the clock of this machine.",
    403: "The identity needs the action Microsoft.Compute/virtualMachines/reimage/action.",
}


def advice(error: ArmError, status: int | None = None) -> str:
    """Return what to do about an error, as one sentence; empty if nothing is known that ARM did not say.

    Args:
        error: What ARM said.
        status: The HTTP status, if it was an answer to a request.
    """
    for known in _KNOWN:
        if any(known.fits(said) for said in _all(error)):
            return known.advice
    return _BY_STATUS.get(status or 0, "")


def _all(error: ArmError) -> Iterator[ArmError]:
    """Yield an error and those behind it: some codes say only that there is one."""
    yield error
    for detail in error.details:
        yield from _all(detail)
