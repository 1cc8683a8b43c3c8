"""An example of an inventory, written from the definitions of its keys."""

from __future__ import annotations

import json
from dataclasses import MISSING, Field
from typing import Any

from .inventory import Inventory
from .specification import MachineDefaults, MachineSpecification
from .tables import keys_of
from .values import Choice

_COLUMN = 36
_REST = """\
[throttling]
enabled = true                      # the documented limits of Azure

[[image]]                           # a catalogue of image versions; any other image has every version
publisher = "Canonical"
offer = "ubuntu-24_04-lts"
sku = "server"
versions = ["24.04.202610010", { name = "24.04.202601010", deprecated = "2026-12-31" }]
unknown_version = "refuse"          # or ignore
deprecated_version = "refuse"       # or show

[[image]]                           # an image of a compute gallery; a machine has `image = { id = "..." }`
id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/gallery/images/base"
versions = [
  "1.0.0",
  { name = "1.1.0", excluded = true, end_of_life = "2026-01-31" },
  { name = "1.2.0", regions = { westeurope = "Completed", northeurope = "Replicating" } },
]
"""


def example() -> str:
    """Return an inventory with every key. A key without a default is in a comment."""
    shared = keys_of(MachineDefaults)
    machine = {name: field for name, field in keys_of(MachineSpecification).items() if name not in shared}
    name = _line("name", machine.pop("name"))
    return "\n".join(
        (
            *(_line(*item) for item in keys_of(Inventory).items()),
            "",
            "# These can also be in a [[machine]]:",
            *(_line(*item) for item in shared.items()),
            "",
            "[[machine]]",
            name,
            *(_line(*item) for item in machine.items()),
            "",
            _REST,
        )
    )


def _line(name: str, field: Field[Any]) -> str:
    check, value = field.metadata["check"], field.metadata["example"]
    if value is None and field.default not in {None, MISSING}:
        value = json.dumps(field.default)
    setting = f"{name} = {value}" if value is not None else f"# {name} = ..."
    choices = ", ".join(check.options) if isinstance(check, Choice) else ""
    meaning = ": ".join(filter(None, (choices, field.metadata["meaning"])))
    return f"{setting:{_COLUMN - 1}} # {meaning}"
