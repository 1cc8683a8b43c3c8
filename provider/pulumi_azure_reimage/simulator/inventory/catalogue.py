"""The image catalogue: which versions of an image exist, and what a wrong `exactVersion` does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ..arm import errors as arm_errors
from .image_reference import GalleryImage
from .image_versions import GALLERY_FACTS, MARKETPLACE_FACTS, ImageVersion, read_versions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..world.machine import Machine
    from .tables import Table

UNKNOWN_VERSION = ("refuse", "ignore")
DEPRECATED_VERSION = ("refuse", "show")
_GALLERY_KEYS = ("id", "versions", "unknown_version")
_MARKETPLACE_KEYS = ("publisher", "offer", "sku", "versions", "unknown_version", "deprecated_version")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One image and its versions.

    Attributes:
        name: `publisher:offer:sku`, or the resource id of an image of a gallery.
        unknown_version: `refuse` answers 404 to a version that is not there. `ignore` accepts it and
            changes nothing, as recorded in 2023 with "0.1" (Azure/azure-cli, test_vm_reimage.yaml).
        deprecated_version: `refuse` answers an error to whoever reads a deprecated version or wants it, as
            Microsoft Learn shows ("Deprecated images FAQ"). `show` answers the image with the state
            `Deprecated`, which the REST reference lists, and lets a machine have it.
    """

    name: str
    versions: tuple[ImageVersion, ...]
    unknown_version: str = "refuse"
    deprecated_version: str = "refuse"

    @classmethod
    def read(cls, table: Table) -> Self:
        """Read an `[[image]]` table.

        Raises:
            InventoryError: A key is unknown, missing or of the wrong type.
        """
        if "id" in table.values:
            table.refuse_unknown_keys(_GALLERY_KEYS)
            name, facts = GalleryImage(table.resource_id("id")).name, GALLERY_FACTS
        else:
            table.refuse_unknown_keys(("id", *_MARKETPLACE_KEYS))
            name = ":".join(table.text(key) for key in ("publisher", "offer", "sku"))
            facts = MARKETPLACE_FACTS
        return cls(
            name=name,
            versions=read_versions(table, facts),
            unknown_version=table.choice("unknown_version", UNKNOWN_VERSION, "refuse"),
            deprecated_version=table.choice("deprecated_version", DEPRECATED_VERSION, "refuse"),
        )

    def version(self, name: str) -> ImageVersion | None:
        """Find a version."""
        return next((version for version in self.versions if version.name == name), None)


def find_entry(catalogue: Sequence[CatalogueEntry], name: str) -> CatalogueEntry | None:
    """Find an image by its name, whatever its letter case."""
    return next((entry for entry in catalogue if entry.name.lower() == name.lower()), None)


def version_after(
    catalogue: Sequence[CatalogueEntry], machine: Machine, exact_version: str | None, now: datetime
) -> str:
    """Return the image version that a machine shows after its reimage.

    An image that is not in the catalogue has every version. All refusals are inferred: they are those of a
    machine's creation, and nobody recorded what a reimage answers.

    Raises:
        ArmError: The machine cannot have the version.
    """
    if exact_version is None:
        return machine.image_version
    image, region = machine.spec.image, machine.spec.location
    entry = find_entry(catalogue, image.name)
    if entry is None:
        return exact_version
    version = entry.version(exact_version)
    if version is None and entry.unknown_version == "ignore":
        return machine.image_version
    if isinstance(image, GalleryImage):
        # One refusal for both: it speaks of the region, whether the version is elsewhere or nowhere.
        if version is None or not version.is_in(region):
            raise arm_errors.gallery_image_not_found(f"{entry.name}/versions/{exact_version}", region)
        return exact_version
    if version is None:
        raise arm_errors.platform_image_not_found(f"{entry.name}:{exact_version}")
    if version.is_deprecated(now) and entry.deprecated_version == "refuse":
        raise arm_errors.platform_image_deprecated(f"{entry.name}:{exact_version}")
    return exact_version
