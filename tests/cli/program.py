"""A program in YAML that reimages machines, written from the inputs that a program in Python would have."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.engine.reimaging import vm_id

PROJECT = "test"
OUTPUTS = ("status", "causes", "osDiskId", "osDiskIdBefore", "imageVersion", "imageVersionBefore")
# A plugin on PATH would be used too, with a warning in each run (getPluginInfoAndPath of pulumi:
# sdk/go/common/workspace/plugins.go).
PLUGINS = {"providers": [{"name": "azure-reimage", "path": str(Path(sys.executable).parent)}]}
Inputs = Mapping[str, Mapping[str, Any]]


def camel_case(name: str) -> str:
    """Return a Python name as YAML spells it: `exactVersion` for `exact_version`."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def write(folder: Path, inputs: Inputs, *, outputs: bool = True) -> None:
    """Write Pulumi.yaml; JSON is YAML too.

    Args:
        folder: The project's folder.
        inputs: The inputs of each machine, under their names in Python.
        outputs: Whether the stack has outputs.
    """
    program: dict[str, Any] = {
        "name": PROJECT,
        "runtime": "yaml",
        "plugins": PLUGINS,
        "resources": {name: _resource(name, arguments) for name, arguments in inputs.items()},
    }
    if outputs:
        program["outputs"] = {
            name: {output: f"${{{name}.{output}}}" for output in OUTPUTS} for name in inputs
        }
    (folder / "Pulumi.yaml").write_text(json.dumps(program, indent=2))


def _resource(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    properties = {"vm_id": vm_id(name), **arguments}
    return {
        "type": "azure-reimage:VirtualMachineReimage",
        "properties": {camel_case(key): value for key, value in properties.items()},
    }
