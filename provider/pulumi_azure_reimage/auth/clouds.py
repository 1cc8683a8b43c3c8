"""Azure's clouds: which one a configuration means, and the documents that describe one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from . import settings as keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .settings import Settings


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure cloud.

    Attributes:
        endpoint: Where ARM is: `https://` and a host.
        authority: Where signing in happens: `https://`, a host, and for AD FS a path.
        audience: Whom a token for ARM is meant for.
        name: The name that the Azure CLI gives it; empty if the configuration does not say one.
    """

    endpoint: str
    authority: str
    audience: str
    name: str = ""

    @property
    def scope(self) -> str:
        """The scope that a token for ARM is asked with.

        Entra cuts `/.default` off: an audience that ends with a slash keeps it
        (https://learn.microsoft.com/entra/identity-platform/scopes-oidc#trailing-slash-and-default).
        """
        return f"{self.audience}/.default"


@dataclass(frozen=True, slots=True)
class MetadataCloud:
    """A cloud that its metadata endpoint describes."""

    host: str


@dataclass(frozen=True, slots=True)
class ActiveCloud:
    """The cloud that the Azure CLI is signed in to."""


CloudChoice = Cloud | MetadataCloud | ActiveCloud

# https://learn.microsoft.com/azure/china/resources-developer-guide and
# https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
PUBLIC = Cloud(
    "https://management.azure.com",
    "https://login.microsoftonline.com",
    "https://management.azure.com",
    "AzureCloud",
)
CHINA = Cloud(
    "https://management.chinacloudapi.cn",
    "https://login.chinacloudapi.cn",
    "https://management.chinacloudapi.cn",
    "AzureChinaCloud",
)
US_GOVERNMENT = Cloud(
    "https://management.usgovcloudapi.net",
    "https://login.microsoftonline.us",
    "https://management.usgovcloudapi.net",
    "AzureUSGovernment",
)

# azure-native's names: provider/pkg/azure/cloud/cloud.go of pulumi/pulumi-azure-native.
BY_NAME: Mapping[str, Cloud] = {
    "public": PUBLIC,
    "azurecloud": PUBLIC,
    "china": CHINA,
    "azurechina": CHINA,
    "azurechinacloud": CHINA,
    "usgov": US_GOVERNMENT,
    "usgovernment": US_GOVERNMENT,
    "azureusgovernment": US_GOVERNMENT,
    "azureusgovernmentcloud": US_GOVERNMENT,
    "usgovernmentl4": US_GOVERNMENT,
}

_TRIPLE = (keys.AUTHORITY, keys.AUDIENCE, keys.ENDPOINT)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?(?::\d{1,5})?", re.IGNORECASE)


def chosen_cloud(settings: Settings, *, otherwise: CloudChoice) -> tuple[CloudChoice, str]:
    """Return the cloud that is configured, and why it is this one.

    Args:
        settings: The settings.
        otherwise: The cloud when none is configured.

    Raises:
        ConfigurationError: the settings name no cloud that there is.
    """
    host = settings.text(keys.METADATA_HOST)
    if host:
        return MetadataCloud(_metadata_host(settings, host)), f"{settings.source(keys.METADATA_HOST)} is set"
    if any(settings.text(key) for key in _TRIPLE):
        return _custom(settings), "its authority, audience and endpoint are set"
    name = settings.text(keys.ENVIRONMENT)
    if not name:
        why = "the Azure CLI is signed in to it" if otherwise == ActiveCloud() else "no other is set"
        return otherwise, why
    source = settings.source(keys.ENVIRONMENT)
    cloud = BY_NAME.get(name.casefold())
    if cloud is None:
        raise ConfigurationError(
            f"{source} names no cloud that is known here: use public, usgovernment or china, or name the "
            f"metadata endpoint of another one with {keys.METADATA_HOST}. Nothing was sent."
        )
    return cloud, f"{source} names it"


def cloud_from_metadata(document: object) -> Cloud:
    """Read the document of a metadata endpoint, api-version 2022-09-01.

    Raises:
        ConfigurationError: it does not describe a cloud.
    """
    authentication = _member(document, "authentication")
    audiences = _member(authentication, "audiences")
    return _described(
        authority=_member(authentication, "loginEndpoint"),
        audience=audiences[0] if isinstance(audiences, list) and audiences else None,
        endpoint=_member(document, "resourceManager"),
        name=_member(document, "name"),
        source="The metadata endpoint",
    )


def cloud_from_cli(document: object) -> Cloud:
    """Read what `az cloud show` prints.

    Raises:
        ConfigurationError: it does not describe a cloud.
    """
    endpoints = _member(document, "endpoints")
    return _described(
        authority=_member(endpoints, "activeDirectory"),
        audience=_member(endpoints, "activeDirectoryResourceId"),
        endpoint=_member(endpoints, "resourceManager"),
        name=_member(document, "name"),
        source="The Azure CLI",
    )


def _custom(settings: Settings) -> Cloud:
    missing = [str(key) for key in _TRIPLE if not settings.text(key)]
    if missing:
        raise ConfigurationError(
            f"A custom cloud needs its authority, audience and endpoint. "
            f"Missing: {'; '.join(missing)}. Nothing was sent."
        )
    for key in (keys.AUTHORITY, keys.ENDPOINT):
        _https(settings.text(key), str(settings.source(key)), path=key is keys.AUTHORITY)
    return Cloud(
        settings.text(keys.ENDPOINT).rstrip("/"),
        settings.text(keys.AUTHORITY).rstrip("/"),
        settings.text(keys.AUDIENCE),
    )


def _described(*, authority: object, audience: object, endpoint: object, name: object, source: str) -> Cloud:
    if not (isinstance(authority, str) and isinstance(audience, str) and isinstance(endpoint, str)):
        raise ConfigurationError(
            f"{source} does not say the authority, audience and endpoint of the cloud; nothing was sent."
        )
    _https(authority, f"The authority of the cloud ({source})", path=True)
    _https(endpoint, f"The endpoint of the cloud ({source})", path=False)
    return Cloud(endpoint.rstrip("/"), authority.rstrip("/"), audience, name if isinstance(name, str) else "")


def _https(url: str, source: str, *, path: bool) -> None:
    """Refuse an address to which no token and no secret may go."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and _HOST.fullmatch(parts.netloc) and not parts.query
    except ValueError:
        usable = False
    if not usable or not (path or parts.path in {"", "/"}):
        raise ConfigurationError(f"{source} must have the form https://host. Nothing was sent.")


def _metadata_host(settings: Settings, text: str) -> str:
    host = text.removeprefix("https://").rstrip("/")
    if not _HOST.fullmatch(host):
        raise ConfigurationError(
            f"{settings.source(keys.METADATA_HOST)} must be the name of a host, which is asked over https. "
            f"Nothing was sent."
        )
    return host


def _member(document: object, name: str) -> object:
    return document.get(name) if isinstance(document, dict) else None
