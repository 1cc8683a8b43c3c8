"""What is published: the wheel holds the package and nothing else, and the sdist the whole repository."""

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

import pytest

from pulumi_azure_reimage.version import VERSION
from tools.other_environments import PYTHONS

from .builds import ROOT, as_on_another_machine, build, listed_by_git

PACKAGE = ROOT / "provider" / "pulumi_azure_reimage"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# A new file that is not Python is either in the wheel on purpose, or a stray file.
NOT_PYTHON = {
    "pulumi_azure_reimage/pulumi-plugin.json",
    "pulumi_azure_reimage/plugin/schema.json",
    "pulumi_azure_reimage/py.typed",
    "pulumi_azure_reimage/simulator/admin/static/page.css",
    "pulumi_azure_reimage/simulator/admin/static/page.js",
}
ABOUT = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
# How the Python language host looks for the file: `pulumiPluginJSONPathsScript` of
# https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/python/cmd/pulumi-language-python/main.go
FIND_PLUGIN_JSON = """
import importlib.metadata, importlib.util, os, sys, json
result = {}
for pkg_name in sys.argv[1:]:
	try:
		dist = importlib.metadata.distribution(pkg_name)
		module = dist.metadata['Name'].replace('-', '_')
		spec = importlib.util.find_spec(module)
		locs = list(spec.submodule_search_locations or []) if spec else []
		found = [p for l in locs for p in [os.path.join(str(l), 'pulumi-plugin.json')] if os.path.isfile(p)]
		result[pkg_name] = found[0] if found else ''
	except Exception:
		result[pkg_name] = ''
print(json.dumps(result))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist."""
    return build("sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel, as an installation does."""
    folder = tmp_path_factory.mktemp("site-packages")
    zipfile.ZipFile(wheel).extractall(folder)  # noqa: S202 - built above.
    return folder


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """A file that is not Python is easily forgotten, and a stray file is hardly noticed."""
    python = {file.relative_to(PACKAGE.parent).as_posix() for file in PACKAGE.rglob("*.py")}
    about = f"pulumi_azure_reimage-{PROJECT['version']}.dist-info"

    held = set(zipfile.ZipFile(wheel).namelist())

    assert held == python | NOT_PYTHON | {f"{about}/{name}" for name in ABOUT}


def test_pulumi_finds_that_the_package_has_no_plugin_to_download(installed: Path) -> None:
    """Without this, `pulumi install` looks for a release of a plugin, finds none, and fails.

    The language host assumes that every package whose name begins with `pulumi-` has a plugin, unless its
    `pulumi-plugin.json` says `"resource": false` (`packageDependencyFromPluginJSON` in the same file).
    """
    ended = subprocess.run(  # noqa: S603 - ours.
        [sys.executable, "-P", "-c", FIND_PLUGIN_JSON, PROJECT["name"]],
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        check=True,
        text=True,
    )

    found = Path(json.loads(ended.stdout)[PROJECT["name"]])

    assert found == installed / "pulumi_azure_reimage" / "pulumi-plugin.json"
    assert json.loads(found.read_text()) == {"resource": False}


def test_the_page_of_the_package_lists_its_pythons(wheel: Path) -> None:
    """They are the tested versions, including the oldest. The package is also marked as typed."""
    metadata = Parser().parsestr(
        zipfile.ZipFile(wheel).read(f"pulumi_azure_reimage-{PROJECT['version']}.dist-info/METADATA").decode()
    )
    classifiers = metadata.get_all("Classifier", [])
    versions = [found[1] for line in classifiers if (found := re.fullmatch(r".*Python :: (3\.\d+)", line))]

    assert metadata["Version"] == VERSION
    assert metadata["Requires-Python"] == f">={versions[0]}" == ">=3.11"
    assert set(versions) <= {versions[0], *PYTHONS}
    assert "Typing :: Typed" in classifiers
    assert (metadata["License-Expression"], metadata["License-File"]) == ("Apache-2.0", "LICENSE")
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert len(metadata["Keywords"].split(",")) >= 5


def test_every_entry_point_leads_to_something_in_the_package() -> None:
    """A wrong one is found by the first user who starts it."""
    paths = [*PROJECT["scripts"].values(), *PROJECT["entry-points"]["pytest11"].values()]

    points = [EntryPoint("name", path, "group") for path in paths]

    assert [point.load() for point in points]
    assert {point.module.partition(".")[0] for point in points} == {"pulumi_azure_reimage"}


def test_the_address_of_the_repository_is_written_in_one_place_or_nowhere() -> None:
    """As long as there is none, the documents have a placeholder, and no invented address."""
    addresses = PROJECT.get("urls", {}).values()
    documents = {name: (ROOT / name).read_text() for name in ("README.md", "CONTRIBUTING.md")}

    assert {name for name, text in documents.items() if "<this repository>" in text} == (
        set() if addresses else set(documents)
    )


def test_two_machines_build_the_same_wheel_and_the_same_sdist(
    wheel: Path, sdist: Path, tmp_path: Path
) -> None:
    """Folders, permissions and times of the files differ. So anyone can verify a release.

    The wheel built from the sdist is the same as the one from the repository.
    """
    for name, umask, seconds in (("a", 0o002, 1e9), ("b", 0o077, 1.7e9)):
        with tarfile.open(sdist) as packed:
            packed.extractall(tmp_path / name, filter="data")
        (unpacked,) = (tmp_path / name).iterdir()
        as_on_another_machine(unpacked, umask, seconds)

        assert build("wheel", tmp_path / f"{name}-wheel", unpacked, umask).read_bytes() == wheel.read_bytes()
        assert build("sdist", tmp_path / f"{name}-sdist", unpacked, umask).read_bytes() == sdist.read_bytes()


@pytest.mark.skipif(find_spec("twine") is None, reason="only the locked environment has twine")
def test_the_registry_would_accept_both(wheel: Path, sdist: Path) -> None:
    """So a release does not fail at its last step."""
    command = [sys.executable, "-m", "twine", "--no-color", "check", "--strict", str(wheel), str(sdist)]

    ended = subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603 - ours.

    assert (ended.returncode, ended.stdout.count("PASSED")) == (0, 2), ended.stdout


def test_the_sdist_holds_what_its_tests_need(sdist: Path) -> None:
    """They need everything: they read the documents, build the CLI with `tools`, and run the examples."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")

    with tarfile.open(sdist) as packed:
        held = {name.partition("/")[2] for name in packed.getnames()}

    assert held == listed_by_git() | {"PKG-INFO"}
    assert {"tools/pulumi_cli.py", "Makefile", "requirements-oldest.lock"} <= held
