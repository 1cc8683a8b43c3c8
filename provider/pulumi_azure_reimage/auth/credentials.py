"""The azure-identity credential of each method of signing in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from ..redact import redact
from . import oidc
from .method import (
    TITLES,
    Application,
    AzureCli,
    AzureDevOps,
    ClientCertificate,
    ClientSecret,
    Default,
    ManagedIdentity,
    Method,
    OidcRequest,
    OidcToken,
    OidcTokenFile,
    WorkloadIdentity,
    secrets_of,
)
from .token_source import AzureTokenSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import TokenCredential

    from .clouds import Cloud
    from .configuration import SignIn

# azure-identity waits 10 s for the Azure CLI, which a busy machine can need just to start it.
_CLI_SECONDS = 30


def azure_token_source(sign_in: SignIn, cloud: Cloud) -> AzureTokenSource:
    """Return the token source for a method of signing in to a cloud."""
    method = sign_in.method
    return AzureTokenSource(
        lambda: create_credential(sign_in, cloud),
        cloud.scope,
        secrets_of(method),
        method=TITLES[type(method)],
        hint=sign_in.hint,
    )


def require_files(method: Method) -> None:
    """Check that the files that signing in needs can be read.

    Raises:
        ConfigurationError: a file does not exist, or may not be read.
    """
    match method:
        case ClientCertificate(_, path, _) | OidcTokenFile(_, path) | WorkloadIdentity(_, path):
            # The content is not checked, because it may need a password, and may change before it is needed.
            if not Path(path).is_file() or not os.access(path, os.R_OK):
                raise ConfigurationError(
                    f"The file that signing in needs cannot be read: {redact(path, limit=300)}. "
                    f"Nothing was sent."
                )
        case _:
            pass


def create_credential(sign_in: SignIn, cloud: Cloud) -> TokenCredential:
    """Return the azure-identity credential of a method, which signs in when a token is requested.

    Raises:
        ValueError: a setting cannot be used, such as a certificate without a key.
        OSError: a file cannot be read.
    """
    import azure.identity as entra  # noqa: PLC0415 - lazy, see AzureTokenSource.

    tenants = list(sign_in.auxiliary_tenant_ids)
    entra_settings: dict[str, Any] = {
        # azure-core waits 300 s, several times, so a server that hangs would block a run for an hour.
        "connection_timeout": 10,
        "read_timeout": 30,
        "authority": cloud.authority,
        "additionally_allowed_tenants": tenants,
    }
    msal_settings = {**entra_settings, "disable_instance_discovery": not sign_in.instance_discovery}
    method = sign_in.method
    match method:
        case ClientSecret(Application(tenant_id, client_id), secret):
            return entra.ClientSecretCredential(tenant_id, client_id, secret, **msal_settings)
        case ClientCertificate(Application(tenant_id, client_id), path, password):
            return entra.CertificateCredential(
                tenant_id, client_id, path, password=password or None, **msal_settings
            )
        case ManagedIdentity(client_id):
            return entra.ManagedIdentityCredential(client_id=client_id, read_timeout=30)
        case AzureCli(tenant_id, subscription_id):
            # `az account get-access-token` accepts one of the two, and the subscription is more specific.
            account = {"subscription": subscription_id} if subscription_id else {"tenant_id": tenant_id or ""}
            return entra.AzureCliCredential(
                **account, additionally_allowed_tenants=tenants, process_timeout=_CLI_SECONDS
            )
        case Default(tenant_id):
            own = {"workload_identity_tenant_id": tenant_id} if tenant_id else {}
            return entra.DefaultAzureCredential(**msal_settings, **own)
        case _:
            assertion = _create_assertion(method)
            tenant_id, client_id = method.application.tenant_id, method.application.client_id
            return entra.ClientAssertionCredential(tenant_id, client_id, assertion, **entra_settings)


def _create_assertion(
    method: OidcToken | OidcTokenFile | OidcRequest | AzureDevOps | WorkloadIdentity,
) -> Callable[[], str]:
    match method:
        case OidcToken(_, token):
            return lambda: token
        case OidcTokenFile(_, path) | WorkloadIdentity(_, path):
            return oidc.from_file(path)
        case OidcRequest():
            return oidc.from_request(method)
        case _:  # AzureDevOps: mypy shows that nothing else is left.
            return oidc.from_azure_devops(method)
