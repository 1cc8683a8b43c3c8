"""The bounds of pyproject.toml: the lowest versions are those that `make test-oldest` installs."""

import re
import tomllib
from pathlib import Path

import pytest

from tools.go_tool import dotted
from tools.pulumi_cli import OLDEST_CLI

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BOUNDS = dict(re.findall(r"^([a-z-]+)>=([0-9.]+)", "\n".join(PROJECT["dependencies"]), re.MULTILINE))


def versions(lock: str) -> dict[str, tuple[int, ...]]:
    """Return the versions of a lock."""
    pinned = re.findall(r"^([a-z0-9-]+)==([0-9]+(?:\.[0-9]+)*)", (ROOT / lock).read_text(), re.MULTILINE)
    return {name: numbers(version) for name, version in pinned}


def numbers(version: str) -> tuple[int, ...]:
    """Return a version without the zeros at its end, so that 42 is 42.0.0."""
    return tuple(int(number) for number in re.sub(r"(\.0)+$", "", version).split("."))


def test_every_dependency_has_a_lower_bound() -> None:
    """An upper one may follow it."""
    assert len(BOUNDS) == len(PROJECT["dependencies"])


@pytest.mark.parametrize("name", BOUNDS)
def test_the_lowest_version_is_the_one_that_is_tested(name: str) -> None:
    """Otherwise a bound is untested: with azure-identity 1.19, each sign-in ended in a TypeError."""
    assert versions("requirements-oldest.lock")[name] == numbers(BOUNDS[name])


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-oldest.lock"])
def test_no_bound_admits_an_h11_with_a_known_advisory(lock: str) -> None:
    """GHSA-vqfr-h8mv-ghfj is fixed in 0.16.0, which httpcore requires since 1.0.9."""
    assert versions(lock)["h11"] >= (0, 16)


def test_the_oldest_sdk_is_that_of_the_oldest_cli() -> None:
    """`make test-oldest` runs them as a pair."""
    assert BOUNDS["pulumi"] == dotted(OLDEST_CLI).removesuffix(".0")
