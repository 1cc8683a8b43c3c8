"""What happened to the disk and what to do, for each known error. Other errors show only ARM's message."""

import pytest

from pulumi_azure_reimage.arm.error import ArmError
from pulumi_azure_reimage.reimage.troubleshooting import (
    KNOWN_ERRORS,
    Disk,
    KnownError,
    advice,
    disk_after,
    find,
)

NOT_ALLOWED = "Operation 'reimage' is not allowed on VM 'web' since "
WEB = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"

# ARM's error, its HTTP status if it is a refusal, and words of the advice.
SAMPLES: dict[str, tuple[ArmError, int | None, str]] = {
    "temp_disk": (
        ArmError("InvalidParameter", "The value of parameter tempDisk is invalid.", "tempDisk"),
        400,
        "Leave it out",
    ),
    "temp_disk by target": (ArmError("invalidparameter", "No.", "tempDisk"), 400, "`temp_disk`"),
    "other custom data": (
        ArmError(
            "BadRequest",
            "Reimage requires the custom data provided should be same as the custom data provided while "
            "creating the Virtual Machine.",
        ),
        400,
        "what the VM was created with",
    ),
    "custom data that is no base64": (
        ArmError(
            "InvalidParameter",
            "Custom data in OSProfile must be in Base64 encoding and with a maximum length of 87380 "
            "characters.",
        ),
        400,
        "65,535",
    ),
    "no password": (
        ArmError(
            "InvalidParameter", "Required parameter 'adminPassword' is missing (null).", "adminPassword"
        ),
        400,
        "Set `admin_password`",
    ),
    "password": (
        ArmError("InvalidParameter", "The Admin password specified is not allowed."),
        400,
        "Correct `admin_password`",
    ),
    "password by target": (
        ArmError("InvalidParameter", "The value is invalid.", "osProfile.adminPassword"),
        400,
        "Correct `admin_password`",
    ),
    "exact_version": (ArmError("InvalidParameter", "No.", "exactVersion"), 400, "`exact_version`"),
    "image": (
        ArmError("NotFound", "The Image /subscriptions/1/x/versions/9 cannot be found."),
        404,
        "`exact_version`",
    ),
    "image as a resource": (
        ArmError(
            "ResourceNotFound",
            "The Resource 'Microsoft.Compute/galleries/g/images/i' under resource group 'rg' was not found.",
        ),
        404,
        "`exact_version`",
    ),
    "images of a gallery": (
        ArmError(
            "InvalidParameter",
            "In region eastus, the following list of Shared Image Gallery images referenced from the "
            "deployment template were not found: /CommunityGalleries/g/Images/i/Versions/latest.",
        ),
        400,
        "`exact_version`",
    ),
    "image of a gallery": (
        ArmError(
            "GalleryImageNotFound",
            "The gallery image g/versions/1.0.0 is not available in southeastasia region.",
            "imageReference",
        ),
        404,
        "`exact_version`",
    ),
    "platform image": (ArmError("PlatformImageNotFound", "No."), 404, "`exact_version`"),
    "Marketplace": (
        ArmError("VMMarketplaceInvalidInput", "The purchase information does not match."),
        400,
        "plan and terms",
    ),
    "role": (
        ArmError("AuthorizationFailed", "The client does not have authorization to perform action."),
        403,
        "Microsoft.Compute/virtualMachines/reimage/action",
    ),
    "deny assignment": (
        ArmError(
            "DenyAssignmentAuthorizationFailed",
            "The client has permission to perform action; however, the access is denied because of the deny "
            "assignment with name 'System deny assignment created by managed application'.",
        ),
        403,
        "A deny assignment forbids it, regardless of the",
    ),
    "image in another tenant": (
        ArmError("LinkedAuthorizationFailed", "The current tenant is not authorized."),
        403,
        "`auxiliaryTenantIds`",
    ),
    "tenant": (
        ArmError("InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer."),
        401,
        "Set `tenantId`",
    ),
    "lock": (ArmError("ScopeLocked", "Please remove the lock and try again."), 409, "Remove the lock"),
    "policy": (
        ArmError("RequestDisallowedByPolicy", "Disallowed by one or more policies."),
        403,
        "Azure Policy",
    ),
    # The text is that of Azure/azure-sdk-for-python@090f7e46eb, test_mgmt_compute_vm.py.
    "automatic upgrades": (
        ArmError(
            "OperationNotAllowed",
            "The Reimage and OSUpgrade Virtual Machine actions require that the virtual machine has "
            "Automatic OS Upgrades enabled.",
        ),
        409,
        "nothing here can change that",
    ),
    "busy": (ArmError("AnotherOperationInProgress"), 409, "when it has ended"),
    "busy in other words": (
        ArmError("OperationNotAllowed", f"{NOT_ALLOWED}another operation is in progress."),
        409,
        "when it has ended",
    ),
    "changing its power state": (
        ArmError(
            "Conflict",
            "An ongoing operation is changing power state of Virtual Machine web to stopped. Please perform "
            "operation reimage after some time.",
        ),
        409,
        "when it has ended",
    ),
    "stopped": (
        ArmError("OperationNotAllowed", "The operation requires the VM to be running (or set to run)."),
        409,
        "Start the VM",
    ),
    "deallocated": (
        ArmError(
            "OperationNotAllowed", f"{NOT_ALLOWED}the VM is either deallocated or marked to be deallocated."
        ),
        409,
        "Start the VM",
    ),
    "generalized": (
        ArmError("OperationNotAllowed", f"{NOT_ALLOWED}the VM is generalized."),
        409,
        "Create a new one from its image",
    ),
    "broken extension": (
        ArmError("OperationNotAllowed", f"{NOT_ALLOWED}VM has extension 'omsagent' in failed state."),
        409,
        "Repair or remove the VM's extension",
    ),
    "deleted": (
        ArmError("OperationNotAllowed", f"{NOT_ALLOWED}the VM is marked for deletion."),
        409,
        "being deleted",
    ),
    "deleted with its group": (
        ArmError("ResourceGroupBeingDeleted", "The resource group 'rg' is in deprovisioning state."),
        409,
        "being deleted",
    ),
    "platform": (ArmError("ResourceUpdateBlockedOnPlatformUpdate"), 409, "again later"),
    "throttled": (
        ArmError(
            "OperationNotAllowed",
            "The server rejected the request because too many requests have been received for this "
            "subscription.",
            details=(ArmError("TooManyRequests", target="UpdateVM3Min"),),
        ),
        429,
        "larger `timeout`",
    ),
    "quota": (ArmError("QuotaExceeded"), 409, "request an increase"),
    "quota in other words": (
        ArmError(
            "OperationNotAllowed",
            "Operation could not be completed as it results in exceeding approved Total Regional Cores "
            "quota.",
        ),
        409,
        "request an increase",
    ),
    "not found": (ArmError("ResourceNotFound"), 404, "If the VM was deleted, remove its reimage"),
    "no group": (ArmError("ResourceGroupNotFound"), 404, "Check the resource group in `vm_id`"),
    "no subscription": (
        ArmError("SubscriptionNotFound", "The subscription '1' could not be found."),
        404,
        "set `tenantId` if the subscription is in another tenant",
    ),
    "api-version": (
        ArmError("NoRegisteredProviderFound", "No registered resource provider found for API version 'x'."),
        400,
        "Set `azure-reimage:apiVersion`",
    ),
    "not found in a group of images": (
        ArmError("ResourceNotFound", f"The Resource '{WEB}' under resource group 'images' was not found."),
        404,
        "`vm_id`",
    ),
    "disabled": (ArmError("ReadOnlyDisabledSubscription"), 409, "subscription is disabled"),
    "not registered": (ArmError("MissingSubscriptionRegistration"), 409, "Register the subscription"),
    "allocation": (ArmError("AllocationFailed"), None, "no capacity"),
    "key": (ArmError("KeyVaultAccessForbidden"), None, "disk encryption set"),
    "disks": (
        ArmError("DiskProcessingError", "One or more errors occurred while preparing VM disks."),
        None,
        "instance view",
    ),
    "internal": (
        ArmError("InternalExecutionError", "An internal execution error occurred. Please retry later."),
        None,
        "correlation id",
    ),
    "preempted": (ArmError("OperationPreempted"), None, "activity log"),
    "slow start": (ArmError("VMStartTimedOut"), None, "power state"),
    "slow system": (ArmError("OSProvisioningTimedOut"), None, "may still become ready"),
    "broken system": (ArmError("OSProvisioningClientError"), None, "boot diagnostics"),
    "extension": (
        ArmError("VMExtensionProvisioningError", "VM has reported a failure when processing extension 'x'."),
        None,
        "extension failed",
    ),
    "agent": (ArmError("VMAgentStatusCommunicationError"), None, "VM agent"),
    "in the details": (
        ArmError("ResourceOperationFailure", "See details.", None, (ArmError("AllocationFailed"),)),
        None,
        "no capacity",
    ),
    # Proxies and gateways have their own codes.
    "401": (ArmError("Odd", "No."), 401, "the clock of this machine"),
    "403": (ArmError("Odd", "No."), 403, "reimage/action"),
    "404": (ArmError("Odd", "No."), 404, "Check `vm_id`"),
}


