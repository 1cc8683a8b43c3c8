"""The method of signing in that the settings choose, which is exactly one, in azure-native's order.

If the chosen method is incomplete, that is an error and no other method is tried, as in azure-native.
Unlike azure-native, no method needs a subscription id, because the id of the VM contains it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from . import settings as keys
from .http_exchange import is_loopback
from .oddities import describe_switches, describe_unread

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
    """A token of another issuer, given as text. It cannot be renewed."""

    application: Application
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OidcTokenFile:
    """A file with a token of another issuer; something else renews it."""

    application: Application
    path: str


@dataclass(frozen=True, slots=True)
class OidcRequest:
    """A URL of GitHub Actions' form, which returns a new token each time."""

    application: Application
    url: str = field(repr=False)
    token: str = field(repr=False)
    audience: str = DEFAULT_AUDIENCE


@dataclass(frozen=True, slots=True)
class AzureDevOps:
    """The URL of Azure Pipelines, which returns a new token of a service connection each time."""

    application: Application
    url: str
    token: str = field(repr=False)
    connection_id: str


@dataclass(frozen=True, slots=True)
class WorkloadIdentity:
    """The service account of a pod in AKS. The cluster renews its token file."""

    application: Application
    path: str


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """An identity of the machine: the user-assigned one with `client_id`, or the system-assigned one."""

    client_id: str | None


@dataclass(frozen=True, slots=True)
class AzureCli:
    """An account that is signed in with `az login`: the active one, or that of a tenant or a subscription.

    Attributes:
        tenant_id: The configured tenant.
        subscription_id: The configured subscription, or that of the VM.
        of_the_vm: Whether the subscription is that of the VM, because none is configured.
    """

    tenant_id: str | None
    subscription_id: str | None
    of_the_vm: bool = False


@dataclass(frozen=True, slots=True)
class Default:
    """azure-identity's DefaultAzureCredential, which tries several methods."""

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

# azure-identity accepts no other characters (azure/identity/_internal/utils.py, validate_tenant_id and
# validate_subscription). On Windows, `az` is a batch file, whose arguments cmd.exe interprets.
_TENANT = re.compile(r"[A-Za-z0-9.\-]+")
_SUBSCRIPTION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. \-]*")

# The setting that, together with `useOidc`, chooses between the methods of OIDC.
_OIDC_SETTINGS: dict[type, Setting] = {
    OidcToken: keys.OIDC_TOKEN,
    OidcTokenFile: keys.OIDC_TOKEN_FILE,
    OidcRequest: keys.OIDC_REQUEST_URL,
    WorkloadIdentity: keys.AKS_TOKEN_FILE,
}


def choose_method(settings: Settings) -> tuple[Method, str]:
    """Return the method of signing in, and why it was chosen.

    Raises:
        ConfigurationError: the chosen method is incomplete.
    """
    _require_tenants(settings)
    _require_subscription(settings)
    for setting, read in (
        (keys.USE_DEFAULT, _read_default),
        (keys.CERTIFICATE_PATH, _read_certificate),
        (keys.CLIENT_SECRET, _read_secret),
        (keys.USE_OIDC, _read_oidc),
        (keys.USE_AKS, _read_workload_identity),
        (keys.USE_MSI, _read_managed_identity),
    ):
        if settings.is_on(setting):
            method = read(settings)
            return method, _explain(settings, setting, method)
    return (
        AzureCli(settings.get(keys.TENANT_ID) or None, settings.get(keys.SUBSCRIPTION_ID) or None),
        "no setting chooses another method",
    )


def find_oddities(settings: Settings, method: Method | None = None) -> tuple[str, ...]:
    """Return a sentence for each setting that seems to choose a method but does not."""
    azure_identity = isinstance(method, Default | WorkloadIdentity)
    return (*describe_switches(settings), *describe_unread(settings, azure_identity=azure_identity))


def secrets_of(method: Method) -> tuple[str, ...]:
    """Return the texts that no message may contain."""
    match method:
        case ClientSecret(_, secret):
            return (secret,)
        case ClientCertificate(_, _, password):
            return (password,)
        case OidcToken(_, token) | OidcRequest(_, _, token, _) | AzureDevOps(_, _, token, _):
            return (token,)
        case _:
            return ()


def _explain(settings: Settings, setting: Setting, method: Method) -> str:
    because = f"{settings.source(setting)} is {'true' if setting.switch else 'set'}"
    if setting is not keys.USE_OIDC:
        return because
    if isinstance(method, AzureDevOps):
        return f"{because} in a pipeline of Azure DevOps"
    return f"{because} and {settings.source(_OIDC_SETTINGS[type(method)])} is set"


def _require_tenants(settings: Settings) -> None:
    for tenant in (settings.get(keys.AKS_TENANT_ID), *settings.get_list(keys.AUXILIARY_TENANT_IDS)):
        # Among the auxiliary tenants, `*` means all.
        if tenant and tenant != "*" and not _TENANT.fullmatch(tenant):
            raise ConfigurationError(
                f"A tenant id has letters, digits, dots and hyphens only: correct {keys.TENANT_ID}, or "
                f"{keys.AUXILIARY_TENANT_IDS}. Nothing was sent."
            )


