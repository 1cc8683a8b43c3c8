"""The settings of azure-native, and where one is looked up: in the stack, then in the environment.

The keys and variables are those that azure-native reads
(https://github.com/pulumi/pulumi-azure-native, provider/pkg/provider/auth_azidentity.go), so that a stack in
which it works needs nothing more. A key of the stack hides the variables, also when it is empty.
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
        variables: The environment variables, in the order in which they are asked.
        secret: Whether the value must never be shown.
    """

    key: str
    variables: tuple[str, ...] = ()
    secret: bool = False

    @property
    def argument(self) -> str:
        """The argument of a `Provider`: the key in snake case, without its namespace."""
        return re.sub("([A-Z])", r"_\1", self.key.partition(":")[2]).lower()

    def __str__(self) -> str:
        """Return what a message asks for: `azure-native:clientId or ARM_CLIENT_ID`."""
        return " or ".join((self.key, *self.variables))


SUBSCRIPTION_ID = Setting("azure-native:subscriptionId", ("ARM_SUBSCRIPTION_ID",))
TENANT_ID = Setting("azure-native:tenantId", ("ARM_TENANT_ID",))
CLIENT_ID = Setting("azure-native:clientId", ("ARM_CLIENT_ID",))
AUXILIARY_TENANT_IDS = Setting("azure-native:auxiliaryTenantIds", ("ARM_AUXILIARY_TENANT_IDS",))

CLIENT_SECRET = Setting("azure-native:clientSecret", ("ARM_CLIENT_SECRET",), secret=True)
CERTIFICATE_PATH = Setting("azure-native:clientCertificatePath", ("ARM_CLIENT_CERTIFICATE_PATH",))
CERTIFICATE_PASSWORD = Setting(
    "azure-native:clientCertificatePassword", ("ARM_CLIENT_CERTIFICATE_PASSWORD",), secret=True
)

USE_OIDC = Setting("azure-native:useOidc", ("ARM_USE_OIDC",))
OIDC_TOKEN = Setting("azure-native:oidcToken", ("ARM_OIDC_TOKEN",), secret=True)
OIDC_TOKEN_FILE = Setting("azure-native:oidcTokenFilePath", ("ARM_OIDC_TOKEN_FILE_PATH",))
OIDC_REQUEST_TOKEN = Setting(
    "azure-native:oidcRequestToken", ("ACTIONS_ID_TOKEN_REQUEST_TOKEN",), secret=True
)
OIDC_REQUEST_URL = Setting("azure-native:oidcRequestUrl", ("ACTIONS_ID_TOKEN_REQUEST_URL",))
OIDC_AUDIENCE = Setting("azure-native:oidcAudience", ("ARM_OIDC_AUDIENCE",))

USE_MSI = Setting("azure-native:useMsi", ("ARM_USE_MSI",))
USE_DEFAULT = Setting("azure-native:useDefaultAzureCredential", ("ARM_USE_DEFAULT_AZURE_CREDENTIAL",))

ENVIRONMENT = Setting("azure-native:environment", ("ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"))
METADATA_HOST = Setting("azure-native:metadataHost", ("ARM_METADATA_HOSTNAME",))
AUTHORITY = Setting("azure-native:activeDirectoryAuthorityHost", ("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST",))
AUDIENCE = Setting("azure-native:resourceManagerAudience", ("ARM_RESOURCE_MANAGER_AUDIENCE",))
ENDPOINT = Setting("azure-native:resourceManagerEndpoint", ("ARM_RESOURCE_MANAGER_ENDPOINT",))
DISABLE_INSTANCE_DISCOVERY = Setting(
    "azure-native:disableInstanceDiscovery", ("ARM_DISABLE_INSTANCE_DISCOVERY",)
)

# What azure-native does not know. The variables are those of Azure DevOps, of AKS and of the Terraform
# providers azurerm and azapi, whose meaning they keep.
SIMULATOR = Setting("azure-reimage:simulator")
USE_AKS = Setting("azure-reimage:useAksWorkloadIdentity", ("ARM_USE_AKS_WORKLOAD_IDENTITY",))
AKS_TOKEN_FILE = Setting("azure-reimage:aksTokenFilePath", ("AZURE_FEDERATED_TOKEN_FILE",))
AKS_CLIENT_ID = Setting("azure-native:clientId", ("ARM_CLIENT_ID", "AZURE_CLIENT_ID"))
AKS_TENANT_ID = Setting("azure-native:tenantId", ("ARM_TENANT_ID", "AZURE_TENANT_ID"))
ADO_CONNECTION = Setting(
    "azure-reimage:adoServiceConnectionId",
    (
        "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
        "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    ),
)
ADO_REQUEST_URL = Setting("azure-reimage:adoRequestUrl", ("SYSTEM_OIDCREQUESTURI",))
ADO_REQUEST_TOKEN = Setting("azure-reimage:adoRequestToken", ("SYSTEM_ACCESSTOKEN",), secret=True)

ALL = tuple(setting for setting in list(globals().values()) if isinstance(setting, Setting))
BY_ARGUMENT = {setting.argument: setting for setting in ALL}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the stack and the environment say.

    Attributes:
        stack: Looks up a namespaced key of the stack configuration; None means that it is not there. The
            values of an explicit provider are of any JSON type, those of a stack are text.
        environ: The environment of the process.
    """

    stack: Callable[[str], object]
    environ: Mapping[str, str]

    def text(self, setting: Setting) -> str:
        """Return the value, or an empty text."""
        text = self._found(setting)[1]
        # A password may begin or end with a space.
        return text if setting.secret else text.strip()

    def is_true(self, setting: Setting) -> bool:
        """Tell whether the value is true; like azure-native, anything but `true` is not."""
        return self.text(setting) == "true"

    def texts(self, setting: Setting) -> tuple[str, ...]:
        """Return a list of texts, which is written as a JSON array.

        Raises:
            ConfigurationError: it is something else.
        """
        source, text = self._found(setting)
        try:
            found = json.loads(text or "[]")
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(item, str) and item for item in found):
            raise ConfigurationError(
                f'{source} must be a JSON array of texts, such as ["..."]. Nothing was sent.'
            )
        return tuple(found)

    def source(self, setting: Setting) -> str | None:
        """Return the key or the variable that has a value, None if there is none."""
        source, text = self._found(setting)
        return source if text.strip() else None

    def sources(self) -> tuple[str, ...]:
        """Return every key and variable of ours that has a value."""
        found = (self.source(setting) for setting in ALL)
        return tuple(dict.fromkeys(source for source in found if source is not None))

    def _found(self, setting: Setting) -> tuple[str, str]:
        value = self.stack(setting.key)
        if value is not None:
            return setting.key, value if isinstance(value, str) else json.dumps(value)
        for variable in setting.variables:
            if self.environ.get(variable, "").strip():
                return variable, self.environ[variable]
        return setting.key, ""
