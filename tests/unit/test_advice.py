"""Advice: one sentence for each error that people meet, and none where ARM has said it all."""

from __future__ import annotations

import pytest

from pulumi_azure_reimage.advice import advice
from pulumi_azure_reimage.arm_error import ArmError

CUSTOM_DATA = (
    "Reimage requires the custom data provided should be same as the custom data provided while creating "
    "the Virtual Machine."
)
NOT_ALLOWED = "Operation 'reimage' is not allowed on VM 'web' since "


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(
            ArmError("InvalidParameter", "The value of parameter tempDisk is invalid.", "tempDisk"),
            "leave it out",
            id="temp_disk",
        ),
        pytest.param(ArmError("invalidparameter", "No.", "tempDisk"), "temp_disk", id="temp_disk by target"),
        pytest.param(
            ArmError("BadRequest", CUSTOM_DATA), "what the VM was created with", id="other custom data"
        ),
        pytest.param(
            ArmError(
                "InvalidParameter", "Custom data in OSProfile must be in Base64 encoding and of a length."
            ),
            "65,535",
            id="custom data that is no base64",
        ),
        pytest.param(
            ArmError("InvalidParameter", "No.", "exactVersion"), "`exact_version`", id="exact_version"
        ),
        pytest.param(
            ArmError("NotFound", "The Image /subscriptions/1/x cannot be found."),
            "`exact_version`",
            id="image",
        ),
        pytest.param(ArmError("PlatformImageNotFound", "No."), "`exact_version`", id="platform image"),
        pytest.param(
            ArmError("InvalidParameter", "The Admin password specified is not allowed."),
            "`admin_password`",
            id="password",
        ),
        pytest.param(
            ArmError("AuthorizationFailed", "No."),
            "Microsoft.Compute/virtualMachines/reimage/action",
            id="role",
        ),
        pytest.param(ArmError("ScopeLocked", "No."), "Remove the lock", id="lock"),
        pytest.param(ArmError("RequestDisallowedByPolicy", "No."), "Azure Policy", id="policy"),
        pytest.param(ArmError("AnotherOperationInProgress"), "when it has ended", id="busy"),
        pytest.param(
            ArmError("OperationNotAllowed", f"{NOT_ALLOWED}another operation is in progress."),
            "when it has ended",
            id="busy in other words",
        ),
        pytest.param(
            ArmError("OperationNotAllowed", "The operation requires the VM to be running (or set to run)."),
            "Start the VM",
            id="stopped",
        ),
        pytest.param(
            ArmError("OperationNotAllowed", f"{NOT_ALLOWED}the VM is either deallocated or marked to be."),
            "Start the VM",
            id="deallocated",
        ),
        pytest.param(
            ArmError("OperationNotAllowed", f"{NOT_ALLOWED}the VM is generalized."),
            "create one from its image",
            id="generalized",
        ),
        pytest.param(ArmError("OperationPreempted"), "activity log", id="preempted"),
        pytest.param(ArmError("AllocationFailed"), "no room", id="allocation"),
        pytest.param(ArmError("OSProvisioningTimedOut"), "may still become so", id="slow system"),
        pytest.param(ArmError("OSProvisioningClientError"), "boot diagnostics", id="broken system"),
        pytest.param(ArmError("VMExtensionProvisioningError"), "extensions", id="extension"),
        pytest.param(ArmError("VMAgentStatusCommunicationError"), "VM agent", id="agent"),
        pytest.param(ArmError("ResourceUpdateBlockedOnPlatformUpdate"), "again later", id="platform"),
        pytest.param(ArmError("ResourceGroupNotFound"), "`vm_id`", id="not found"),
        pytest.param(ArmError("ReadOnlyDisabledSubscription"), "subscription is disabled", id="disabled"),
        pytest.param(
            ArmError("ResourceOperationFailure", "See details.", None, (ArmError("AllocationFailed"),)),
            "no room",
            id="in the details",
        ),
    ],
)
def test_a_known_error_has_advice(error: ArmError, words: str) -> None:
    """In one sentence."""
    given = advice(error, 400)

    assert words in given
    assert given.endswith(".")
    assert "\n" not in given


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(ArmError(), None, id="nothing"),
        pytest.param(ArmError(), 400, id="400"),
        pytest.param(ArmError("TooManyRequests", "Slow down."), 429, id="throttled"),
        pytest.param(
            ArmError("InvalidParameter", "The value is invalid.", "vmName"), 400, id="another value"
        ),
        pytest.param(ArmError("OperationNotAllowed", "Quota exceeded."), 409, id="not allowed"),
        pytest.param(ArmError("Strange", "Your password is in progress."), 409, id="words of another code"),
    ],
)
def test_where_nothing_is_known_nothing_is_said(error: ArmError, status: int | None) -> None:
    """ARM's own sentence stands alone."""
    assert advice(error, status) == ""


@pytest.mark.parametrize(("status", "words"), [(401, "the clock of this machine"), (403, "reimage/action")])
def test_a_status_is_known_whatever_the_code(status: int, words: str) -> None:
    """Proxies and gateways have codes of their own."""
    assert words in advice(ArmError("Odd", "No."), status)
