"""The image version that a machine shows after its reimage, and the refusals of an `exactVersion`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..inventory.catalogue import CatalogueEntry, find_entry
from ..inventory.image_reference import GalleryImage
from . import errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..world.machine import Machine


def version_after(
    catalogue: Sequence[CatalogueEntry], machine: Machine, exact_version: str | None, now: datetime
) -> str:
    """Return the image version that a machine shows after its reimage.

    An image that is not in the catalogue has every version. All refusals are inferred: they are those of a
    machine's creation, and what a reimage answers was not recorded.

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
            raise errors.gallery_image_not_found(f"{entry.name}/versions/{exact_version}", region)
        return exact_version
    if version is None:
        raise errors.platform_image_not_found(f"{entry.name}:{exact_version}")
    if version.is_deprecated(now) and entry.deprecated_version == "refuse":
        raise errors.platform_image_deprecated(f"{entry.name}:{exact_version}")
    return exact_version
