"""What no committed file may contain: an address of a package registry, or a path of one machine."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENTS = "tests/contract/foreign"


@pytest.mark.parametrize(
    "name",
    [
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-sbom.lock",
        "tests/engine/requirements-policy.lock",
        f"{CLIENTS}/python/requirements-33.lock",
    ],
)
def test_a_lock_holds_pinned_names_and_hashes_and_no_address(name: str) -> None:
    """The machine that installs packages decides where they come from."""
    text = (ROOT / name).read_text()
    requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]

    assert "://" not in text
    assert [line for line in requirements if not re.match(r"[a-z0-9.-]+==[^ ]+ .*\\$", line)] == []
    assert len(re.findall(r" \\\n    --hash=sha256:", text)) >= len(requirements)


def test_the_lock_of_npm_holds_versions_and_hashes_and_no_address() -> None:
    """Its packages come from the registry that the machine uses."""
    text = (ROOT / CLIENTS / "javascript" / "package-lock.json").read_text()
    packages = [package for name, package in json.loads(text)["packages"].items() if name]

    assert "://" not in text
    assert [package for package in packages if not package["integrity"].startswith("sha512-")] == []


def test_no_committed_file_names_a_folder_of_this_machine() -> None:
    """A path that works here works nowhere else."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is on PATH
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")
    files = [ROOT / name.decode() for name in listed if name and (ROOT / name.decode()).is_file()]

    here = [f"{folder}/".encode() for folder in (ROOT, Path.home())]
    assert [file for file in files if any(path in file.read_bytes() for path in here)] == []
