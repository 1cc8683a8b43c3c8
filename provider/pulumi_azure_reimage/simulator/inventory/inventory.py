"""The inventory: the file in which a user describes simulated machines, never written by the simulator.

```toml
operation_seconds = 3.0   # how long a reimage takes
retry_after = 1           # seconds in the Retry-After header; left out, the header is not sent

[[machine]]
name = "web"
os_disk = "Delete"        # Detach (the default, as in Azure), Delete or Ephemeral
```
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from ..arm.throttling import Throttling
from ..errors import InventoryError, ScriptError
from ..faults.language import parse_fault
from .catalogue import CatalogueEntry
from .specification import MachineDefaults, MachineSpecification
from .tables import Table

if TYPE_CHECKING:
    from pathlib import Path

WHILE_RUNNING = ("conflict", "preempt")
_KEYS = (
    "operation_seconds",
    "retry_after",
    "operation_record_seconds",
    "while_running",
    "subscription_id",
    "resource_group",
    "location",
    "actions",
    "throttling",
    "script",
    "image",
    "machine",
)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the file says.

    Attributes:
        operation_seconds: How long a reimage takes.
        retry_after: The Retry-After header of accepted and running operations, in seconds; None sends none.
        operation_record_seconds: How long the status of an operation can be read after its end.
        while_running: What a reimage during a reimage does: `conflict` is 409, `preempt` cancels the first.
        throttling: The limits on requests.
        script: The faults that happen from the start, a line each.
        images: The image catalogue.
        defaults: What a machine is when its table does not say.
    """

    path: Path
    operation_seconds: float
    retry_after: int | None
    operation_record_seconds: float
    while_running: str
    throttling: Throttling
    script: tuple[str, ...]
    images: tuple[CatalogueEntry, ...]
    defaults: MachineDefaults
    machines: tuple[MachineSpecification, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read an inventory file: JSON when its suffix is `.json`, TOML otherwise.

        Raises:
            InventoryError: The file cannot be read, or says something that is not understood.
        """
        table = Table(path.name, _load(path))
        table.refuse_unknown_keys(_KEYS)
        fallback = MachineDefaults()
        defaults = MachineDefaults(
            subscription_id=table.text("subscription_id", fallback.subscription_id),
            resource_group=table.text("resource_group", fallback.resource_group),
            location=table.text("location", fallback.location),
            actions=table.texts("actions", fallback.actions),
        )
        return cls(
            path=path,
            operation_seconds=table.seconds("operation_seconds", 3.0),
            retry_after=_retry_after(table),
            # How long Azure keeps them is not documented; a day is ours.
            operation_record_seconds=table.seconds("operation_record_seconds", 24 * 3600.0),
            while_running=table.choice("while_running", WHILE_RUNNING, "conflict"),
            throttling=Throttling.read(table.table("throttling")),
            script=_script(table),
            images=tuple(
                CatalogueEntry.read(Table(f"{table.where}, [[image]] number {number}", values))
                for number, values in enumerate(table.tables("image"), start=1)
            ),
            defaults=defaults,
            machines=_machines(table, defaults),
        )


def _load(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise InventoryError(f"{path}: the inventory cannot be read: {error.strerror}") from error
    except ValueError as error:  # Both parsers' errors and bad UTF-8 are ValueErrors.
        raise InventoryError(f"{path}: the inventory cannot be parsed: {error}") from error
    if not isinstance(document, Mapping):
        raise InventoryError(f"{path}: the inventory must be an object with a list named machine")
    return document


def _retry_after(table: Table) -> int | None:
    seconds = table.optional_seconds("retry_after")
    if seconds is not None and seconds != int(seconds):
        raise table.refusal("retry_after", "must be a whole number of seconds, as in the Retry-After header")
    return None if seconds is None else int(seconds)


def _script(table: Table) -> tuple[str, ...]:
    lines = table.texts("script")
    for line in lines:
        try:
            parse_fault(line)
        except ScriptError as error:
            raise InventoryError(f"{table.where}: {error}") from error
    return lines


def _machines(table: Table, defaults: MachineDefaults) -> tuple[MachineSpecification, ...]:
    machines: dict[tuple[str, str, str], MachineSpecification] = {}
    for number, values in enumerate(table.tables("machine"), start=1):
        where = f'{table.where}, [[machine]] number {number} ("{values.get("name", "unnamed")}")'
        machine = MachineSpecification.read(Table(where, values), defaults)
        key = (machine.subscription_id.lower(), machine.resource_group.lower(), machine.name.lower())
        if key in machines:
            raise InventoryError(f"{where}: this resource group already has a machine of that name")
        machines[key] = machine
    return tuple(machines.values())
