"""Builds the wheel and the sdist as a release does, for the tests of what is published."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build(target: str, folder: Path, source: Path = ROOT, umask: int = 0o022) -> Path:
    """Build into an empty folder, and return the file.

    Args:
        target: `wheel` or `sdist`.
        folder: Where the file is made.
        source: The folder with `pyproject.toml`.
        umask: The permissions that files of the build do not get.
    """
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    # hatchling uses the date in this variable for what it packs, and otherwise a fixed date.
    environment = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    subprocess.run(command, cwd=source, check=True, capture_output=True, env=environment, umask=umask)  # noqa: S603 - ours.
    (built,) = folder.iterdir()
    return built


def listed_by_git() -> set[str]:
    """Return the files of a clone: those that are committed, and those that are new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")  # noqa: S603 - ours.
    return {name.decode() for name in listed if name and (ROOT / name.decode()).is_file()}


def as_on_another_machine(folder: Path, umask: int, seconds: float) -> None:
    """Give files other permissions, except the right to execute, and other times."""
    for file in folder.rglob("*"):
        if file.is_file():
            file.chmod((0o755 if file.stat().st_mode & 0o100 else 0o644) & ~umask)
            os.utime(file, (seconds, seconds))
