"""The inventory: the file in which a user describes simulated machines, which the simulator never writes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from ..errors import InventoryError, ScriptError
from ..faults.language import parse_fault
from .catalogue import CatalogueEntry
from .inventory_file import Stamp, parse_text, read_text, stamp_of
from .limits import Throttling
from .specification import MachineDefaults, MachineSpecification
from .tables import Table, key, keys_of
from .values import Choice, retry_after, seconds, texts, whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SHOWN_CHARACTERS = 100
_TABLES = ("throttling", "image", "machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The content of the file. Each key at its top is a field here or of `MachineDefaults`.

    Attributes:
        digest: Changes when the file does; None if there is no file, or if it is empty.
        stamp: When it was read; None if there is no file.
        throttling: The limits on requests.
        images: The image catalogue.
        defaults: The settings of a machine whose table does not give them.
    """

    path: Path
    digest: str | None = None
    stamp: Stamp | None = None
    operation_seconds: float = field(default=3.0, metadata=key("how long a reimage takes", seconds))
    # ARM's shortest value. The specification of 2025-04-01 declares the header. The recording of 2019 has
    # none, and what Azure sends today is not recorded (the recorder of Azure/azure-cli drops the header).
    retry_after: int | None = field(
        default=1,
        metadata=key("seconds in the Retry-After header, or false, which sends none", retry_after),
    )
    # How long Azure keeps them is not documented. A day is our choice.
    operation_record_seconds: float = field(
        default=24 * 3600.0,
        metadata=key("how long the status of an operation can be read after its end", seconds),
    )
    activity_log_seconds: float = field(
        default=300.0,
        metadata=key("how late events appear in the activity log (in Azure, 3 to 20 minutes)", seconds),
    )
    while_running: str = field(
        default="conflict",
        metadata=key("a second reimage gets 409, or cancels the first", Choice("conflict", "preempt")),
    )
    api_versions: str = field(
        default="any",
        metadata=key(
            "every API version is answered, or 400 refuses one that is not listed", Choice("any", "listed")
        ),
    )
    seed: int | None = field(
        default=None,
        metadata=key("a number that repeats the names of disks, vmIds and operation ids in each run", whole),
    )
    script: tuple[str, ...] = field(
        default=(),
        metadata=key("faults; the command `script --help` lists them", texts, example='["poll 3 web: 500"]'),
    )
    throttling: Throttling
    images: tuple[CatalogueEntry, ...]
    defaults: MachineDefaults
    machines: tuple[MachineSpecification, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read an inventory file: JSON when its suffix is `.json`, TOML otherwise.

        Raises:
            InventoryError: The file cannot be read, or says something that is not understood.
        """
        stamp = stamp_of(path)  # Before the text, so that an edit in between is noticed.
        text = read_text(path)
        return replace(cls.of(path, parse_text(path, text), text), stamp=stamp)

    @classmethod
    def of(cls, path: Path, values: Mapping[str, Any], text: str = "") -> Self:
        """Read the content of an inventory, which was written as `text`. Its refusals name `path`.

        Raises:
            InventoryError: It says something that is not understood.
        """
        table = Table(path.name, values)
        table.refuse_unknown_keys((*keys_of(cls), *keys_of(MachineDefaults), *_TABLES))
        defaults = MachineDefaults(**table.read_keys(MachineDefaults))
        settings = table.read_keys(cls)
        _check_script(table, settings.get("script", ()))
        return cls(
            path=path,
            digest=hashlib.sha256(text.encode()).hexdigest() if text.strip() else None,
            **settings,
            throttling=Throttling.read(table.table("throttling")),
            images=_read_images(table),
            defaults=defaults,
            machines=_read_machines(table, defaults),
        )


def _check_script(table: Table, lines: tuple[str, ...]) -> None:
    for line in lines:
        try:
            parse_fault(line)
        except ScriptError as error:
            raise InventoryError(f"{table.where}: {error}") from error


def _read_images(table: Table) -> tuple[CatalogueEntry, ...]:
    images: dict[str, CatalogueEntry] = {}
    for number, values in enumerate(table.tables("image"), start=1):
        where = f"{table.where}, [[image]] number {number}"
        image = CatalogueEntry.read(Table(where, values))
        if image.name.lower() in images:
            raise InventoryError(f'{where}: the catalogue already has "{image.name}"')
        images[image.name.lower()] = image
    return tuple(images.values())


def _shown_name(values: Mapping[str, object]) -> str:
    """Return the name by which a refusal identifies a machine, if it has one that fits into a line."""
    name = values.get("name")
    is_fit = isinstance(name, str) and name.isprintable() and len(name) <= _SHOWN_CHARACTERS
    return str(name) if name and is_fit else "unnamed"


def _read_machines(table: Table, defaults: MachineDefaults) -> tuple[MachineSpecification, ...]:
    machines: dict[str, MachineSpecification] = {}
    for number, values in enumerate(table.tables("machine"), start=1):
        where = f'{table.where}, [[machine]] number {number} ("{_shown_name(values)}")'
        machine = MachineSpecification.read(Table(where, values), defaults)
        if machine.key in machines:
            raise InventoryError(f"{where}: this resource group already has a machine of that name")
        machines[machine.key] = machine
    return tuple(machines.values())
