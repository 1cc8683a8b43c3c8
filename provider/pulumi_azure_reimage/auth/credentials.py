"""Tokens for ARM, from azure-identity. Nothing of it is imported or contacted before one is needed."""

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
from . import oidc as assertions
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

# azure-identity logs what Entra said as it is, and Python prints the warnings of a logger without a handler;
# we show the same text, redacted.
for _name in ("azure", "msal"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

# As azure-core renews the tokens of Azure's own clients.
_REFRESH_SECONDS = 300.0
# azure-identity gives the Azure CLI 10 s, which a busy machine can need for its start alone.
_CLI_SECONDS = 30


class AzureTokenSource:
    """Tokens of an azure-identity credential, each used until shortly before its end.

    azure-identity keeps most tokens itself, but runs the Azure CLI anew for each that it is asked for.
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
        """Sign in nowhere yet.

        Args:
            make_credential: Makes the credential.
            scope: What the tokens are for.
            secrets: What no message may hold.
            method: The way of signing in, for messages.
            clock: What the end of a token is read against.
        """
        self._make_credential = make_credential
        self._scope = scope
        self._secrets = secrets
        self._failed = "Could not sign in to Azure" + (f" ({method})" if method else "")
        self._clock = clock or SystemClock()
        self._credential: TokenCredential | None = None
        self._last: AccessToken | None = None
        self._lock = Lock()

    def token(self, *, claims: str | None = None) -> str:
        """Return a token for ARM; of several threads that need a new one, one signs in.

        Raises:
            ConfigurationError: signing in failed; the message is azure-identity's own, redacted.
            SignInInterruptedError: nobody answered.
        """
        with self._lock:
            good_until = self._clock.now().timestamp() + _REFRESH_SECONDS
            if claims is not None or self._last is None or self._last.expires_on < good_until:
                self._last = self._new_token(claims)
            return self._last.token

    def forget(self) -> None:
        """Start over with a new credential, whose cache is empty."""
        with self._lock:
            self._credential = self._last = None

    def _new_token(self, claims: str | None) -> AccessToken:
        # Lazy: azure-identity takes half a second to import, and a preview without a request needs none.
        from azure.core.exceptions import (  # noqa: PLC0415 - as said above.
            AzureError,
            ServiceRequestError,
            ServiceResponseError,
        )

        try:
            if self._credential is None:
                self._credential = self._make_credential()
            # enable_cae: ARM may then revoke the token at once, and says so by a claims challenge.
            return self._credential.get_token(self._scope, claims=claims, enable_cae=True)
        except (ServiceRequestError, ServiceResponseError, assertions.IssuerUnreachableError) as error:
            raise SignInInterruptedError(f"{self._failed}: {self._reason(error)}.") from error
        except ConfigurationError as error:  # Of an assertion.
            raise ConfigurationError(f"{self._failed}: {self._reason(error)}.") from error
        # Settings that cannot be used are a ValueError, files that cannot be read an OSError.
        except (AzureError, OSError, ValueError) as error:
            reason = self._reason(error)
            raise ConfigurationError(f"{self._failed}: {reason}.{_advice(reason)}") from error

    def _reason(self, error: Exception) -> str:
        return redact(str(error), self._secrets, limit=1000).rstrip(".") or type(error).__name__


def azure_token_source(sign_in: SignIn, cloud: Cloud) -> AzureTokenSource:
    """Return the tokens of a way of signing in to a cloud."""
    method = sign_in.method
    return AzureTokenSource(
        lambda: credential(sign_in, cloud),
        cloud.scope,
        secrets_of(method),
        method=TITLES[type(method)],
    )


def require_files(method: Method) -> None:
    """Tell at once if a file that signing in needs cannot be read.

    Raises:
        ConfigurationError: it is not there, or not ours to read.
    """
    match method:
        case ClientCertificate(_, path, _) | OidcTokenFile(_, path) | WorkloadIdentity(_, path):
            # Not the content: it may be a password's to open, and is another one when it is needed.
            if not Path(path).is_file() or not os.access(path, os.R_OK):
                raise ConfigurationError(
                    f"The file that signing in needs cannot be read: {redact(path, limit=300)}. "
                    f"Nothing was sent."
                )
        case _:
            pass


def credential(sign_in: SignIn, cloud: Cloud) -> TokenCredential:
    """Return the azure-identity credential of a way of signing in; it signs in when it is asked for a token.

    Raises:
        ValueError: a setting cannot be used, such as a certificate without a key.
        OSError: a file cannot be read.
    """
    import azure.identity as entra  # noqa: PLC0415 - lazy, see AzureTokens.token.

    tenants = list(sign_in.auxiliary_tenant_ids)
    entra_settings: dict[str, Any] = {
        # azure-core waits 300 s for each, and again: a server that hangs would hold up a run for an hour.
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
            # `az account get-access-token` takes one of the two; the subscription is the narrower one.
            chosen = {"subscription": subscription_id} if subscription_id else {"tenant_id": tenant_id or ""}
            return entra.AzureCliCredential(
                **chosen, additionally_allowed_tenants=tenants, process_timeout=_CLI_SECONDS
            )
        case Default(tenant_id):
            own = {"workload_identity_tenant_id": tenant_id} if tenant_id else {}
            return entra.DefaultAzureCredential(**msal_settings, **own)
        case _:
            application, assertion = _assertion(method)
            return entra.ClientAssertionCredential(
                application.tenant_id, application.client_id, assertion, **entra_settings
            )


def _assertion(
    method: OidcToken | OidcTokenFile | OidcRequest | AzureDevOps | WorkloadIdentity,
) -> tuple[Application, Callable[[], str]]:
    match method:
        case OidcToken(_, token):
            assertion: Callable[[], str] = lambda: token  # noqa: E731 - one of four, side by side.
        case OidcTokenFile(_, path) | WorkloadIdentity(_, path):
            assertion = assertions.from_file(path)
        case OidcRequest():
            assertion = assertions.from_request(method)
        case _:
            assertion = assertions.from_azure_devops(method)
    return method.application, assertion


# https://learn.microsoft.com/entra/identity-platform/reference-error-codes
_ADVICE = {
    "AADSTS7000215": "The client secret is not the application's: use the secret's value, not its id.",
    "AADSTS7000222": "The client secret has expired: make a new one.",
    "AADSTS700016": "No application has this client id in this tenant.",
    "AADSTS700024": "The OIDC token is too old: give a token file or a request URL, which are renewed.",
    "AADSTS700027": "The certificate is not one of the application's.",
    "AADSTS70021": "No federated credential of the application fits the issuer, subject and audience.",
    "AADSTS700211": "No federated credential of the application fits the issuer.",
    "AADSTS700212": "No federated credential of the application fits the audience.",
    "AADSTS700213": "No federated credential of the application fits the subject.",
    "AADSTS90002": "There is no such tenant in this cloud.",
}


def _advice(text: str) -> str:
    # The longest code first: one is the beginning of another.
    for code in sorted(_ADVICE, key=len, reverse=True):
        if code in text:
            return f" {_ADVICE[code]}"
    return ""
