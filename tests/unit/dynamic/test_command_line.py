"""What the command line of a run leaves out, read as the CLI and the engine read it."""

import pytest

from pulumi_azure_reimage.dynamic.command_line import exclusion, left_out, options

WEB, DB = (
    "urn:pulumi:dev::project::a:b:Component$c:d:Child::web",
    "urn:pulumi:dev::project::a:b:Component::db",
)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--exclude", WEB],
        [f"--exclude={WEB}"],
        ["--exclude", DB, "--exclude", WEB],
        ["--exclude", "**web"],
        ["--exclude", "urn:*:*::project::**::web"],
    ],
)
def test_a_resource_that_is_excluded_is_left_out(arguments: list[str]) -> None:
    """Its URN excludes it, or a pattern in which a single star stops at a colon."""
    command = ["pulumi", "up", "--yes", *arguments]

    assert exclusion(command)(WEB)
    assert left_out(command)(WEB)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--exclude", DB],
        ["--exclude", "urn:*:web"],
        ["--exclude", WEB[:-1]],
        ["--", "--exclude", WEB],
        ["--exclude-dependents", WEB],
        ["--target", WEB],
        ["--target", DB, "-t", WEB],
        [f"-t{WEB}"],
        [f"-t={WEB}"],
        ["--target-replace", WEB],
        ["--target", DB, "--target-dependents"],
    ],
)
def test_a_resource_that_may_take_part_is_not_left_out(arguments: list[str]) -> None:
    """Only the engine knows whether it depends on a target."""
    assert not left_out(["pulumi", "up", *arguments])(WEB)


@pytest.mark.parametrize("flag", ["--target", "--target-replace", "-t"])
def test_a_resource_that_no_target_names_is_left_out(flag: str) -> None:
    """A target excludes nothing."""
    command = ["pulumi", "up", flag, DB]

    assert left_out(command)(WEB)
    assert not exclusion(command)(WEB)


def test_the_environment_of_the_cli_gives_it_flags_too() -> None:
    """Commas separate several values."""
    excluded = options(["pulumi", "up"], {"PULUMI_OPTION_EXCLUDE": f"{DB},{WEB}"})
    targeted = options(["pulumi", "up"], {"PULUMI_OPTION_TARGET": DB})
    dependents = options(["pulumi"], {"PULUMI_OPTION_TARGET": DB, "PULUMI_OPTION_TARGET_DEPENDENTS": "true"})

    assert [left_out(given)(WEB) for given in (excluded, targeted, dependents)] == [True, True, False]
    assert options(["pulumi", "up"], {}) == ["pulumi", "up"]
