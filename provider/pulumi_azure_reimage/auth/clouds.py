"""Azure's clouds: which one the settings choose, and how a document that describes one is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ..json_reading import get, get_list, get_str
from . import settings as keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .settings import Settings


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure cloud.

    Attributes:
        endpoint: The URL of ARM: `https://` and a host.
        authority: The URL of the sign-in: `https://`, a host, and a path if it is AD FS.
        audience: The audience of a token for ARM.
        name: The name that the Azure CLI uses; empty if the configuration does not name the cloud.
    """

    endpoint: str
    authority: str
    audience: str
    name: str = ""

    @property
    def scope(self) -> str:
        """The scope that a token for ARM is requested with.

        Entra removes `/.default`, so an audience that ends with a slash keeps its slash
        (https://learn.microsoft.com/entra/identity-platform/scopes-oidc#trailing-slash-and-default).
        """
        return f"{self.audience}/.default"


@dataclass(frozen=True, slots=True)
class MetadataCloud:
    """A cloud that is described by its metadata endpoint."""

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

_CUSTOM_CLOUD = (keys.AUTHORITY, keys.AUDIENCE, keys.ENDPOINT)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?(?::\d{1,5})?", re.IGNORECASE)


def choose_cloud(settings: Settings, *, default: CloudChoice) -> tuple[CloudChoice, str]:
    """Return the configured cloud, and why it was chosen.

    Args:
        settings: The settings.
        default: The cloud if none is configured.

    Raises:
        ConfigurationError: the settings name a cloud that does not exist.
    """
    host = settings.get(keys.METADATA_HOST)
    if host:
        return MetadataCloud(
            _read_metadata_host(settings, host)
        ), f"{settings.source(keys.METADATA_HOST)} is set"
    if any(settings.get(key) for key in _CUSTOM_CLOUD):
        return _read_custom_cloud(settings), "its authority, audience and endpoint are set"
    name = settings.get(keys.ENVIRONMENT)
    if not name:
        signed_in = default == ActiveCloud()
        return default, "the Azure CLI is signed in to it" if signed_in else "no other is set"
    source = settings.source(keys.ENVIRONMENT)
    cloud = BY_NAME.get(name.casefold())
    if cloud is None:
        raise ConfigurationError(
            f"{source} names an unknown cloud. Use public, usgovernment or china, or name the metadata "
            f"endpoint of another cloud with {keys.METADATA_HOST}. Nothing was sent."
        )
    return cloud, f"{source} names it"


def cloud_from_metadata(document: object) -> Cloud:
    """Read the document of a metadata endpoint, api-version 2022-09-01.

    Raises:
        ConfigurationError: the document does not describe a cloud.
    """
    return _build_cloud(
        authority=get(document, "authentication", "loginEndpoint"),
        audience=next(iter(get_list(document, "authentication", "audiences")), None),
        endpoint=get(document, "resourceManager"),
        name=get_str(document, "name"),
        source="The metadata endpoint",
    )


def cloud_from_cli(document: object) -> Cloud:
    """Read what `az cloud show` prints.

    Raises:
        ConfigurationError: the document does not describe a cloud.
    """
    return _build_cloud(
        authority=get(document, "endpoints", "activeDirectory"),
        audience=get(document, "endpoints", "activeDirectoryResourceId"),
        endpoint=get(document, "endpoints", "resourceManager"),
        name=get_str(document, "name"),
        source="The Azure CLI",
    )


def _read_custom_cloud(settings: Settings) -> Cloud:
    missing = [str(key) for key in _CUSTOM_CLOUD if not settings.get(key)]
    if missing:
        raise ConfigurationError(
            f"A custom cloud needs its authority, audience and endpoint. "
            f"Missing: {'; '.join(missing)}. Nothing was sent."
        )
    for key in (keys.AUTHORITY, keys.ENDPOINT):
        _require_https(settings.get(key), str(settings.source(key)), path=key is keys.AUTHORITY)
    return Cloud(
        settings.get(keys.ENDPOINT).rstrip("/"),
        settings.get(keys.AUTHORITY).rstrip("/"),
        settings.get(keys.AUDIENCE),
    )


def _build_cloud(
    *, authority: object, audience: object, endpoint: object, name: str | None, source: str
) -> Cloud:
    if not (isinstance(authority, str) and isinstance(audience, str) and isinstance(endpoint, str)):
        raise ConfigurationError(
            f"{source} does not state the authority, audience and endpoint of the cloud. Nothing was sent."
        )
    _require_https(authority, f"The authority of the cloud ({source})", path=True)
    _require_https(endpoint, f"The endpoint of the cloud ({source})", path=False)
    return Cloud(endpoint.rstrip("/"), authority.rstrip("/"), audience, name or "")


def _require_https(url: str, source: str, *, path: bool) -> None:
    """Refuse a URL to which no token and no secret may be sent."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and _HOST.fullmatch(parts.netloc) and not parts.query
    except ValueError:
        usable = False
    if not usable or not (path or parts.path in {"", "/"}):
        raise ConfigurationError(f"{source} must have the form https://host. Nothing was sent.")


def _read_metadata_host(settings: Settings, text: str) -> str:
    host = text.removeprefix("https://").rstrip("/")
    if not _HOST.fullmatch(host):
        raise ConfigurationError(
            f"{settings.source(keys.METADATA_HOST)} must be the name of a host, which is reached over https. "
            f"Nothing was sent."
        )
    return host