def _require_subscription(settings: Settings) -> None:
    subscription = settings.get(keys.SUBSCRIPTION_ID)
    if subscription and not _SUBSCRIPTION.fullmatch(subscription):
        raise ConfigurationError(
            f"{settings.source(keys.SUBSCRIPTION_ID)} must be the id of a subscription. A name works if it "
            f"has letters, digits, spaces, dots, hyphens and underscores only. Nothing was sent."
        )


def _read_default(settings: Settings) -> Method:
    return Default(settings.get(keys.TENANT_ID) or None)


def _read_certificate(settings: Settings) -> Method:
    application = _read_application(settings, "a client certificate", keys.CERTIFICATE_PATH)
    return ClientCertificate(
        application, settings.get(keys.CERTIFICATE_PATH), settings.get(keys.CERTIFICATE_PASSWORD)
    )


def _read_secret(settings: Settings) -> Method:
    application = _read_application(settings, "a client secret", keys.CLIENT_SECRET)
    return ClientSecret(application, settings.get(keys.CLIENT_SECRET))


def _read_managed_identity(settings: Settings) -> Method:
    return ManagedIdentity(settings.get(keys.CLIENT_ID) or None)


def _read_oidc(settings: Settings) -> Method:
    if settings.is_on(keys.OIDC_TOKEN):
        application = _read_application(settings, "an OIDC token", keys.USE_OIDC)
        return OidcToken(application, settings.get(keys.OIDC_TOKEN))
    if settings.is_on(keys.OIDC_TOKEN_FILE):
        application = _read_application(settings, "an OIDC token file", keys.USE_OIDC)
        return OidcTokenFile(application, settings.get(keys.OIDC_TOKEN_FILE))
    if settings.is_on(keys.OIDC_REQUEST_URL) and settings.is_on(keys.OIDC_REQUEST_TOKEN):
        return _read_oidc_request(settings)
    if settings.is_on(keys.ADO_REQUEST_URL) and settings.is_on(keys.ADO_CONNECTION):
        return _read_azure_devops(settings)
    if settings.is_on(keys.AKS_TOKEN_FILE):
        return _read_workload_identity(settings)
    if settings.is_on(keys.OIDC_REQUEST_URL):
        missing = str(keys.OIDC_REQUEST_TOKEN)
    elif settings.is_on(keys.OIDC_REQUEST_TOKEN):
        missing = str(keys.OIDC_REQUEST_URL)
    else:
        missing = (
            f"a token ({keys.OIDC_TOKEN}), a token file ({keys.OIDC_TOKEN_FILE}), or a request URL and its "
            f"token (on GitHub Actions, the job needs `permissions: id-token: write`; on Azure DevOps, "
            f"map SYSTEM_ACCESSTOKEN and set {keys.ADO_CONNECTION.variables[0]})"
        )
    raise _incomplete(settings, "OIDC", keys.USE_OIDC, missing)


def _read_oidc_request(settings: Settings) -> Method:
    application = _read_application(settings, "an OIDC request URL", keys.USE_OIDC)
    return OidcRequest(
        application,
        _read_url(settings, keys.OIDC_REQUEST_URL),
        settings.get(keys.OIDC_REQUEST_TOKEN),
        settings.get(keys.OIDC_AUDIENCE) or DEFAULT_AUDIENCE,
    )


def _read_azure_devops(settings: Settings) -> Method:
    name = "OIDC of Azure DevOps"
    application = _read_application(settings, name, keys.USE_OIDC)
    token = settings.get(keys.ADO_REQUEST_TOKEN)
    if not token:
        missing = (
            "SYSTEM_ACCESSTOKEN, which the step maps with `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`"
        )
        raise _incomplete(settings, name, keys.USE_OIDC, missing)
    url = _read_url(settings, keys.ADO_REQUEST_URL)
    return AzureDevOps(application, url, token, settings.get(keys.ADO_CONNECTION))


def _read_workload_identity(settings: Settings) -> Method:
    name = "AKS workload identity"
    because = keys.USE_AKS if settings.is_on(keys.USE_AKS) else keys.USE_OIDC
    application = _read_application(settings, name, because, keys.AKS_TENANT_ID, keys.AKS_CLIENT_ID)
    path = settings.get(keys.AKS_TOKEN_FILE)
    if not path:
        missing = "AZURE_FEDERATED_TOKEN_FILE, which AKS sets in a pod that uses it"
        raise _incomplete(settings, name, because, missing)
    return WorkloadIdentity(application, path)


def _read_application(
    settings: Settings,
    method: str,
    because: Setting,
    tenant: Setting = keys.TENANT_ID,
    client: Setting = keys.CLIENT_ID,
) -> Application:
    missing = [str(key) for key in (tenant, client) if not settings.get(key)]
    if missing:
        raise _incomplete(settings, method, because, *missing)
    return Application(settings.get(tenant), settings.get(client))


def _read_url(settings: Settings, setting: Setting) -> str:
    url = settings.get(setting)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        usable = bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(
            f"{settings.source(setting)} must be a URL that begins with https://, because a token is sent to "
            f"it. Only this machine may be reached by http://. Nothing was sent."
        )
    return url


def _incomplete(settings: Settings, method: str, because: Setting, *missing: str) -> ConfigurationError:
    oddities = " ".join(find_oddities(settings))
    return ConfigurationError(
        f"Signing in with {method} is chosen, because {settings.source(because)} is set, and something is "
        f"missing: {'; '.join(missing)}. "
        f"Found: {', '.join(settings.sources()) or 'nothing'}. {f'{oddities} ' if oddities else ''}"
        f"Nothing was sent."
    )
