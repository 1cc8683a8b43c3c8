"""The image version that a machine shows after its reimage, and the refusals of an `exactVersion`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ..inventory.catalogue import CatalogueEntry, find_entry
from ..inventory.image_reference import GalleryImage, Image, MarketplaceImage
from . import errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..inventory.specification import MachineSpecification
    from ..world.machine import Machine


def version_at_creation(
    catalogue: Sequence[CatalogueEntry], spec: MachineSpecification, now: datetime
) -> MachineSpecification:
    """Return a specification with the image version that a machine is created from.

    `latest`, or a gallery image without a version, means the newest in the catalogue.

    Raises:
        ArmError: The machine cannot have the version.
    """
    image = spec.image
    entry = find_entry(catalogue, image.name)
    wanted = image.version if isinstance(image, MarketplaceImage) else image.given_version
    if wanted is not None and wanted.lower() != "latest":
        if entry is not None:
            _check_version(entry, image, wanted, spec.location, now)
        return replace(spec, image_version=wanted)
    offered = [
        version.name
        for version in (entry.versions if entry is not None else ())
        if not version.excluded and version.is_in(spec.location) and not version.is_deprecated(now)
    ]
    return replace(spec, image_version=max(offered, key=version_order)) if offered else spec


def version_order(version: str) -> list[int]:
    """Return the sort key of a version, which is its numbers."""
    return [int(number) for number in re.findall(r"\d+", version)]


def version_after(
    catalogue: Sequence[CatalogueEntry], machine: Machine, exact_version: str | None, now: datetime
) -> str:
    """Return the image version that a machine shows after its reimage.

    An image that is not in the catalogue has every version. All refusals are inferred from those of a
    machine's creation, because the answers of a reimage were not recorded.

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
    _check_version(entry, image, exact_version, region, now)
    return exact_version


def _check_version(entry: CatalogueEntry, image: Image, name: str, region: str, now: datetime) -> None:
    version = entry.version(name)
    if isinstance(image, GalleryImage):
        # One refusal for both, because its message is about the region, even if the version exists nowhere.
        if version is None or not version.is_in(region):
            raise errors.gallery_image_not_found(f"{entry.name}/versions/{name}", region)
        return
    if version is None:
        raise errors.platform_image_not_found(f"{entry.name}:{name}")
    if version.is_deprecated(now) and entry.deprecated_version == "refuse":
        raise errors.platform_image_deprecated(f"{entry.name}:{name}")
