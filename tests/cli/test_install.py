"""`pulumi install` in a project in YAML, with the plugin installed as docs/other-languages.md says."""

import os
import sys
from pathlib import Path

from pulumi_azure_reimage.version import VERSION
from tests.engine.reimaging import vm_id
from tools.pulumi_cli import pulumi_cli
from tools.yaml_host import prepare

from .conftest import NewProject

PLUGIN = Path(sys.executable).parent / "pulumi-resource-azure-reimage"
PROGRAM = f"""\
name: test
runtime: yaml
resources:
  web:
    type: azure-reimage:VirtualMachineReimage
    properties: {{vmId: {vm_id("web")}, triggers: {{release: v1}}}}
"""


def test_it_finds_everything_and_the_program_runs(new_project: NewProject, tmp_path: Path) -> None:
    """Without the plugin, it would look for a release of it, and there is none."""
    project = new_project({"web": {}})
    home = tmp_path / "home"
    prepare(pulumi_cli(os.environ), home, os.environ)
    # The plugin is not on PATH, and the Python of the resources is named.
    project.environment |= {
        "PATH": pulumi_cli(os.environ).path(os.defpath),
        "PULUMI_HOME": os.fspath(home),
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "",
    }
    (project.folder / "Pulumi.yaml").write_text(PROGRAM)
    project.create()

    added = project.pulumi(
        "plugin", "install", "resource", "azure-reimage", VERSION, "--file", os.fspath(PLUGIN)
    )
    installed = project.pulumi("install")
    first = project.pulumi("up", "--yes", "--skip-preview")

    assert added.code == 0, added.text
    assert installed.code == 0, installed.text
    assert first.code == 0, first.text
    assert "on your $PATH" not in first.text
