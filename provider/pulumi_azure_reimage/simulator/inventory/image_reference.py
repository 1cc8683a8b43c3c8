"""What a machine was created from: an image of the marketplace, or of a compute gallery."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .arm_rules import image_part, image_version
from .values import resource_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .tables import Table

_VERSION = re.compile(r"(?P<image>.+)/versions/(?P<version>[^/]+)", re.IGNORECASE)
_CHECKS = {"version": image_version}
# The prefixes of the ids of shared images, which have their own keys (the 2024-07-01 specification of
# virtualMachines, ImageReference).
_SHARED = {"/communitygalleries/": "communityGalleryImageId", "/sharedgalleries/": "sharedGalleryImageId"}


@dataclass(frozen=True, slots=True)
class MarketplaceImage:
    """An image of the marketplace, in ARM's words."""

    publisher: str
    offer: str
    sku: str
    version: str

    @property
    def name(self) -> str:
        """Its name without its version."""
        return f"{self.publisher}:{self.offer}:{self.sku}"

    @property
    def default_version(self) -> str | None:
        """None, because `version` is what was requested at creation, not the resulting version."""
        return None

    def reference(self) -> dict[str, str]:
        """Write the `imageReference`."""
        return {"publisher": self.publisher, "offer": self.offer, "sku": self.sku, "version": self.version}

    def to_document(self) -> dict[str, str]:
        """Write the image as JSON data, which has the same keys."""
        return self.reference()


@dataclass(frozen=True, slots=True)
class GalleryImage:
    """An image of a compute gallery, by its resource id, with or without `/versions/{version}`."""

    id: str

    @property
    def name(self) -> str:
        """The resource id without a version."""
        found = _VERSION.fullmatch(self.id)
        return found["image"] if found else self.id

    @property
    def default_version(self) -> str | None:
        """The version in the id, or a default one."""
        return self.given_version or "1.0.0"

    @property
    def given_version(self) -> str | None:
        """The version in the id."""
        found = _VERSION.fullmatch(self.id)
        return found["version"] if found else None

    def reference(self) -> dict[str, str]:
        """Write the `imageReference`."""
        start = self.id.lower()
        key = next((key for prefix, key in _SHARED.items() if start.startswith(prefix)), "id")
        return {key: self.id}

    def to_document(self) -> dict[str, str]:
        """Write the image as JSON data."""
        return {"id": self.id}


Image = MarketplaceImage | GalleryImage


def read_image(table: Table, default: MarketplaceImage) -> Image:
    """Read the `image` of a machine: an `id`, or `publisher`, `offer`, `sku` and `version`.

    Raises:
        InventoryError: A key is unknown, of the wrong type, or is given together with an `id`.
    """
    if "id" in table.values:
        table.refuse_unknown_keys(GalleryImage.__annotations__)
        return GalleryImage(table.read("id", resource_id))
    table.refuse_unknown_keys((*MarketplaceImage.__annotations__, "id"))
    return replace(
        default, **{name: table.read(name, _CHECKS.get(name, image_part)) for name in table.values}
    )


def image_from_document(document: Mapping[str, str]) -> Image:
    """Read what `to_document` wrote."""
    return GalleryImage(**document) if "id" in document else MarketplaceImage(**document)
