"""The subscription for which the Azure CLI signs in: the configured one, or else that of the VM."""

import pytest

from pulumi_azure_reimage.auth.configuration import (
    Azure,
    Configuration,
    Simulated,
    for_subscription,
    read_configuration,
)
from pulumi_azure_reimage.auth.method import AzureCli, ManagedIdentity, Method
from pulumi_azure_reimage.errors import ConfigurationError

VM = "AAAAAAAA-1111-1111-1111-111111111111"


def method_for(settings: dict[str, str], subscription: str = VM) -> Method:
    """Return the method for a VM of a subscription."""
    stack = {f"azure-native:{key}": value for key, value in settings.items()}
    where = for_subscription(read_configuration(stack.get, {}), subscription).where
    assert isinstance(where, Azure)
    return where.sign_in.method


def test_with_nothing_configured_it_is_that_of_the_vm() -> None:
    """Two spellings of an id are the same subscription, so they share one sign-in."""
    assert method_for({}) == method_for({}, VM.lower()) == AzureCli(None, VM.lower(), of_the_vm=True)


@pytest.mark.parametrize(
    ("settings", "method"),
    [
        ({"subscriptionId": "mine"}, AzureCli(None, "mine")),
        ({"tenantId": "tenant"}, AzureCli("tenant", None)),
        ({"tenantId": "tenant", "subscriptionId": "mine"}, AzureCli("tenant", "mine")),
        ({"useMsi": "true"}, ManagedIdentity(None)),
    ],
)
def test_what_is_configured_comes_first(settings: dict[str, str], method: Method) -> None:
    """The order is that of azure-native. No other method has an account for each subscription."""
    assert method_for(settings) == method


def test_simulated_machines_have_no_account() -> None:
    """There is no sign-in for them."""
    configuration = Configuration(Simulated("machines.toml"))

    assert for_subscription(configuration, VM) == configuration


@pytest.mark.parametrize("value", ["a&calc", "a|b", "a;b", 'a"b', "%PATH%", "-x", "--help", "a\nb", "ä"])
def test_a_configured_subscription_that_cannot_be_one_is_refused(value: str) -> None:
    """It becomes an argument of `az`, a batch file on Windows. azure-identity checks only its own calls."""
    with pytest.raises(ConfigurationError, match="azure-native:subscriptionId must be the id of a subscr"):
        method_for({"subscriptionId": value})


@pytest.mark.parametrize("value", [VM, "My Subscription 1.0", "dev_test-2"])
def test_a_subscription_may_be_named(value: str) -> None:
    """A name may have the characters that azure-identity accepts."""
    assert method_for({"subscriptionId": value}) == AzureCli(None, value)
