"""The committed schema of the package, which the plugin serves, and the version of the package in it."""

from __future__ import annotations

import re
from importlib.metadata import version
from importlib.resources import files

NAME = "schema.json"

_PYTHON_VERSION = re.compile(
    r"(?P<release>[0-9]+\.[0-9]+\.[0-9]+)(?:(?P<kind>a|b|rc|\.dev)(?P<number>[0-9]+))?"
)
_KINDS = {"a": "alpha", "b": "beta", "rc": "rc", ".dev": "dev"}


def schema_text() -> str:
    """Return the schema as JSON."""
    return files(__package__).joinpath(NAME).read_text(encoding="utf-8")


def package_version() -> str:
    """Return the version of the installed package, as Pulumi requires it."""
    return semantic_version(version("pulumi-azure-reimage"))


def semantic_version(python: str) -> str:
    """Return a Python version (PEP 440) in Pulumi's form (semver.org): `0.2.0-rc.1` for `0.2.0rc1`.

    Raises:
        ValueError: it is neither a release nor a pre-release.
    """
    found = _PYTHON_VERSION.fullmatch(python)
    if found is None:
        raise ValueError(f"Pulumi cannot express the version {python}.")
    before = f"-{_KINDS[found['kind']]}.{found['number']}" if found["kind"] else ""
    return found["release"] + before
