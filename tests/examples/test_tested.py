"""`examples/tested`: a user's program and its tests, run by the command that docs/testing.md gives."""

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
    """In a copy, with the Python that runs this in place of the one in `.venv`."""
    (command,) = re.findall(
        r"^(PATH=.* pytest examples/tested)$", (ROOT / "docs" / "testing.md").read_text(), re.MULTILINE
    )
    for name in ("examples/tested", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    # A CLI that has to be built is built before, so that what is measured and shown is the example.
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
