"""Which way of signing in a configuration means: exactly one, in azure-native's order.

A method that is chosen and incomplete is an error: another one is never tried instead, as in azure-native.
Unlike there, no method needs a subscription id: it is in the id of the VM.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from . import settings as keys

if TYPE_CHECKING:
    from .settings import Setting, Settings

DEFAULT_AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True, slots=True)
class Application:
    """The application, or service principal, that signs in, and its tenant."""

    tenant_id: str
    client_id: str


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """An application's secret."""

    application: Application
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """An application's certificate: a PEM or PFX file with its private key."""

    application: Application
    path: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OidcToken:
    """A token of another issuer, as it is; it cannot be renewed."""

    application: Application
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OidcTokenFile:
    """A file with a token of another issuer, who renews it."""

    application: Application
    path: str


@dataclass(frozen=True, slots=True)
class OidcRequest:
    """An address of GitHub Actions' form, which gives a new token each time."""

    application: Application
    url: str = field(repr=False)
    token: str = field(repr=False)
    audience: str = DEFAULT_AUDIENCE


@dataclass(frozen=True, slots=True)
class AzureDevOps:
    """The address of Azure Pipelines, which gives a new token of a service connection each time."""

    application: Application
    url: str
    token: str = field(repr=False)
    connection_id: str


@dataclass(frozen=True, slots=True)
class WorkloadIdentity:
    """The service account of a pod in AKS; its token file is renewed by the cluster."""

    application: Application
    path: str


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """The identity of the machine: the one with `client_id`, or the system-assigned one without it."""

    client_id: str | None


@dataclass(frozen=True, slots=True)
class AzureCli:
    """Whoever is signed in with `az login`."""

    tenant_id: str | None
    subscription_id: str | None


@dataclass(frozen=True, slots=True)
class Default:
    """azure-identity's DefaultAzureCredential, which tries what it finds."""

    tenant_id: str | None


Method = (
    ClientSecret
    | ClientCertificate
    | OidcToken
    | OidcTokenFile
    | OidcRequest
    | AzureDevOps
    | WorkloadIdentity
    | ManagedIdentity
    | AzureCli
    | Default
)

TITLES: dict[type, str] = {
    ClientSecret: "client secret",
    ClientCertificate: "client certificate",
    OidcToken: "OIDC token",
    OidcTokenFile: "OIDC token file",
    OidcRequest: "OIDC request URL",
    AzureDevOps: "OIDC of Azure DevOps",
    WorkloadIdentity: "AKS workload identity",
    ManagedIdentity: "managed identity",
    AzureCli: "Azure CLI",
    Default: "DefaultAzureCredential",
}

# azure-identity takes no other characters.
_TENANT = re.compile(r"[A-Za-z0-9.\-]+")


def chosen_method(settings: Settings) -> tuple[Method, str]:
    """Return the way of signing in, and why it is this one.

    Raises:
        ConfigurationError: the method that is asked for is incomplete.
    """
    _require_tenants(settings)
    for chosen, method in (
        (settings.is_true(keys.USE_DEFAULT), _default),
        (settings.text(keys.CERTIFICATE_PATH), _certificate),
        (settings.text(keys.CLIENT_SECRET), _secret),
        (settings.is_true(keys.USE_OIDC), _oidc),
        (settings.is_true(keys.USE_AKS), _workload_identity),
        (settings.is_true(keys.USE_MSI), _managed_identity),
    ):
        if chosen:
            return method(settings)
    return (
        AzureCli(settings.text(keys.TENANT_ID) or None, settings.text(keys.SUBSCRIPTION_ID) or None),
        "nothing asks for another method",
    )


def secrets_of(method: Method) -> tuple[str, ...]:
    """Return what no message may hold."""
    match method:
        case ClientSecret(_, secret):
            return (secret,)
        case ClientCertificate(_, _, password):
            return (password,)
        case OidcToken(_, token) | OidcRequest(_, _, token, _) | AzureDevOps(_, _, token, _):
            return (token,)
        case _:
            return ()


def _require_tenants(settings: Settings) -> None:
    for tenant in (settings.text(keys.AKS_TENANT_ID), *settings.texts(keys.AUXILIARY_TENANT_IDS)):
        # `*` among the auxiliary ones stands for all.
        if tenant and tenant != "*" and not _TENANT.fullmatch(tenant):
            raise ConfigurationError(
                f"A tenant id has letters, digits, dots and hyphens only: correct {keys.TENANT_ID}, or "
                f"{keys.AUXILIARY_TENANT_IDS}. Nothing was sent."
            )


def _default(settings: Settings) -> tuple[Method, str]:
    return Default(settings.text(keys.TENANT_ID) or None), f"{settings.source(keys.USE_DEFAULT)} is true"


def _certificate(settings: Settings) -> tuple[Method, str]:
    application = _application(settings, "a client certificate", keys.CERTIFICATE_PATH)
    path, password = settings.text(keys.CERTIFICATE_PATH), settings.text(keys.CERTIFICATE_PASSWORD)
    return (
        ClientCertificate(application, path, password),
        f"{settings.source(keys.CERTIFICATE_PATH)} is set",
    )


