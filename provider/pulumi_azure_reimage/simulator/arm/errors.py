"""ARM's error envelopes, each with ARM's own message.

The texts are public: the page "Common Azure deployment errors" of Microsoft Learn, the list of
virtual machine error messages in MicrosoftDocs/SupportArticles-docs, and the issues named below.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ..http.messages import Response, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping


class ArmError(Exception):
    """ARM refuses a request with `{"error": {"code", "message"}}`."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Store the parts of the envelope, and further headers of the answer."""
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.headers = headers

    def response(self) -> Response:
        """Return the answer that a client gets."""
        error = {"code": self.code, "message": self.message}
        if self.target is not None:
            error["target"] = self.target
        return json_response(self.status, {"error": error}, self.headers)


def authorization_missing() -> ArmError:
    """Refuse a request without an Authorization header."""
    challenge = (
        'Bearer authorization_uri="https://login.microsoftonline.com/common", error="invalid_token", '
        "error_description=\"The authentication failed because of missing 'Authorization' header.\""
    )
    return ArmError(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
        headers={"www-authenticate": challenge},
    )


def api_version_missing() -> ArmError:
    """Refuse a request without `api-version`."""
    return ArmError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )


# ARM lists its own versions, for every resource provider (recorded in
# hashicorp/vault-plugin-secrets-azure#13, 2018; newer reports only list more).
_OWN_API_VERSIONS = (
    "2018-08-01,2018-07-01,2018-06-01,2018-05-01,2018-02-01,2018-01-01,2017-12-01,2017-08-01,2017-06-01,"
    "2017-05-10,2017-05-01,2017-03-01,2016-09-01,2016-07-01,2016-06-01,2016-02-01,2015-11-01,2015-01-01,"
    "2014-04-01-preview,2014-04-01,2014-01-01,2013-03-01,2014-02-26,2014-04"
)


def api_version_invalid(api_version: str) -> ArmError:
    """Refuse an `api-version` that is not a version."""
    return ArmError(
        400,
        "InvalidApiVersionParameter",
        f"The api-version '{api_version}' is invalid. The supported versions are '{_OWN_API_VERSIONS}'.",
    )


def api_version_unsupported(api_version: str, supported: str, resource_type: str, location: str) -> ArmError:
    """Refuse an `api-version` that this resource type does not have."""
    return ArmError(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location '{location}' and API version '{api_version}' "
        f"for type '{resource_type}'. The supported api-versions are '{supported}'. "
        f"The supported locations are '{location}'.",
    )


def subscription_not_found(subscription_id: str) -> ArmError:
    """Report that the subscription does not exist."""
    return ArmError(404, "SubscriptionNotFound", f"The subscription '{subscription_id}' could not be found.")


def resource_group_not_found(resource_group: str) -> ArmError:
    """Report that the resource group does not exist."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{resource_group}' could not be found.")


def resource_not_found(
    resource_type: str, name: str, resource_group: str, namespace: str = "Microsoft.Compute"
) -> ArmError:
    """Report that the resource does not exist in its group."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{namespace}/{resource_type}/{name}' under resource group "
        f"'{resource_group}' was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
    )


def platform_image_not_found(image: str) -> ArmError:
    """Report that the marketplace has no such version."""
    return ArmError(
        404,
        "PlatformImageNotFound",
        f"The platform image '{image}' is not available. "
        "Verify that all fields in the storage profile are correct. For more details about storage profile "
        "information, please refer to https://aka.ms/storageprofile",
        target="imageReference",
    )


def platform_image_deprecated(image: str) -> ArmError:
    """Report that a machine can no longer use this version (message from Orange-Cyberdefense/GOAD#248)."""
    return ArmError(
        404,
        "ImageVersionDeprecated",
        f"The platform image '{image}' is deprecated.",
        target="imageReference",
    )


def gallery_image_not_found(version_id: str, region: str) -> ArmError:
    """Report that a machine in this region cannot use this version of a gallery.

    The message, including its quotation marks, is from confidential-containers/cloud-api-adaptor#1709.
    """
    return ArmError(
        404,
        "GalleryImageNotFound",
        f'"The gallery image {version_id} is not available in {region} region. Please contact image owner '
        'to replicate to this region, or change your requested region."',
        target="imageReference",
    )


def image_not_found() -> ArmError:
    """Report that there is no such version in the marketplace (message from Azure/vagrant-azure#147)."""
    return ArmError(404, "NotFound", "Artifact: VMImage was not found.")


def image_deprecated(publisher: str, offer: str, sku: str, version: str) -> ArmError:
    """Report that the version to read is deprecated.

    Code and message are from Microsoft Learn, "Deprecated images FAQ". The status is that of a creation.
    """
    return ArmError(
        404,
        "ImageVersionDeprecated",
        f"VM Image from publisher: {publisher} with - Offer: {offer}, Sku: {sku}, Version: {version} "
        "is deprecated.",
    )


def path_invalid() -> ArmError:
    """Refuse an invalid path. HTTP.sys answers 400 with HTML, so code and message are ours."""
    return ArmError(400, "BadRequest", "The path of the request is not UTF-8 in percent-encoding.")


_NAMESPACES = ("Microsoft.Compute", "Microsoft.Network", "Microsoft.Resources", "Microsoft.Authorization")


def path_not_found(path: str) -> ArmError:
    """Report that the simulator has nothing at this path: no such resource provider or type."""
    _, found, rest = path.lower().rpartition("/providers/")
    namespace = rest.partition("/")[0]
    if found and namespace not in map(str.lower, _NAMESPACES):
        spelled = path[len(path) - len(rest) :].partition("/")[0]
        return ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{spelled}' is invalid.")
    return ArmError(404, "InvalidResourceType", f"The resource type at '{path}' could not be found.")


def operation_not_found(operation_id: str) -> ArmError:
    """Report that no operation has this id, or that its record has expired."""
    return ArmError(404, "NotFound", f"The operation '{operation_id}' could not be found.")


def method_not_allowed(method: str) -> ArmError:
    """Refuse a method that the resource does not have."""
    return ArmError(
        405, "MethodNotAllowed", f"The requested resource does not support http method '{method}'."
    )


def link_not_trusted() -> ArmError:
    """Refuse an operation URL whose signature does not fit it.

    What ARM itself answers is not known, so status and code are ours.
    """
    return ArmError(403, "InvalidOperationLink", "The signature of the operation URL does not match the URL.")


def operation_in_progress(action: str, vm_name: str) -> ArmError:
    """Refuse an operation while another one runs on the machine."""
    return ArmError(
        409,
        "OperationNotAllowed",
        f"Operation '{action}' is not allowed on VM '{vm_name}' since another operation is in progress.",
    )


def invalid_parameter(target: str) -> ArmError:
    """Refuse the value of one parameter (message from Azure/azure-powershell#11354)."""
    return ArmError(400, "InvalidParameter", f"The value of parameter {target} is invalid.", target=target)


def bad_request(message: str, target: str | None = None) -> ArmError:
    """Refuse a body that the compute service cannot use."""
    return ArmError(400, "BadRequest", message, target=target)
