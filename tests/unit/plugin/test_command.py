"""The console script, where no engine has started it."""

import pytest

from pulumi_azure_reimage.plugin.command import main


@pytest.mark.parametrize("arguments", [[], ["--help"], ["web"]])
def test_a_person_learns_what_it_is(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, because stdout is for the engine."""
    assert main(arguments) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("This is the plugin that lets Pulumi programs in YAML, ")
