"""The explicit provider's arguments are the settings of the stack, under Python's names."""

import re
from pathlib import Path

import pytest

from pulumi_azure_reimage import Provider, ProviderArgs
from pulumi_azure_reimage.auth.settings import ALL
from pulumi_azure_reimage.provider import SETTINGS
from tests.examples.mocked_program import run_program

# Settings that only the machine that runs Pulumi knows, and settings that hold for a whole stack.
ELSEWHERE = {
    "azure-reimage:aksTokenFilePath",
    "azure-reimage:adoRequestUrl",
    "azure-reimage:adoRequestToken",
    "azure-reimage:maxReimagesPerRun",
    "azure-reimage:preventReimage",
}


def test_every_setting_is_an_argument_and_every_argument_a_setting() -> None:
    """A new setting cannot be forgotten here."""
    assert set(SETTINGS) == set(ProviderArgs.__annotations__)
    assert {setting.key for setting in SETTINGS.values()} == {setting.key for setting in ALL} - ELSEWHERE


@pytest.mark.parametrize("name", SETTINGS)
def test_an_argument_is_named_like_its_setting(name: str) -> None:
    """It is in snake case, as in azure-native's Python SDK."""
    camel = SETTINGS[name].key.partition(":")[2]

    assert re.sub(r"([A-Z])", r"_\1", camel).lower() == name


def test_a_misspelled_argument_is_refused() -> None:
    """It would be ignored silently, and another identity would sign in."""
    with pytest.raises(TypeError, match=r"Provider has no setting tenant\."):
        Provider("name", tenant="x")  # type: ignore[call-arg]


def test_the_limits_of_a_stack_hold_for_its_providers(tmp_path: Path) -> None:
    """Another identity must not reimage what the stack protects."""
    limits = {"azure-reimage:maxReimagesPerRun": "3", "azure-reimage:preventReimage": "true"}
    (tmp_path / "__main__.py").write_text("import pulumi_azure_reimage as p; p.Provider('own')")

    registered = run_program(tmp_path, limits)

    assert registered["pulumi:providers:pulumi-python"].inputs == limits


def test_what_is_true_of_a_whole_stack_is_the_default_of_its_providers(tmp_path: Path) -> None:
    """A provider uses its own setting, or else that of the stack, and never goes to Azure instead."""
    ours = {"journal": "all.jsonl", "simulator": "machines.toml", "simulatorTimeScale": "0.5"}
    program = "import pulumi_azure_reimage as p; p.Provider('own', journal='own.jsonl', tenant_id='tenant')"
    (tmp_path / "__main__.py").write_text(program)

    registered = run_program(tmp_path, {f"azure-reimage:{key}": value for key, value in ours.items()})

    assert registered["pulumi:providers:pulumi-python"].inputs == {
        "azure-native:tenantId": "tenant",
        "azure-reimage:journal": "own.jsonl",
        "azure-reimage:simulator": "machines.toml",
        "azure-reimage:simulatorTimeScale": "0.5",
    }
