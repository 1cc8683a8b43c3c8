"""Configuration: azure-native's settings, so that a stack in which it works needs nothing more."""

from __future__ import annotations

import pytest

from pulumi_azure_reimage.config import DEFAULT_API_VERSION, Cloud, Configuration, read_configuration
from pulumi_azure_reimage.errors import ConfigurationError

PUBLIC = Cloud("https://management.azure.com", "login.microsoftonline.com")
CHINA = Cloud("https://management.chinacloudapi.cn", "login.chinacloudapi.cn")
GOVERNMENT = Cloud("https://management.usgovcloudapi.net", "login.microsoftonline.us")


def test_without_a_setting_it_is_the_public_cloud() -> None:
    """Nothing needs to be configured."""
    settings: dict[str, str] = {}

    assert read_configuration(settings.get, {}) == Configuration(None, PUBLIC, DEFAULT_API_VERSION)


def test_the_api_version_is_the_one_that_was_read_and_tested() -> None:
    """A newer one is a change of its own."""
    assert DEFAULT_API_VERSION == "2024-07-01"


@pytest.mark.parametrize(
    ("name", "cloud"),
    [
        ("public", PUBLIC),
        ("china", CHINA),
        ("AzureChinaCloud", CHINA),
        ("azurechina", CHINA),
        ("usgov", GOVERNMENT),
        ("USGovernment", GOVERNMENT),
        ("azureusgovernment", GOVERNMENT),
        ("AzureUSGovernmentCloud", GOVERNMENT),
        ("a name that nobody knows", PUBLIC),
    ],
)
def test_a_cloud_is_named_as_for_azure_native(name: str, cloud: Cloud) -> None:
    """Case does not matter, and an unknown name is the public cloud, as there."""
    settings = {"azure-native:environment": name}

    assert read_configuration(settings.get, {}).cloud == cloud


@pytest.mark.parametrize(
    ("settings", "environ", "cloud"),
    [
        pytest.param({"azure-native:environment": "china"}, {"ARM_ENVIRONMENT": "usgov"}, CHINA, id="stack"),
        pytest.param({}, {"ARM_ENVIRONMENT": "china", "AZURE_ENVIRONMENT": "usgov"}, CHINA, id="ARM_"),
        pytest.param({}, {"AZURE_ENVIRONMENT": "usgov"}, GOVERNMENT, id="AZURE_"),
        pytest.param({"azure-native:environment": ""}, {"ARM_ENVIRONMENT": ""}, PUBLIC, id="empty ones"),
    ],
)
def test_the_stack_is_asked_before_the_environment(
    settings: dict[str, str], environ: dict[str, str], cloud: Cloud
) -> None:
    """The order is azure-native's."""
    assert read_configuration(settings.get, environ).cloud == cloud


@pytest.mark.parametrize("cloud", [PUBLIC, CHINA, GOVERNMENT])
def test_a_token_is_meant_for_the_endpoint_that_gets_it(cloud: Cloud) -> None:
    """The audience of the token is the endpoint itself."""
    assert cloud.scope == f"{cloud.endpoint}/.default"


def test_the_simulator_is_named_by_the_stack() -> None:
    """Only the stack can say it: an environment variable would be inherited by accident."""
    settings = {"azure-reimage:simulator": "machines.toml"}

    assert read_configuration(settings.get, {}).simulator == "machines.toml"


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_simulator_is_refused(text: str) -> None:
    """It must not mean real Azure to one and the simulator to another."""
    settings = {"azure-reimage:simulator": text}

    with pytest.raises(ConfigurationError, match=r"azure-reimage:simulator is empty.*nothing was sent"):
        read_configuration(settings.get, {})
