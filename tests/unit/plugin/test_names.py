"""The inputs of a program in another language get their names in Python."""

import asyncio
from typing import Any

import pulumi
import pytest

from pulumi_azure_reimage.plugin.names import in_python


def test_inputs_and_the_fields_of_a_profile_get_their_names_in_python() -> None:
    """Names that the program chose, such as the key of a trigger, stay."""
    assert in_python(
        {
            "vmId": "x",
            "exactVersion": "1.0",
            "triggers": {"exactVersion": 1},
            "osProfile": {"adminPassword": "a", "customDataFile": "b"},
            "allowedCauses": ["exactVersion", "triggers.exactVersion", "create"],
        }
    ) == {
        "vm_id": "x",
        "exact_version": "1.0",
        "triggers": {"exactVersion": 1},
        "os_profile": {"admin_password": "a", "custom_data_file": "b"},
        "allowed_causes": ["exact_version", "triggers.exactVersion", "create"],
    }


def test_a_secret_profile_keeps_its_fields() -> None:
    """The SDK's own component host would lose its fields."""

    async def translated() -> Any:  # noqa: ANN401 - the value of an output.
        profile = pulumi.Output.secret({"adminPassword": "a"})
        return await in_python({"osProfile": profile})["os_profile"].future()

    assert asyncio.run(translated()) == {"admin_password": "a"}


def test_a_name_that_the_schema_does_not_have_stays() -> None:
    """The check then refuses it by that name."""
    assert in_python({"exactVersionn": 1, "osProfile": {"password": "x"}, "allowedCauses": "all"}) == {
        "exactVersionn": 1,
        "os_profile": {"password": "x"},
        "allowed_causes": "all",
    }


def test_an_input_that_is_given_under_both_names_is_refused() -> None:
    """Only one of them could count, and it would not be clear which."""
    with pytest.raises(pulumi.RunError, match=r"^An input is given twice: exactVersion and exact_version\.$"):
        in_python({"exactVersion": "1", "exact_version": "2"})
