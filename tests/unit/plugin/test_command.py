"""The console script, started by a user instead of the engine."""

import pytest

from pulumi_azure_reimage.plugin.command import main


@pytest.mark.parametrize("arguments", [[], ["--help"], ["web"]])
def test_a_user_learns_what_it_is(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The text is on stderr, because stdout is for the engine."""
    assert main(arguments) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("This is the plugin that lets Pulumi programs in YAML, ")
