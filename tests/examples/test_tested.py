"""`examples/tested` and `examples/mocked`: users' programs and their tests, as docs/testing.md shows them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.pulumi_cli import pulumi_cli

ROOT = Path(__file__).parents[2]
FOREIGN = ("PULUMI_", "ARM_", "AZURE_", "PYTEST_")


def test_the_command_of_the_readme_runs_the_tests_of_the_example(tmp_path: Path) -> None:
    """It runs in a copy, with this Python in place of the one in `.venv`."""
    (command,) = re.findall(
        r"^(PATH=.* pytest examples/tested)$", (ROOT / "docs" / "testing.md").read_text(), re.MULTILINE
    )
    for name in ("examples/tested", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    # A CLI that must be built is built first, so that only the example is measured and shown.
    environment["PATH"] = pulumi_cli(os.environ).path(environment["PATH"])

    run = subprocess.run(  # noqa: S602 - our own document's command, which needs a shell
        command.replace(".venv/bin/python", f'"{sys.executable}"'),
        shell=True,
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout
    assert " 3 passed" in run.stdout
    assert "warning" not in run.stdout


def test_the_test_with_mocks_passes_from_any_folder(tmp_path: Path) -> None:
    """It needs no CLI, and sends no request."""
    example = tmp_path / "mocked"
    shutil.copytree(ROOT / "examples" / "mocked", example, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}

    run = subprocess.run(  # noqa: S603 - our own test, with this Python.
        [sys.executable, "-m", "pytest", "-q", os.fspath(example)],
        cwd=tmp_path,
        env={**environment, "PATH": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout
    assert "1 passed" in run.stdout
