"""The answers about image versions: found in the catalogue, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..http.messages import Response, json_response
from ..inventory.catalogue import find_entry
from ..inventory.image_versions import ImageVersion
from ..inventory.regions import region_key
from . import errors
from .image_documents import gallery_document, marketplace_document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..inventory.inventory import Inventory
    from ..world.machine import Machine
    from .paths import GalleryVersionPath, MarketplaceVersionPath


def marketplace_version(
    path: MarketplaceVersionPath, inventory: Inventory, machines: Sequence[Machine], now: datetime
) -> Response:
    """Answer `GET …/publishers/…/versions/{version}`; an image that is not in the catalogue has every one.

    Raises:
        ArmError: There is no such version, or it is deprecated.
    """
    name = f"{path.publisher}:{path.offer}:{path.sku}"
    entry = find_entry(inventory.images, name)
    version = ImageVersion(path.version) if entry is None else entry.version(path.version)
    if version is None:
        raise errors.image_not_found()
    if entry is not None and entry.deprecated_version == "refuse" and version.is_deprecated(now):
        raise errors.image_deprecated(path.publisher, path.offer, path.sku, version.name)
    # The catalogue does not say what runs on an image; the machines that were created from it do.
    mine = (machine.spec for machine in machines if machine.spec.image.name.lower() == name.lower())
    os_type = next((spec.os_type for spec in mine), "Linux")
    return json_response(200, marketplace_document(path, version, os_type, now))


def gallery_version(
    path: GalleryVersionPath, inventory: Inventory, machines: Sequence[Machine], *, replication: bool
) -> Response:
    """Answer `GET …/galleries/…/versions/{version}`; an image that is not in the catalogue has every one.

    Raises:
        ArmError: There is no such version.
    """
    entry = find_entry(inventory.images, path.image_id)
    version = ImageVersion(path.version) if entry is None else entry.version(path.version)
    if version is None:
        name = f"{path.gallery}/images/{path.image}/versions/{path.version}"
        raise errors.resource_not_found("galleries", name, path.resource_group)
    locations = (inventory.defaults.location, *(machine.spec.location for machine in machines))
    everywhere = tuple(dict.fromkeys(map(region_key, locations)))
    document = gallery_document(path, version, everywhere, replication=replication)
    return json_response(200, document)
