"""`azure-reimage:apiVersion`, for clouds that do not know the default, such as Azure Stack Hub."""

import pytest

from pulumi_azure_reimage.auth.configuration import read_configuration
from pulumi_azure_reimage.errors import ConfigurationError


def api_version(value: object) -> str:
    """Return the api-version of a configuration that sets it."""
    return read_configuration({"azure-reimage:apiVersion": value}.get, {}).api_version


@pytest.mark.parametrize("value", ["2020-06-01", " 2020-06-01\n", "2026-08-06-preview"])
def test_a_date_is_an_api_version_also_of_a_preview(value: str) -> None:
    """2020-06-01 is the version in the profile 2020-09-01-hybrid."""
    assert api_version(value) == value.strip()


@pytest.mark.parametrize("value", ["2020-06-01 00:00:00 +0000 UTC", "2020-06-01T00:00:00Z"])
def test_a_date_that_yaml_has_read_as_a_time_is_an_api_version(value: str) -> None:
    """YAML does this to a date without quotation marks in a stack's file."""
    assert api_version(value) == "2020-06-01"


@pytest.mark.parametrize(
    "value",
    [
        "2020-6-1",
        "2020-02-30",
        "2020-06-01&x=1",
        "2020-06-01-",
        "2020-06-01/..",
        "2020-06-01T01:00:00Z",
        "latest",
        "\u0662\u0660\u0662\u0660-06-01",
        20200601,
    ],
)
def test_anything_else_is_refused(value: object) -> None:
    """It would become part of a URL, and Azure's answer would not explain the mistake."""
    with pytest.raises(ConfigurationError, match=r"^azure-reimage:apiVersion must be an api-version"):
        api_version(value)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_a_value_it_is_the_default(value: str | None) -> None:
    """An empty value counts as unset, as for every other setting."""
    assert api_version(value) == "2024-07-01"


def test_the_simulator_is_sent_the_same_version() -> None:
    """A program is tested with the version that it uses."""
    stack = {"azure-reimage:apiVersion": "2020-06-01", "azure-reimage:simulator": "machines.toml"}

    assert read_configuration(stack.get, {}).api_version == "2020-06-01"
