"""The messages that belong to error codes, so that a script may name only the code.

Sources: MicrosoftDocs/SupportArticles-docs, windows/error-messages.md; Azure/azure-cli recordings of
failed operations; Azure/azure-sdk-for-java#1783 for OperationPreempted.
"""

from __future__ import annotations

from http import HTTPStatus

_OPERATIONS = {
    "AllocationFailed": (
        "Allocation failed. We do not have sufficient capacity for the requested VM size in this region. "
        "Read more about improving likelihood of allocation success at https://aka.ms/allocation-guidance"
    ),
    "InternalExecutionError": "An internal execution error occurred. Please retry later.",
    "OperationPreempted": "The operation has been preempted by a more recent operation.",
    "OSProvisioningClientError": (
        "OS Provisioning failed for VM '{vm}' because the guest OS is currently being provisioned."
    ),
    "OSProvisioningInternalError": "OS Provisioning failed for VM '{vm}' due to an internal error.",
    "OSProvisioningTimedOut": (
        "OS Provisioning for VM '{vm}' did not finish in the allotted time. The VM may still finish "
        "provisioning successfully. Please check provisioning state later."
    ),
    "VMAgentStatusCommunicationError": (
        "VM '{vm}' has not reported status for VM agent or extensions. Please verify the VM has a running "
        "VM agent, and can establish outbound connections to Azure storage."
    ),
    "VMExtensionProvisioningError": (
        "Multiple VM extensions failed to be provisioned on the VM. Please see the VM extension instance "
        "view for details."
    ),
}
# The known codes of failed operations.
OPERATION_CODES = tuple(_OPERATIONS)
_STATUSES = {
    401: ("ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."),
    403: ("AuthorizationFailed", "The client does not have authorization to perform this action."),
    404: ("ResourceNotFound", "The resource was not found."),
    409: ("Conflict", "The request conflicts with the current state of the resource."),
    429: ("TooManyRequests", "Too many requests have been received."),
    500: ("InternalServerError", "Encountered internal server error."),
    503: ("ServiceUnavailable", "The service is temporarily unavailable. Please try again later."),
    # ARM's message if a resource provider does not answer it within 60 s.
    504: (
        "GatewayTimeout",
        "The gateway did not receive a response from 'Microsoft.Compute' within the specified time period.",
    ),
}


def operation_message(code: str, vm_name: str) -> str:
    """Return the message that belongs to the code of a failed operation."""
    return _OPERATIONS.get(code, f"The operation ended with {code}.").format(vm=vm_name)


def status_error(status: int) -> tuple[str, str]:
    """Return the code and the message that belong to an HTTP status."""
    if status in _STATUSES:
        return _STATUSES[status]
    known = status in {item.value for item in HTTPStatus}
    phrase = HTTPStatus(status).phrase if known else f"Status {status}"
    return phrase.title().replace(" ", "").replace("-", ""), f"{phrase}."