def _secret(settings: Settings) -> tuple[Method, str]:
    application = _application(settings, "a client secret", keys.CLIENT_SECRET)
    return (
        ClientSecret(application, settings.text(keys.CLIENT_SECRET)),
        f"{settings.source(keys.CLIENT_SECRET)} is set",
    )


def _managed_identity(settings: Settings) -> tuple[Method, str]:
    client_id = settings.text(keys.CLIENT_ID) or None
    return ManagedIdentity(client_id), f"{settings.source(keys.USE_MSI)} is true"


def _oidc(settings: Settings) -> tuple[Method, str]:
    why = f"{settings.source(keys.USE_OIDC)} is true"
    if settings.text(keys.OIDC_TOKEN):
        application = _application(settings, "an OIDC token", keys.USE_OIDC)
        return (
            OidcToken(application, settings.text(keys.OIDC_TOKEN)),
            f"{why} and {settings.source(keys.OIDC_TOKEN)} is set",
        )
    if settings.text(keys.OIDC_TOKEN_FILE):
        application = _application(settings, "an OIDC token file", keys.USE_OIDC)
        return (
            OidcTokenFile(application, settings.text(keys.OIDC_TOKEN_FILE)),
            f"{why} and {settings.source(keys.OIDC_TOKEN_FILE)} is set",
        )
    url, token = settings.text(keys.OIDC_REQUEST_URL), settings.text(keys.OIDC_REQUEST_TOKEN)
    if url and token:
        application = _application(settings, "an OIDC request URL", keys.USE_OIDC)
        _require_address(url, settings.source(keys.OIDC_REQUEST_URL))
        audience = settings.text(keys.OIDC_AUDIENCE) or DEFAULT_AUDIENCE
        return (
            OidcRequest(application, url, token, audience),
            f"{why} and {settings.source(keys.OIDC_REQUEST_URL)} is set",
        )
    if settings.text(keys.ADO_REQUEST_URL) and settings.text(keys.ADO_CONNECTION):
        return _azure_devops(settings), f"{why} in a pipeline of Azure DevOps"
    if settings.text(keys.AKS_TOKEN_FILE):
        return _workload_identity(settings)[0], f"{why} and {settings.source(keys.AKS_TOKEN_FILE)} is set"
    if url or token:
        missing = str(keys.OIDC_REQUEST_TOKEN if url else keys.OIDC_REQUEST_URL)
    else:
        missing = (
            f"a token ({keys.OIDC_TOKEN}), a token file ({keys.OIDC_TOKEN_FILE}), or a request URL and its "
            f"token (on GitHub Actions, the job needs `permissions: id-token: write`; on Azure DevOps, "
            f"map SYSTEM_ACCESSTOKEN and set {keys.ADO_CONNECTION.variables[0]})"
        )
    raise _incomplete(settings, "OIDC", keys.USE_OIDC, [missing])


def _azure_devops(settings: Settings) -> AzureDevOps:
    application = _application(settings, "OIDC of Azure DevOps", keys.USE_OIDC)
    if not settings.text(keys.ADO_REQUEST_TOKEN):
        raise _incomplete(
            settings,
            "OIDC of Azure DevOps",
            keys.USE_OIDC,
            ["SYSTEM_ACCESSTOKEN, which the step maps with `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`"],
        )
    url = settings.text(keys.ADO_REQUEST_URL)
    _require_address(url, settings.source(keys.ADO_REQUEST_URL))
    return AzureDevOps(
        application, url, settings.text(keys.ADO_REQUEST_TOKEN), settings.text(keys.ADO_CONNECTION)
    )


def _workload_identity(settings: Settings) -> tuple[Method, str]:
    name = "AKS workload identity"
    because = keys.USE_AKS if settings.is_true(keys.USE_AKS) else keys.USE_OIDC
    application = _application(settings, name, because, keys.AKS_TENANT_ID, keys.AKS_CLIENT_ID)
    path = settings.text(keys.AKS_TOKEN_FILE)
    if not path:
        raise _incomplete(
            settings, name, because, ["AZURE_FEDERATED_TOKEN_FILE, which AKS sets in a pod that uses it"]
        )
    return WorkloadIdentity(application, path), f"{settings.source(keys.USE_AKS)} is true"


def _application(
    settings: Settings,
    method: str,
    because: Setting,
    tenant: Setting = keys.TENANT_ID,
    client: Setting = keys.CLIENT_ID,
) -> Application:
    missing = [str(key) for key in (tenant, client) if not settings.text(key)]
    if missing:
        raise _incomplete(settings, method, because, missing)
    return Application(settings.text(tenant), settings.text(client))


def _incomplete(settings: Settings, method: str, because: Setting, missing: list[str]) -> ConfigurationError:
    return ConfigurationError(
        f"Signing in with {method} is chosen, because {settings.source(because)} is set, and something is "
        f"missing: {'; '.join(missing)}. "
        f"Found: {', '.join(settings.sources()) or 'nothing'}. Nothing was sent."
    )


def _require_address(url: str, source: str | None) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"https", "http"} and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(f"{source} must be a URL. Nothing was sent.")
