"""Tokens for ARM from azure-identity, which is neither imported nor contacted before a token is needed."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..arm.tokens import SignInInterruptedError
from ..clock import SystemClock
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import AccessToken, TokenCredential

    from ..clock import Clock
    from .clouds import Cloud
    from .configuration import SignIn

# azure-identity logs Entra's words without redaction, and Python prints the warnings of a logger that has no
# handler. The same text is in our error, redacted.
for _name in ("azure", "msal"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

# azure-core renews tokens at the same time before their end.
_REFRESH_SECONDS = 300.0
# azure-identity waits 10 s for the Azure CLI, and a busy machine can need that for its start alone.
_CLI_SECONDS = 30


class AzureTokenSource:
    """Tokens of an azure-identity credential, each used until shortly before its end.

    azure-identity caches most tokens, but runs the Azure CLI again for every request.
    """

    def __init__(
        self,
        make_credential: Callable[[], TokenCredential],
        scope: str,
        secrets: tuple[str, ...] = (),
        *,
        method: str = "",
        clock: Clock | None = None,
    ) -> None:
        """Store the arguments; the first token signs in.

        Args:
            make_credential: Creates the credential.
            scope: The scope of the tokens.
            secrets: Texts that no message may contain.
            method: The name of the method, for messages.
            clock: The clock that decides when a token has expired.
        """
        self._make_credential = make_credential
        self._scope = scope
        self._secrets = secrets
        self._failure = "Could not sign in to Azure" + (f" ({method})" if method else "")
        self._clock = clock or SystemClock()
        self._credential: TokenCredential | None = None
        self._cached: AccessToken | None = None
        self._lock = Lock()

    def token(self, *, claims: str | None = None) -> str:
        """Return a token for ARM; if several threads need a new one, only one of them signs in.

        Raises:
            ConfigurationError: signing in failed; the message is azure-identity's own, redacted.
            SignInInterruptedError: the sign-in got no answer.
        """
        with self._lock:
            expires_after = self._clock.now().timestamp() + _REFRESH_SECONDS
            if claims is not None or self._cached is None or self._cached.expires_on < expires_after:
                self._cached = self._request_token(claims)
            return self._cached.token

    def forget(self) -> None:
        """Start again with a new credential, whose cache is empty."""
        with self._lock:
            self._credential = self._cached = None

    def _request_token(self, claims: str | None) -> AccessToken:
        # Lazy: importing azure-identity takes half a second, and a preview without a request can do without.
        from azure.core.exceptions import (  # noqa: PLC0415 - see above.
            AzureError,
            ServiceRequestError,
            ServiceResponseError,
        )

        try:
            if self._credential is None:
                self._credential = self._make_credential()
            # enable_cae: ARM may then revoke the token at once, and announces that with a claims challenge.
            return self._credential.get_token(self._scope, claims=claims, enable_cae=True)
        except (ServiceRequestError, ServiceResponseError, oidc.IssuerUnreachableError) as error:
            raise SignInInterruptedError(f"{self._failure}: {self._reason(error)}.") from error
        except ConfigurationError as error:  # From an assertion.
            raise ConfigurationError(f"{self._failure}: {self._reason(error)}.") from error
        # A setting that cannot be used is a ValueError, and a file that cannot be read an OSError.
        except (AzureError, OSError, ValueError) as error:
            reason = self._reason(error)
            raise ConfigurationError(f"{self._failure}: {reason}.{_find_hint(reason)}") from error

    def _reason(self, error: Exception) -> str:
        return redact(str(error), self._secrets, limit=1000).rstrip(".") or type(error).__name__


def azure_token_source(sign_in: SignIn, cloud: Cloud) -> AzureTokenSource:
    """Return the tokens of a method of signing in to a cloud."""
    method = sign_in.method
    return AzureTokenSource(
        lambda: create_credential(sign_in, cloud),
        cloud.scope,
        secrets_of(method),
        method=TITLES[type(method)],
    )


def require_files(method: Method) -> None:
    """Check that the files that signing in needs can be read.

    Raises:
        ConfigurationError: a file does not exist, or may not be read.
    """
    match method:
        case ClientCertificate(_, path, _) | OidcTokenFile(_, path) | WorkloadIdentity(_, path):
            # The content is not checked: it may need a password, and may change before it is needed.
            if not Path(path).is_file() or not os.access(path, os.R_OK):
                raise ConfigurationError(
                    f"The file that signing in needs cannot be read: {redact(path, limit=300)}. "
                    f"Nothing was sent."
                )
        case _:
            pass


def create_credential(sign_in: SignIn, cloud: Cloud) -> TokenCredential:
    """Return the azure-identity credential of a method; it signs in when a token is requested.

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


# https://learn.microsoft.com/entra/identity-platform/reference-error-codes
_HINTS = {
    "AADSTS7000215": "The client secret is not one of the application: use the secret's value, not its id.",
    "AADSTS7000222": "The client secret has expired: create a new one.",
    "AADSTS700016": "This tenant has no application with this client id.",
    "AADSTS700024": "The OIDC token has expired: use a token file or a request URL, which are renewed.",
    "AADSTS700027": "The certificate does not belong to the application.",
    "AADSTS70021": "No federated credential of the application matches the issuer, subject and audience.",
    "AADSTS700211": "No federated credential of the application matches the issuer.",
    "AADSTS700212": "No federated credential of the application matches the audience.",
    "AADSTS700213": "No federated credential of the application matches the subject.",
    "AADSTS90002": "This tenant does not exist in this cloud.",
}


def _find_hint(text: str) -> str:
    # The longest code first, because some codes are the beginning of others.
    for code in sorted(_HINTS, key=len, reverse=True):
        if code in text:
            return f" {_HINTS[code]}"
    return ""
