"""Provider: signs in to another tenant, or as another identity, for some of a program's reimages."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict, Unpack

import pulumi
from pulumi import Input, Output

from .auth import settings as keys
from .auth.settings import Setting
from .dynamic.arguments import checked_arguments, require_no_accident
from .dynamic.stack_keys import require_known_keys

# As in component.py: no annotation below is a string, because Pulumi's schema analyzer reads them.


class ProviderArgs(TypedDict):
    """The settings of a Provider, which have the names and meanings of azure-native's provider.

    A setting that is not given is read from the environment (`ARM_CLIENT_ID` and so on), and not from the
    stack's configuration.
    """

    subscription_id: NotRequired[Input[str] | None]
    """The subscription that the Azure CLI signs in for. No other method needs it, because the id of a VM
    names its own subscription."""

    tenant_id: NotRequired[Input[str] | None]
    """The tenant of the identity."""

    client_id: NotRequired[Input[str] | None]
    """The application that signs in, or the user-assigned managed identity."""

    auxiliary_tenant_ids: NotRequired[Input[Sequence[Input[str]]] | None]
    """Further tenants for which the identity may get tokens."""

    client_secret: NotRequired[Input[str] | None]
    """The application's secret. Secret in the state."""

    client_certificate_path: NotRequired[Input[str] | None]
    """A PEM or PFX file with the application's certificate and private key."""

    client_certificate_password: NotRequired[Input[str] | None]
    """The password of the certificate file. Secret in the state."""

    use_oidc: NotRequired[Input[bool] | None]
    """Whether to sign in with a token of another issuer: `oidc_token`, `oidc_token_file_path`, or
    `oidc_request_url` and `oidc_request_token`."""

    oidc_token: NotRequired[Input[str] | None]
    """A token of another issuer. It cannot be renewed. Secret in the state."""

    oidc_token_file_path: NotRequired[Input[str] | None]
    """A file with a token of another issuer; it is read at each sign-in."""

    oidc_request_url: NotRequired[Input[str] | None]
    """The URL that returns a new token at each sign-in; GitHub Actions sets it."""

    oidc_request_token: NotRequired[Input[str] | None]
    """The bearer token for `oidc_request_url`. Secret in the state."""

    oidc_audience: NotRequired[Input[str] | None]
    """The audience of the token from `oidc_request_url`. Default: `api://AzureADTokenExchange`."""

    ado_service_connection_id: NotRequired[Input[str] | None]
    """The service connection of Azure DevOps, in a pipeline that maps `SYSTEM_ACCESSTOKEN`."""

    use_aks_workload_identity: NotRequired[Input[bool] | None]
    """Whether to sign in with the service account of a pod in AKS."""

    use_msi: NotRequired[Input[bool] | None]
    """Whether to sign in with the machine's managed identity."""

    use_default_azure_credential: NotRequired[Input[bool] | None]
    """Whether to use azure-identity's DefaultAzureCredential, which tries several methods."""

    environment: NotRequired[Input[str] | None]
    """The cloud: `public`, `usgovernment` or `china`."""

    metadata_host: NotRequired[Input[str] | None]
    """The host of the metadata endpoint that describes the cloud, such as an Azure Stack Hub."""

    active_directory_authority_host: NotRequired[Input[str] | None]
    """The URL where a custom cloud signs in; it needs the next two settings too."""

    resource_manager_audience: NotRequired[Input[str] | None]
    """The audience of tokens for the custom cloud's Azure Resource Manager."""

    resource_manager_endpoint: NotRequired[Input[str] | None]
    """The URL of the custom cloud's Azure Resource Manager."""

    disable_instance_discovery: NotRequired[Input[bool] | None]
    """Whether to skip asking Entra to confirm the authority, as private clouds require."""

    api_version: NotRequired[Input[str] | None]
    """The api-version of Microsoft.Compute, for a cloud that does not know the default, `2024-07-01`. An
    Azure Stack Hub knows `2020-06-01`."""

    journal: NotRequired[Input[str] | None]
    """A file to which each decision about a reimage is appended as a line of JSON. Default:
    `azure-reimage:journal` of the stack, so that the journal of a stack is complete."""

    simulator: NotRequired[Input[str] | None]
    """An inventory file or a URL of simulated machines to use instead of Azure. Default:
    `azure-reimage:simulator` of the stack, so that a simulated stack is simulated as a whole."""

    simulator_time_scale: NotRequired[Input[float] | None]
    """By how much a simulator shortens the waits that guard against late requests: a number from 0 to 1.
    Default: `azure-reimage:simulatorTimeScale` of the stack. It changes nothing for Azure."""


_DEFAULT_OF_THE_STACK = ("journal", "simulator", "simulator_time_scale")
# They hold for all machines of a stack, so a provider cannot have its own.
_OF_THE_STACK = (keys.MAX_REIMAGES, keys.PREVENT_REIMAGE)
SETTINGS = {name: keys.BY_ARGUMENT[name] for name in ProviderArgs.__annotations__}


class Provider(pulumi.ProviderResource):
    """Signs in for the reimages that name it in `opts`. A change of its settings reimages nothing.

    Example:
        ```python
        production = Provider("production", tenant_id=..., client_id=..., client_secret=...)
        VirtualMachineReimage("web", pulumi.ResourceOptions(provider=production), vm_id=vm.id)
        ```
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[ProviderArgs],
    ) -> None:
        """Declare how to sign in.

        Args:
            resource_name: The name of this resource in the stack.
            opts: Pulumi's resource options.
            **args: The settings, which ProviderArgs describes.

        Raises:
            TypeError: an argument is not one of ProviderArgs.
            RunError: an argument cannot be sent to Pulumi's engine, or the stack's configuration has a key of
                ours that does not exist.
        """
        require_known_keys()
        unknown = [name for name in args if name not in SETTINGS]
        if unknown:
            raise TypeError(f"Provider has no setting {', '.join(unknown)}.")
        settings = checked_arguments("Provider", resource_name, args)
        require_no_accident("Provider", resource_name, settings)
        for name in _DEFAULT_OF_THE_STACK:
            if settings.get(name) is None:
                settings[name] = _of_the_stack(SETTINGS[name])
        of_the_stack = {setting.key: _of_the_stack(setting) for setting in _OF_THE_STACK}
        # The host of dynamic resources runs our resources, so this is a provider of that host. The keys are
        # those of a stack's configuration, so that both are read in the same way.
        super().__init__(
            "pulumi-python",
            resource_name,
            {
                SETTINGS[name].key: Output.secret(value) if SETTINGS[name].secret else value
                for name, value in settings.items()
                if value is not None
            }
            | {key: value for key, value in of_the_stack.items() if value is not None},
            opts,
        )


def _of_the_stack(setting: Setting) -> str | None:
    namespace, _, key = setting.key.partition(":")
    return pulumi.Config(namespace).get(key)
