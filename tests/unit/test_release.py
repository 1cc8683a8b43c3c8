"""What a tag must match before it is released."""

import tomllib
from pathlib import Path

import pytest

from tools.release import NotReadyError, check

ROOT = Path(__file__).parents[2]
PROJECT = '[project]\nversion = "0.2.0"\n'
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n"


def test_a_tag_of_the_version_with_its_date_is_ready() -> None:
    """The changelog begins with what is not released yet."""
    check("v0.2.0", PROJECT, CHANGELOG)


@pytest.mark.parametrize("tag", ["v0.2.1", "0.2.0", "v0.2.0rc1"])
def test_another_tag_is_refused(tag: str) -> None:
    """The version is in one place."""
    with pytest.raises(
        NotReadyError, match=rf"The tag is {tag}, and pyproject\.toml has the version 0\.2\.0\."
    ):
        check(tag, PROJECT, CHANGELOG)


@pytest.mark.parametrize(
    "changelog",
    [
        CHANGELOG.replace(" - 2026-12-01", ""),
        CHANGELOG.replace("## [Unreleased]\n\n", ""),
        CHANGELOG.replace("0.2.0", "0.1.9"),
        "",
    ],
    ids=["no date", "nothing unreleased", "an older version", "empty"],
)
def test_a_changelog_without_the_version_and_its_date_is_refused(changelog: str) -> None:
    """The message says how the changelog must begin."""
    with pytest.raises(NotReadyError, match=r"CHANGELOG\.md must begin with"):
        check("v0.2.0", PROJECT, changelog)


def test_this_repository_has_the_required_form() -> None:
    """So its next tag needs only a version and a date."""
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    version = tomllib.loads(project)["project"]["version"]

    check(f"v{version}", project, (ROOT / "CHANGELOG.md").read_text("utf-8"))