@pytest.mark.parametrize(("error", "status", "words"), SAMPLES.values(), ids=SAMPLES)
def test_a_known_error_has_advice(error: ArmError, status: int | None, words: str) -> None:
    """The advice is one sentence."""
    given = advice(error, status)

    assert words in given
    assert given.endswith(".")
    assert "\n" not in given


def test_every_known_error_was_said_by_arm() -> None:
    """An entry that no sample reaches is dead, or another entry before it matches its errors."""
    reached = {find(error, status) for error, status, _ in SAMPLES.values()}

    assert [one.name for one in KNOWN_ERRORS if one not in reached] == []


@pytest.mark.parametrize("one", [one for one in KNOWN_ERRORS if not one.only], ids=lambda one: one.name)
def test_a_code_that_says_it_all_needs_no_words(one: KnownError) -> None:
    """ARM's spelling of the code does not matter."""
    said = [code for spelled in one.codes for code in (spelled, spelled.lower())]

    assert [code for code in said if find(ArmError(code)) is not one] == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(ArmError(), None, id="nothing"),
        pytest.param(ArmError(), 400, id="400"),
        pytest.param(
            ArmError("InvalidParameter", "The value is invalid.", "vmName"), 400, id="another value"
        ),
        pytest.param(ArmError("OperationNotAllowed", "Not here."), 409, id="not allowed"),
        pytest.param(ArmError("Strange", "Your password is in progress."), 409, id="words of another code"),
    ],
)
def test_where_nothing_is_known_nothing_is_said(error: ArmError, status: int | None) -> None:
    """ARM's own sentence is shown without advice."""
    assert advice(error, status) == ""


@pytest.mark.parametrize(
    ("code", "disk"),
    [
        pytest.param("OSProvisioningTimedOut", Disk.REBUILT, id="provisioning"),
        pytest.param("VMExtensionProvisioningError", Disk.REBUILT, id="extension"),
        pytest.param("OperationPreempted", Disk.UNKNOWN, id="preempted"),
        pytest.param("AllocationFailed", Disk.IN_DOUBT, id="allocation"),
        pytest.param("ScopeLocked", Disk.IN_DOUBT, id="refusal"),
        pytest.param("Strange", Disk.IN_DOUBT, id="unknown code"),
        pytest.param(None, Disk.IN_DOUBT, id="no code"),
    ],
)
def test_an_operation_that_ended_badly_shows_what_happened_to_the_disk(code: str | None, disk: Disk) -> None:
    """An error that is harmless before the start proves nothing after it, so no such disk is called safe."""
    assert disk_after(ArmError(code, "No.")) is disk
