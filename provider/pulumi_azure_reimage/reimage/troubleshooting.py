"""What ARM's errors mean when a VM is reimaged: what happened to its OS disk, and what to do.

`make docs` writes `KNOWN_ERRORS` into docs/troubleshooting.md.

Unless noted, codes and texts are from MicrosoftDocs/SupportArticles-docs, windows/error-messages.md, and
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors.
Most were recorded for other operations that share steps with a reimage. Only two are public for reimages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from ..sentences import join_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arm.error import ArmError
    from ..arm.response import Response


class Disk(StrEnum):
    """What an error says about the OS disk, in the words of our messages."""

    # ARM finds these before it starts anything.
    UNTOUCHED = "The disk was not touched."
    # It is only known that the operation had started.
    IN_DOUBT = "The OS disk may be lost or half built."
    UNKNOWN = "It is not known whether the OS disk was rebuilt."
    # A disk with `deleteOption` Detach is kept (the operation's text in the specification).
    REBUILT = "The OS disk was rebuilt: its old content is gone, unless Azure kept the old disk."


@dataclass(frozen=True, slots=True)
class KnownError:
    """An error that is known by its code, by words of its text, by its HTTP status, or by several of them.

    Attributes:
        disk: What happened to the OS disk.
        advice: What to do, in whole sentences.
        codes: As ARM spells them; none means any.
        words: A regular expression that the text, or the target, matches somewhere.
        status: The HTTP status of ARM's answer.
        only: What distinguishes it besides the code, for people, such as `about a password`.
    """

    disk: Disk
    advice: str
    codes: tuple[str, ...] = ()
    words: str = ""
    status: int | None = None
    only: str = ""

    @property
    def name(self) -> str:
        """Its name in the documents."""
        codes = ", ".join(f"`{code}`" for code in self.codes) or "any code"
        return f"{codes} {self.only}".strip()

    def fits(self, error: ArmError, status: int | None = None) -> bool:
        """Report whether an error is this one."""
        if self.status not in (None, status):
            return False
        if self.codes and (error.code or "").casefold() not in map(str.casefold, self.codes):
            return False
        return re.search(self.words, f"{error.target or ''} {error.message or ''}", re.IGNORECASE) is not None


def _refused(
    advice: str, codes: str = "", words: str = "", only: str = "", *, status: int | None = None
) -> KnownError:
    return KnownError(Disk.UNTOUCHED, advice, tuple(codes.split()), words, status, only)


def _ended(disk: Disk, advice: str, codes: str) -> KnownError:
    return KnownError(disk, advice, tuple(codes.split()))


_BAD_VALUE = "InvalidParameter BadRequest"
_NOT_ALLOWED = "OperationNotAllowed Conflict"
_ACTIONS = (
    "The identity needs the actions Microsoft.Compute/virtualMachines/read and "
    "Microsoft.Compute/virtualMachines/reimage/action on the VM, and any other action that Azure names."
)
_GONE = (
    "Check `vm_id`. If the VM was deleted, remove its reimage from the program, or create the VM again "
    "before its reimage is declared (use the VM's own id)."
)
_WAIT = "Another operation is running on the VM. Run `pulumi up` again when it has ended."
_DELETED = "The VM is being deleted. Remove it from the program, or create it again."
_NO_QUOTA = "A quota of the subscription is used up. Free some of it, or request an increase."
_NO_IMAGE = (
    "Azure cannot find this version of the VM's image in its region. Correct `exact_version`; if it is not "
    "set, the image no longer exists."
)

# The first one that fits is used.
KNOWN_ERRORS = (
    # Azure/azure-powershell#11354, Azure/azure-libraries-for-net#663: reimages of scale sets.
    _refused(
        "Azure accepts `temp_disk` only for an ephemeral OS disk. Leave it out.",
        words=r"\btempDisk\b",
        only="about `tempDisk`",
    ),
    # Azure/azure-cli#26303: a reimage.
    _refused(
        "Azure accepts custom data only if it equals what the VM was created with. Use the same data, or "
        "leave it out.",
        words=r"custom ?data\b.*\bsame\b",
        only="about custom data that is not the same",
    ),
    _refused(
        "Custom data must be base64 of at most 65,535 bytes.",
        words=r"custom ?data\b.*\bbase64\b",
        only="about custom data that is not base64",
    ),
    # Azure/azure-cli#228, saltstack/salt#54767: creations. It is not known whether a reimage ever requires
    # it.
    _refused(
        "Azure requires the password of the VM. Set `admin_password` in `os_profile`.",
        _BAD_VALUE,
        r"\brequired parameter\b.*password\b",
        "about a missing password",
    ),
    _refused(
        "Correct `admin_password` so that it meets Azure's rules for passwords.",
        _BAD_VALUE,
        r"password\b",
        "about a password",
    ),
    # "The Image {0} cannot be found."; Azure/azure-cli#25148 for an image that is named as a resource.
    # A space must follow "image", because a resource group may be called "images".
    _refused(
        _NO_IMAGE,
        words=r"\bexactVersion\b"
        r"|(?:\bimages?\s|Microsoft\.Compute/(?:galleries|images)/)"
        r".*\b(?:(?:can)?not (?:be )?found|does not exist|not available)\b",
        only="about `exactVersion`, or about an image that is not found",
    ),
    # clong/DetectionLab#729, pulumi/pulumi-aws#5129
    _refused(_NO_IMAGE, "ImageNotFound PlatformImageNotFound GalleryImageNotFound"),
    _refused(
        "The subscription may not use this version of the VM's image. Check its plan and terms in the "
        "Marketplace.",
        "VMMarketplaceInvalidInput SubscriptionNotAuthorizedForImage",
    ),
    _refused(_ACTIONS, "AuthorizationFailed"),
    # https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
    _refused(
        "A deny assignment forbids it, regardless of the identity's roles. Ask its owner, such as the "
        "managed application or the deployment stack that Azure names.",
        "DenyAssignmentAuthorizationFailed",
    ),
    # MicrosoftDocs/azure-docs#114801 and #68563: creations from an image elsewhere.
    _refused(
        "The identity may not read a resource that the VM uses, such as its image. Grant it that right; if "
        "the resource is in another tenant, set `auxiliaryTenantIds`.",
        "LinkedAuthorizationFailed",
    ),
    # Azure/LogicAppsUX#9068: the start of a VM; Azure/azure-sdk-for-python#35268: a read.
    _refused(
        "The identity signed in to a different tenant than that of the VM's subscription. Set `tenantId`.",
        "InvalidAuthenticationTokenTenant",
    ),
    # https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
    _refused("Remove the lock from the VM, its resource group or its subscription.", "ScopeLocked"),
    _refused(
        "An Azure Policy forbids it. Ask whoever assigned the policy.",
        "RequestDisallowedByPolicy RequestDisallowedByAzure",
    ),
    _refused(_WAIT, "AnotherOperationInProgress"),
    # Recorded for a Windows Spot VM with a managed OS disk: Azure/azure-sdk-for-python@090f7e46eb,
    # sdk/compute/azure-mgmt-compute/tests/test_mgmt_compute_vm.py. Other VMs without automatic upgrades
    # were reimaged: Azure/azure-cli, test_vm_reimage.yaml. What distinguishes the two is not known.
    _refused(
        "Azure refuses to reimage some VMs that are in no scale set (seen in 2021 for a Windows Spot VM with "
        "a managed OS disk), and nothing here can change that. Create the VM again instead.",
        _NOT_ALLOWED,
        r"\bAutomatic OS Upgrades\b",
        "about automatic OS upgrades",
    ),
    _refused(_WAIT, _NOT_ALLOWED, r"\bin progress\b|\bongoing operation\b", "about another operation"),
    _refused(
        "Start the VM, then run `pulumi up` again.",
        _NOT_ALLOWED,
        r"\brequires the VM to be running|\bdeallocated\b",
        "about a VM that is not running",
    ),
    _refused(
        "A generalized VM cannot be used again. Create a new one from its image.",
        _NOT_ALLOWED,
        r"\bgeneralized\b",
        "about a generalized VM",
    ),
    _refused(
        "Repair or remove the VM's extension, then run `pulumi up` again.",
        _NOT_ALLOWED,
        r"\bextension\b.*\bfailed state\b",
        "about a failed extension",
    ),
    _refused(_DELETED, _NOT_ALLOWED, r"\bmarked for deletion\b", "about a deletion"),
    # Azure/azure-cli#21121
    _refused(_DELETED, "ResourceGroupBeingDeleted"),
    _refused(
        "Azure is updating the platform that the VM runs on. Run `pulumi up` again later.",
        "ResourceUpdateBlockedOnPlatformUpdate",
    ),
    # https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-throttling-errors
    _refused(
        "Azure throttles the requests of everyone who uses the subscription. Run `pulumi up` again later, or "
        "set a larger `timeout`.",
        "TooManyRequests SubscriptionRequestsThrottled",
    ),
    # https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-resource-quota;
    # theonemule/fahclient-azure-vm#3 and nforgeio/neonKUBE#1671 for the two codes of one text.
    _refused(_NO_QUOTA, "QuotaExceeded ResourceQuotaExceeded"),
    _refused(_NO_QUOTA, _NOT_ALLOWED, r"\bexceeding\b.*\bquota\b", "about a quota"),
    _refused(_GONE, "VMNotFound ResourceNotFound"),
    _refused(
        "Check the resource group in `vm_id`. If it was deleted, remove the reimages of its VMs from the "
        "program.",
        "ResourceGroupNotFound",
    ),
    # velero-io/velero#4737 for the last one.
    _refused(
        "Check the subscription in `vm_id`. If it exists, the identity cannot see it: give it a role there, "
        "or set `tenantId` if the subscription is in another tenant. If it was deleted, remove the reimages "
        "of its VMs from the program.",
        "SubscriptionNotFound InvalidSubscriptionId",
    ),
    # Azure/azure-cli#28496, ansible-collections/azure#2191
    _refused(
        "This cloud does not know the api-version that is used. Set `azure-reimage:apiVersion` to one that "
        "Azure names.",
        "NoRegisteredProviderFound InvalidApiVersionParameter",
    ),
    # microsoft/vscode-azureappservice#912
    _refused(
        "The subscription is disabled. Enable it again.", "ReadOnlyDisabledSubscription SubscriptionDisabled"
    ),
    _refused(
        "Register the subscription for Microsoft.Compute.",
        "MissingSubscriptionRegistration SubscriptionNotRegistered",
    ),
    # The last one: MicrosoftDocs/azure-docs#41402. That an old disk outlives a VM that gets no
    # capacity is likely, but not documented.
    _ended(
        Disk.IN_DOUBT,
        "Azure has no capacity for this VM size at the moment. Try again later, or choose another size.",
        "AllocationFailed ZonalAllocationFailed SkuNotAvailable OverconstrainedAllocationRequest "
        "OverconstrainedZonalAllocationRequest",
    ),
    # hashicorp/terraform-provider-azurerm#9177: a creation. Inferred: a reimage also creates its disk after
    # it has started.
    _ended(
        Disk.IN_DOUBT,
        "Azure may not use the key of the VM's disks. Let their disk encryption set read the key vault.",
        "KeyVaultAccessForbidden",
    ),
    _ended(
        Disk.IN_DOUBT,
        "Azure could not create the disk. Check the disks in the VM's instance view.",
        "DiskPreparationError DiskProcessingError",
    ),
    # cloudfoundry/bosh-azure-cpi-release#86, microsoft/lisa#236, Azure/azure-quickstart-templates#7146
    _ended(
        Disk.IN_DOUBT,
        "Internal Azure error. If it happens again, contact Azure support and quote the correlation id.",
        "InternalExecutionError InternalOperationError InternalServerError NetworkingInternalOperationError "
        "DiskServiceInternalError",
    ),
    # Azure/azure-sdk-for-java#1783, Azure/azure-sdk-for-python#5167. What it had done by then is not undone:
    # Azure/azure-rest-api-specs#22434.
    _ended(
        Disk.UNKNOWN,
        "A more recent operation on the VM replaced it. The activity log in Azure shows which one.",
        "OperationPreempted",
    ),
    # scylladb/scylla-cluster-tests#15004: a new VM started ten minutes after this error.
    _ended(
        Disk.UNKNOWN,
        "The VM may still start. Check its power state and its boot diagnostics first.",
        "VMStartTimedOut",
    ),
    # The new system reports these about itself, so it has a disk. Azure's support describes the order for new
    # VMs: disk from the image, boot, provisioning, extensions (learn.microsoft.com/archive/blogs/jpaztech/
    # virtual-machine-provisioning-error). Inferred: a reimage has the same order.
    _ended(
        Disk.REBUILT,
        "The new system was not ready in time, and may still become ready. Check its boot diagnostics first.",
        "OSProvisioningTimedOut",
    ),
    _ended(
        Disk.REBUILT,
        "The new system could not be set up. Check the VM's boot diagnostics, and its image.",
        "OSProvisioningClientError OSProvisioningInternalError",
    ),
    _ended(
        Disk.REBUILT,
        "The new system started, but an extension failed on it. Check the VM's extensions.",
        "VMExtensionProvisioningError VMExtensionProvisioningTimeout VMExtensionHandlerNonTransientError "
        "VMExtensionManagementInternalError",
    ),
    _ended(
        Disk.REBUILT,
        "The new system does not report through its VM agent. Check the VM's boot diagnostics.",
        "VMAgentStatusCommunicationError",
    ),
    # These apply to any code, because proxies and gateways have their own codes.
    _refused(
        "A new token was refused too. Check the tenant, and the clock of this machine.",
        only="with HTTP 401",
        status=401,
    ),
    _refused(_ACTIONS, only="with HTTP 403", status=403),
    _refused(_GONE, only="with HTTP 404", status=404),
)


def find(error: ArmError, status: int | None = None) -> KnownError | None:
    """Return what is known about an error, or about one of its inner errors; None if nothing is.

    Args:
        error: What ARM said.
        status: The HTTP status, if it was an answer to a request.
    """
    return next((one for one in KNOWN_ERRORS if any(one.fits(said, status) for said in _all(error))), None)


def advice(error: ArmError, status: int | None = None) -> str:
    """Return what to do about an error, in whole sentences; empty if nothing is known beyond what ARM said.

    Args:
        error: What ARM said.
        status: The HTTP status, if it was an answer to a request.
    """
    found = find(error, status)
    return found.advice if found else ""


class Unreadable(Protocol):
    """Why something could not be read: `ReadError` of arm/client.py, which this module does not import."""

    reason: str
    error: ArmError
    http_status: int | None


def explain_read(error: Unreadable) -> str:
    """Return why ARM could not be read, and what to do about it, in whole sentences."""
    return join_sentences(error.reason, advice(error.error, error.http_status))


def explain_answer(answer: Response | None) -> str:
    """Return what ARM said when it refused, and what to do about it; empty if it said nothing."""
    if answer is None:
        return ""
    return join_sentences(answer.error.text, advice(answer.error, answer.status))


def disk_after(error: ArmError) -> Disk:
    """Return what happened to the OS disk in an operation that had started and ended with `error`."""
    found = find(error)
    # An error that ARM should have found before the start proves nothing once the operation has started.
    return found.disk if found and found.disk is not Disk.UNTOUCHED else Disk.IN_DOUBT


def _all(error: ArmError) -> Iterator[ArmError]:
    """Yield an error and its inner errors, because some codes say only that there is an inner one."""
    yield error
    for detail in error.details:
        yield from _all(detail)
