"""The settings of azure-native and ours. Each is looked up in the stack, then in the environment.

The keys and variables are those that azure-native reads
(https://github.com/pulumi/pulumi-azure-native, provider/pkg/provider/auth_azidentity.go), so a stack in which
azure-native works needs no further setting. A key of the stack hides the variables, even if it is empty.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        key: The key in the stack configuration, with its namespace.
        variables: The environment variables, in the order in which they are read.
        secret: Whether the value must never be shown.
        password: Whether it may begin or end with a space. From all other values, spaces and line ends around
            them are removed, such as the line end of a token that was printed.
        switch: Whether only the value `true` turns it on, as in azure-native.
        meaning: What it sets, as sentences. azure-native documents its own.
    """

    key: str
    variables: tuple[str, ...] = ()
    secret: bool = False
    password: bool = False
    switch: bool = False
    meaning: str = ""

    @property
    def argument(self) -> str:
        """The argument of a `Provider`: the key in snake case, without its namespace."""
        return re.sub("([A-Z])", r"_\1", self.key.partition(":")[2]).lower()

    def __str__(self) -> str:
        """Return how a message names it: `azure-native:clientId or ARM_CLIENT_ID`."""
        return " or ".join((self.key, *self.variables))


SUBSCRIPTION_ID = Setting("azure-native:subscriptionId", ("ARM_SUBSCRIPTION_ID",))
TENANT_ID = Setting("azure-native:tenantId", ("ARM_TENANT_ID",))
CLIENT_ID = Setting("azure-native:clientId", ("ARM_CLIENT_ID",))
AUXILIARY_TENANT_IDS = Setting("azure-native:auxiliaryTenantIds", ("ARM_AUXILIARY_TENANT_IDS",))

CLIENT_SECRET = Setting("azure-native:clientSecret", ("ARM_CLIENT_SECRET",), secret=True, password=True)
CERTIFICATE_PATH = Setting("azure-native:clientCertificatePath", ("ARM_CLIENT_CERTIFICATE_PATH",))
CERTIFICATE_PASSWORD = Setting(
    "azure-native:clientCertificatePassword",
    ("ARM_CLIENT_CERTIFICATE_PASSWORD",),
    secret=True,
    password=True,
)

USE_OIDC = Setting("azure-native:useOidc", ("ARM_USE_OIDC",), switch=True)
OIDC_TOKEN = Setting("azure-native:oidcToken", ("ARM_OIDC_TOKEN",), secret=True)
OIDC_TOKEN_FILE = Setting("azure-native:oidcTokenFilePath", ("ARM_OIDC_TOKEN_FILE_PATH",))
OIDC_REQUEST_TOKEN = Setting(
    "azure-native:oidcRequestToken", ("ACTIONS_ID_TOKEN_REQUEST_TOKEN",), secret=True
)
OIDC_REQUEST_URL = Setting("azure-native:oidcRequestUrl", ("ACTIONS_ID_TOKEN_REQUEST_URL",))
OIDC_AUDIENCE = Setting("azure-native:oidcAudience", ("ARM_OIDC_AUDIENCE",))

USE_MSI = Setting("azure-native:useMsi", ("ARM_USE_MSI",), switch=True)
USE_DEFAULT = Setting(
    "azure-native:useDefaultAzureCredential", ("ARM_USE_DEFAULT_AZURE_CREDENTIAL",), switch=True
)

ENVIRONMENT = Setting("azure-native:environment", ("ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"))
METADATA_HOST = Setting("azure-native:metadataHost", ("ARM_METADATA_HOSTNAME",))
AUTHORITY = Setting("azure-native:activeDirectoryAuthorityHost", ("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST",))
AUDIENCE = Setting("azure-native:resourceManagerAudience", ("ARM_RESOURCE_MANAGER_AUDIENCE",))
ENDPOINT = Setting("azure-native:resourceManagerEndpoint", ("ARM_RESOURCE_MANAGER_ENDPOINT",))
DISABLE_INSTANCE_DISCOVERY = Setting(
    "azure-native:disableInstanceDiscovery", ("ARM_DISABLE_INSTANCE_DISCOVERY",), switch=True
)

