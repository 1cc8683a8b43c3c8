"""Where ARM is and how to sign in there, from stack configuration first, then the environment.

The keys and their order are those of the azure-native provider
(https://www.pulumi.com/registry/packages/azure-native/installation-configuration/), so that a stack in
which azure-native works needs nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_API_VERSION = "2024-07-01"


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure cloud: its ARM endpoint, its sign-in authority, the audience of its tokens."""

    endpoint: str
    authority: str

    @property
    def scope(self) -> str:
        """The scope that a token for ARM is asked with."""
        return f"{self.endpoint}/.default"


# https://learn.microsoft.com/azure/china/resources-developer-guide and
# https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
_PUBLIC = Cloud("https://management.azure.com", "login.microsoftonline.com")
_CHINA = Cloud("https://management.chinacloudapi.cn", "login.chinacloudapi.cn")
_US_GOVERNMENT = Cloud("https://management.usgovcloudapi.net", "login.microsoftonline.us")

# azure-native's names; like it, an unknown name means the public cloud.
_CLOUDS: Mapping[str, Cloud] = {
    "china": _CHINA,
    "azurechina": _CHINA,
    "azurechinacloud": _CHINA,
    "usgov": _US_GOVERNMENT,
    "usgovernment": _US_GOVERNMENT,
    "azureusgovernment": _US_GOVERNMENT,
    "azureusgovernmentcloud": _US_GOVERNMENT,
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of one provider.

    Attributes:
        simulator: The inventory file of the embedded simulator, or the loopback URL of a served one;
            None means real Azure.
        cloud: The Azure cloud.
        api_version: The api-version of every request.
    """

    simulator: str | None
    cloud: Cloud
    api_version: str = DEFAULT_API_VERSION


def read_configuration(setting: Callable[[str], str | None], environ: Mapping[str, str]) -> Configuration:
    """Read the configuration.

    Args:
        setting: Looks up a namespaced key of the stack configuration, such as `azure-native:environment`.
        environ: The environment of the process.

    Raises:
        ConfigurationError: a setting is there but empty or of the wrong form.
    """
    simulator = setting("azure-reimage:simulator")
    if simulator is not None and not simulator.strip():
        raise ConfigurationError(
            "azure-reimage:simulator is empty: name an inventory file, or remove it to use Azure; "
            "nothing was sent."
        )
    environment = (
        setting("azure-native:environment")
        or environ.get("ARM_ENVIRONMENT")
        or environ.get("AZURE_ENVIRONMENT")
        or "public"
    )
    return Configuration(simulator=simulator, cloud=_CLOUDS.get(environment.casefold(), _PUBLIC))
