"""The image catalogue: which versions of an image exist, and what a wrong `exactVersion` does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from .arm_rules import image_part
from .image_reference import GalleryImage
from .image_versions import GALLERY_FACTS, MARKETPLACE_FACTS, ImageVersion, read_versions
from .tables import key
from .values import Choice, resource_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .tables import Table

_GALLERY_KEYS = ("id", "versions", "unknown_version")
_MARKETPLACE_KEYS = ("publisher", "offer", "sku", "versions", "unknown_version", "deprecated_version")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One image and its versions.

    Attributes:
        name: `publisher:offer:sku`, or the resource id of an image of a gallery.
        unknown_version: `refuse` answers 404 for a version that does not exist. `ignore` accepts it and
            changes nothing, as recorded in 2023 with "0.1" (Azure/azure-cli, test_vm_reimage.yaml).
        deprecated_version: `refuse` answers with an error if a client reads or requests a deprecated version,
            as Microsoft Learn shows ("Deprecated images FAQ"). `show` returns the image with the state
            `Deprecated`, which the REST reference lists, and allows a machine to use it.
    """

    name: str
    versions: tuple[ImageVersion, ...]
    unknown_version: str = field(default="refuse", metadata=key("", Choice("refuse", "ignore")))
    deprecated_version: str = field(default="refuse", metadata=key("", Choice("refuse", "show")))

    @classmethod
    def read(cls, table: Table) -> Self:
        """Read an `[[image]]` table.

        Raises:
            InventoryError: A key is unknown, missing or of the wrong type.
        """
        if "id" in table.values:
            table.refuse_unknown_keys(_GALLERY_KEYS)
            name, facts = GalleryImage(table.read("id", resource_id)).name, GALLERY_FACTS
        else:
            table.refuse_unknown_keys(("id", *_MARKETPLACE_KEYS))
            name = ":".join(table.read(part, image_part) for part in ("publisher", "offer", "sku"))
            facts = MARKETPLACE_FACTS
        return cls(name=name, versions=read_versions(table, facts), **table.read_keys(cls))

    def version(self, name: str) -> ImageVersion | None:
        """Find a version."""
        return next((version for version in self.versions if version.name == name), None)


def find_entry(catalogue: Sequence[CatalogueEntry], name: str) -> CatalogueEntry | None:
    """Find an image by its name, ignoring case."""
    return next((entry for entry in catalogue if entry.name.lower() == name.lower()), None)