# Settings that azure-native does not have. The variables are those of Azure DevOps, of AKS, and of the
# Terraform providers azurerm and azapi, with the same meaning.
API_VERSION = Setting(
    "azure-reimage:apiVersion",
    meaning="The api-version of Microsoft.Compute, for clouds that do not know the default: `2024-07-01`.",
)
JOURNAL = Setting(
    "azure-reimage:journal",
    meaning="A file on a local disk to which each decision about a reimage is appended.",
)
MAX_REIMAGES = Setting(
    "azure-reimage:maxReimagesPerRun",
    meaning="How many VMs one run may reimage. If more are due, nothing is sent at all. Default: no limit.",
)
PREVENT_REIMAGE = Setting(
    "azure-reimage:preventReimage",
    meaning="With `true`, every reimage of the stack is refused.",
)
SIMULATOR = Setting(
    "azure-reimage:simulator",
    meaning="The inventory of simulated machines, or the loopback URL of a served simulator. Everything is "
    "sent there and nothing to Azure.",
)
SIMULATOR_TIME_SCALE = Setting(
    "azure-reimage:simulatorTimeScale",
    meaning="How long the waits that guard against late requests are on a simulator: 0.1 is a tenth. "
    "Nothing shortens them for Azure.",
)
USE_AKS = Setting(
    "azure-reimage:useAksWorkloadIdentity",
    ("ARM_USE_AKS_WORKLOAD_IDENTITY",),
    switch=True,
    meaning="With `true`, a pod in AKS signs in with its workload identity.",
)
AKS_TOKEN_FILE = Setting(
    "azure-reimage:aksTokenFilePath",
    ("AZURE_FEDERATED_TOKEN_FILE",),
    meaning="The file with the token of that identity, which AKS sets.",
)
AKS_CLIENT_ID = Setting("azure-native:clientId", ("ARM_CLIENT_ID", "AZURE_CLIENT_ID"))
AKS_TENANT_ID = Setting("azure-native:tenantId", ("ARM_TENANT_ID", "AZURE_TENANT_ID"))
ADO_CONNECTION = Setting(
    "azure-reimage:adoServiceConnectionId",
    (
        "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
        "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    ),
    meaning="The service connection of Azure DevOps for which a job requests its OIDC token.",
)
ADO_REQUEST_URL = Setting(
    "azure-reimage:adoRequestUrl",
    ("SYSTEM_OIDCREQUESTURI",),
    meaning="Where a job of Azure DevOps requests that token, which Azure DevOps sets.",
)
ADO_REQUEST_TOKEN = Setting(
    "azure-reimage:adoRequestToken",
    ("SYSTEM_ACCESSTOKEN",),
    secret=True,
    meaning="The job's own token, with which it requests that token.",
)

ALL = tuple(setting for setting in list(globals().values()) if isinstance(setting, Setting))
# Settings that share a key differ only in their variables.
BY_ARGUMENT = {setting.argument: setting for setting in ALL}


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of the stack and of the environment.

    Attributes:
        stack: Looks up a namespaced key of the stack configuration, and returns None if it is not set. The
            values of an explicit provider can have any JSON type, and those of a stack are text.
        environ: The environment of the process.
    """

    stack: Callable[[str], object]
    environ: Mapping[str, str]

    def get(self, setting: Setting) -> str:
        """Return the value, or an empty text."""
        text = self.raw(setting)
        return text if setting.password else text.strip()

    def raw(self, setting: Setting) -> str:
        """Return the value including the spaces and line ends around it, or an empty text."""
        return self._find(setting)[1]

    def is_on(self, setting: Setting) -> bool:
        """Report whether a switch is turned on, or another setting has a value.

        azure-native compares a switch with exactly `true` (`useOidc: getConfig(...) == "true"`), so `1`,
        `True` and ` true` do not turn it on. If they did here, the two packages could sign in as different
        identities.
        """
        return self.raw(setting) == "true" if setting.switch else bool(self.get(setting))

    def get_list(self, setting: Setting) -> tuple[str, ...]:
        """Return a list of strings, which is written as a JSON array.

        Raises:
            ConfigurationError: the value is not such an array.
        """
        source, text = self._find(setting)
        try:
            items = json.loads(text or "[]")
        except ValueError:
            items = None
        if not isinstance(items, list) or not all(isinstance(item, str) and item for item in items):
            raise ConfigurationError(
                f'{source} must be a JSON array of strings, such as ["..."]. Nothing was sent.'
            )
        return tuple(items)

    def source(self, setting: Setting) -> str | None:
        """Return the key or the variable that has the value, or None if neither has one."""
        source, text = self._find(setting)
        return source if text.strip() else None

    def sources(self) -> tuple[str, ...]:
        """Return every key and variable that has a value."""
        sources = (self.source(setting) for setting in ALL)
        return tuple(dict.fromkeys(source for source in sources if source is not None))

    def _find(self, setting: Setting) -> tuple[str, str]:
        value = self.stack(setting.key)
        if value is not None:
            return setting.key, value if isinstance(value, str) else json.dumps(value)
        for variable in setting.variables:
            if self.environ.get(variable, "").strip():
                return variable, self.environ[variable]
        return setting.key, ""
