"""What is published: the wheel holds the whole package, and the sdist the whole repository."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(target: str, folder: Path) -> Path:
    """Build into an empty folder, and return the file."""
    command = ["hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - ours.
    (built,) = folder.iterdir()
    return built


def test_the_wheel_holds_the_page_and_the_types(tmp_path: Path) -> None:
    """Files that are not Python are forgotten most easily."""
    wheel = build("wheel", tmp_path)
    package = ROOT / "provider" / "pulumi_azure_reimage"
    files = {
        file.relative_to(package.parent).as_posix()
        for file in package.rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert held == files
    assert {f"pulumi_azure_reimage/simulator/admin/static/page.{kind}" for kind in ("css", "js")} <= held


def test_the_sdist_holds_what_its_tests_need(tmp_path: Path) -> None:
    """That is everything: they read the documents, build the CLI with `tools`, and run the examples."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is on PATH
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")
    files = {name.decode() for name in listed if name and (ROOT / name.decode()).is_file()}

    with tarfile.open(build("sdist", tmp_path)) as sdist:
        held = {name.partition("/")[2] for name in sdist.getnames()}

    assert held == files | {"PKG-INFO"}
    assert {"tools/pulumi_cli.py", "Makefile", "requirements-oldest.lock"} <= held
