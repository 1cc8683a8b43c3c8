"""`examples/yaml`: a program in YAML, run by the literal commands of docs/other-languages.md."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pulumi_azure_reimage.simulator import Simulator
from tests.cli.conftest import installation
from tests.cli.project import Installation
from tests.fenced import blocks_of

__all__ = ["installation"]

ROOT = Path(__file__).parents[2]
# The environment that runs this test has the package, and replaces the one that these two lines create.
MADE_BEFORE = ("python3 -m venv .venv && . .venv/bin/activate", "pip install pulumi-azure-reimage")


def commands() -> list[str]:
    """Return the commands of the section on YAML."""
    section = (
        (ROOT / "docs" / "other-languages.md").read_text().partition("\n## YAML\n")[2].partition("\n## ")[0]
    )
    (block,) = [block for block in blocks_of(section) if block.language == "sh"]
    return [line.partition("#")[0].strip() for line in block.text.splitlines()]


def test_the_commands_of_the_documentation_reimage_the_machine_of_the_example(
    installation: Installation, tmp_path: Path
) -> None:
    """They run in their order, in a copy of the example."""
    folder = tmp_path / "examples" / "yaml"
    shutil.copytree(ROOT / "examples" / "yaml", folder, ignore=shutil.ignore_patterns(".venv", "*.sqlite3*"))
    (folder / ".venv").symlink_to(sys.prefix)
    environment = {
        "PATH": installation.path,
        "HOME": os.fspath(tmp_path),
        "PULUMI_BACKEND_URL": f"{tmp_path.as_uri()}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
        "PULUMI_HOME": os.fspath(installation.home),
        # A person confirms each update.
        "PULUMI_SKIP_CONFIRMATIONS": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    entered, *made, first, second, third = commands()
    assert (entered, tuple(made)) == ("cd examples/yaml", MADE_BEFORE)

    run = subprocess.run(  # noqa: S603 - our own documentation's commands
        ["/bin/sh", "-ec", f"{entered}\n. .venv/bin/activate\n{first}\n{second}\n{third}"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "Nothing is reimaged." in run.stdout
    assert "VM web will be reimaged: triggers.release changed." in run.stdout
    assert '"Baseline" => "Succeeded"' in run.stdout
    assert "from $PATH" not in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    with Simulator.open(folder / "machines.toml") as simulator:
        assert [request.status for request in simulator.reimage_requests()] == [202]
