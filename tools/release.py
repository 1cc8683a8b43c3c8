"""Check that a tag is the version of this repository, and that the changelog has it.

    python -m tools.release v0.2.0

The version is in pyproject.toml alone. The changelog has its date, and `[Unreleased]` above it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class NotReadyError(Exception):
    """The tag cannot be released; the text says why."""


def check(tag: str, project: str, changelog: str) -> None:
    """Compare a tag with the texts of pyproject.toml and CHANGELOG.md.

    Raises:
        NotReadyError: they differ, or the changelog has no date for the version.
    """
    version = tomllib.loads(project)["project"]["version"]
    if tag != f"v{version}":
        raise NotReadyError(f"The tag is {tag}, and pyproject.toml has the version {version}.")
    heads = re.findall(r"^## (.+)$", changelog, re.MULTILINE)
    released = rf"\[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d"
    if heads[:1] != ["[Unreleased]"] or not re.fullmatch(released, heads[1] if len(heads) > 1 else ""):
        raise NotReadyError(
            f"CHANGELOG.md must begin with `## [Unreleased]` and then `## [{version}] - YYYY-MM-DD`."
        )


def main(arguments: list[str]) -> int:
    """Return 1 if the tag cannot be released."""
    (tag,) = arguments
    try:
        check(tag, (ROOT / "pyproject.toml").read_text("utf-8"), (ROOT / "CHANGELOG.md").read_text("utf-8"))
    except NotReadyError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
