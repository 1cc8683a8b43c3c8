"""What a failed operation leaves of a machine, by its error code, as this simulator assumes it.

No failed reimage is public, so all of this is inferred from the step in which Azure finds each error. The
order of the steps is that of a creation: checks, allocation, disk from the image, boot, provisioning,
extensions (learn.microsoft.com/archive/blogs/jpaztech/virtual-machine-provisioning-error). A code that is not
listed here leaves the worst outcome, because there is no evidence for a better one.
"""

from __future__ import annotations

from enum import StrEnum


class Aftermath(StrEnum):
    """What a failed operation leaves, in the words of the script language. The machine is always `Failed`."""

    UNTOUCHED = "disk untouched"
    NEW_DISK = "new disk"
    # The old disk is detached, and nothing boots from the new one.
    BROKEN = "broken"


# The machine keeps its disk, because checks find these before anything is done to it.
# Codes: learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors.
# OperationPreempted: Azure/azure-sdk-for-java#1783; how far such an operation got is not known, so here it
# got nowhere.
_CHECKS = """
AnotherOperationInProgress AuthorizationFailed BadRequest Conflict DenyAssignmentAuthorizationFailed
GalleryImageNotFound ImageNotFound InvalidApiVersionParameter InvalidAuthenticationTokenTenant
InvalidParameter InvalidSubscriptionId LinkedAuthorizationFailed MissingSubscriptionRegistration
NoRegisteredProviderFound OperationNotAllowed OperationPreempted PlatformImageNotFound QuotaExceeded
ReadOnlyDisabledSubscription RequestDisallowedByAzure RequestDisallowedByPolicy ResourceGroupBeingDeleted
ResourceGroupNotFound ResourceNotFound ResourceQuotaExceeded ResourceUpdateBlockedOnPlatformUpdate
ScopeLocked SubscriptionDisabled SubscriptionNotAuthorizedForImage SubscriptionNotFound
SubscriptionNotRegistered
SubscriptionRequestsThrottled TooManyRequests VMMarketplaceInvalidInput VMNotFound
"""
# The new system exists, and is what fails. Texts: MicrosoftDocs/SupportArticles-docs,
# windows/error-messages.md. VMStartTimedOut: in scylladb/scylla-cluster-tests#15004 the VM started later.
_EXTENSIONS = """
VMExtensionHandlerNonTransientError VMExtensionManagementInternalError VMExtensionProvisioningError
VMExtensionProvisioningTimeout
"""
_SYSTEM = """
OSProvisioningClientError OSProvisioningInternalError OSProvisioningTimedOut VMAgentStatusCommunicationError
VMStartTimedOut
"""
_AFTERMATHS = {
    **dict.fromkeys(_CHECKS.lower().split(), Aftermath.UNTOUCHED),
    **dict.fromkeys((_EXTENSIONS + _SYSTEM).lower().split(), Aftermath.NEW_DISK),
}


def aftermath_of(code: str) -> Aftermath:
    """Return what a failure with `code` leaves if a script does not say."""
    return _AFTERMATHS.get(code.lower(), Aftermath.BROKEN)


def silences_agent(code: str) -> bool:
    """Return whether the VM agent of the new system does not report after a failure with `code`."""
    return code.lower() not in _EXTENSIONS.lower().split()
