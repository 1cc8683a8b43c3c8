"""One version of an image, and what the catalogue says about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from .arm_rules import exact_version, region
from .regions import region_key
from .tables import Table, key
from .values import Choice, boolean, moment, texts

if TYPE_CHECKING:
    from datetime import datetime

REPLICATION_STATES = Choice("Completed", "Replicating", "Failed")
MARKETPLACE_FACTS: tuple[str, ...] = ("name", "deprecated")
GALLERY_FACTS: tuple[str, ...] = ("name", "excluded", "end_of_life", "regions")


@dataclass(frozen=True, slots=True)
class ImageVersion:
    """One version.

    Attributes:
        deprecated: When it is deprecated, in the marketplace. Before that, its deprecation is scheduled.
        excluded: Whether a gallery excludes it from `latest`.
        end_of_life: Its end-of-life date in a gallery, which is only informative (Microsoft Learn, "Store and
            share images in an Azure Compute Gallery").
        regions: The state of its replication, by region; None means completed in every region with machines.
    """

    name: str = field(metadata=key("the version", exact_version))
    deprecated: datetime | None = field(default=None, metadata=key("when it is deprecated", moment))
    excluded: bool = field(default=False, metadata=key("whether `latest` leaves it out", boolean))
    end_of_life: datetime | None = field(default=None, metadata=key("its date", moment))
    regions: Mapping[str, str] | None = field(default=None, metadata=key("its replication, by region"))

    @classmethod
    def read(cls, table: Table, facts: tuple[str, ...]) -> Self:
        """Read one version: a table of some `facts`.

        Raises:
            InventoryError: A key is unknown, missing or of the wrong type.
        """
        table.refuse_unknown_keys(facts)
        return cls(**table.read_keys(cls), regions=_read_regions(table))

    def is_deprecated(self, now: datetime) -> bool:
        """Return whether it is deprecated by now."""
        return self.deprecated is not None and self.deprecated <= now

    def is_in(self, region: str) -> bool:
        """Return whether a machine in this region can use it."""
        return self.regions is None or self.regions.get(region_key(region)) == "Completed"


def read_versions(table: Table, facts: tuple[str, ...]) -> tuple[ImageVersion, ...]:
    """Read `versions`: a list of names, or of tables for versions with more properties.

    Raises:
        InventoryError: It is something else.
    """
    given = table.values.get("versions", [])
    if not isinstance(given, list) or not all(isinstance(item, str | Mapping) for item in given):
        raise table.refusal("versions", "must be a list of names, or of tables with a name")
    versions: dict[str, ImageVersion] = {}
    for number, item in enumerate(given, start=1):
        below = Table(f"{table.where}, version {number}", _facts(item))
        version = ImageVersion.read(below, facts)
        if version.name in versions:
            raise below.refusal("name", f'repeats the version "{version.name}"')
        versions[version.name] = version
    return tuple(versions.values())


def _facts(item: str | Mapping[str, object]) -> Mapping[str, object]:
    return {"name": item} if isinstance(item, str) else item


def _read_regions(table: Table) -> Mapping[str, str] | None:
    """Read a list of regions, or a table with the state of each."""
    given = table.values.get("regions")
    if given is None:
        return None
    if isinstance(given, Mapping):
        states = table.table("regions")
        found = [(name, states.read(name, REPLICATION_STATES)) for name in given]
    else:
        found = [(name, "Completed") for name in table.read("regions", texts)]
    regions: dict[str, str] = {}
    for name, state in found:
        key_of_region = _read_region(table, name)
        if key_of_region in regions:
            raise table.refusal("regions", f'repeats the region "{name}"')
        regions[key_of_region] = state
    return MappingProxyType(regions)


def _read_region(table: Table, name: str) -> str:
    try:
        return region_key(region(name))
    except ValueError as error:
        raise table.refusal("regions", f'has "{name}", which {error}') from None
