"""The quick start, run by a Python that has the wheel and nothing of this repository: `make test-wheel`.

    python -P wheel_quickstart.py FOLDER   # with the CLI on PATH

FOLDER has Pulumi.yaml, the program and its machines. This file imports nothing from `tools`, and prints
what happened as JSON.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

from pulumi import automation

import pulumi_azure_reimage


def run_twice(folder: Path) -> dict[str, Any]:
    """Record a baseline and reimage; return the stack's outputs."""
    state = folder / "state"
    state.mkdir()
    workspace = automation.LocalWorkspace(
        work_dir=os.fspath(folder),
        program=lambda: _program(folder),
        env_vars={
            "PULUMI_BACKEND_URL": state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": os.fspath(folder / "home"),
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        },
        pulumi_command=automation.PulumiCommand(skip_version_check=True),
    )
    stack = automation.Stack.create("wheel", workspace)
    for release in ("1", "2"):
        stack.set_config("reimage-quickstart:release", automation.ConfigValue(release))
        stack.up(on_output=lambda line: print(line, file=sys.stderr))
    return {name: output.value for name, output in stack.outputs().items()}


def _program(folder: Path) -> None:
    runpy.run_path(os.fspath(folder / "examples" / "quickstart"), run_name="__main__")


if __name__ == "__main__":
    outputs = run_twice(Path(sys.argv[1]).resolve())
    print(json.dumps({"package": pulumi_azure_reimage.__file__, "outputs": outputs}))
