"""The answers about image versions, which are found in the catalogue or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..http.messages import Response, json_response
from ..inventory.catalogue import find_entry
from ..inventory.image_versions import ImageVersion
from ..inventory.regions import region_key
from ..inventory.specification import newest_version
from . import errors
from .exact_version import version_order
from .image_documents import gallery_document, marketplace_document, version_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..inventory.inventory import Inventory
    from ..world.machine import Machine
    from .paths import GalleryVersionPath, MarketplaceVersionListPath, MarketplaceVersionPath


def marketplace_version(
    path: MarketplaceVersionPath, inventory: Inventory, machines: Sequence[Machine], now: datetime
) -> Response:
    """Answer `GET …/publishers/…/versions/{version}`. An image outside the catalogue has every version.

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
    # The catalogue does not give the OS of an image, but the machines that were created from it do.
    mine = (machine.spec for machine in machines if machine.spec.image.name.lower() == name.lower())
    os_type = next((spec.os_type for spec in mine), "Linux")
    return json_response(200, marketplace_document(path, version, os_type, now))


def marketplace_versions(
    path: MarketplaceVersionListPath,
    query: Mapping[str, str],
    inventory: Inventory,
    machines: Sequence[Machine],
    now: datetime,
) -> Response:
    """Answer `GET …/skus/{sku}/versions`, which is a plain list without pages.

    Recorded with `$top=1` and `$orderby=name desc` (Azure/azure-cli, test_vm_create_ubuntu.yaml, 2022).
    An image that is not in the catalogue has the versions of its machines, and the one that `latest` means
    for a new machine.

    Raises:
        ArmError: The simulator does not support a parameter of the query.
    """
    name = f"{path.publisher}:{path.offer}:{path.sku}"
    names = sorted(_names(name, path.publisher, inventory, machines, now), key=version_order)
    order = query.get("$orderby", "name asc").lower().split()
    if order not in (["name"], ["name", "asc"], ["name", "desc"]):
        raise errors.bad_request("The query parameter '$orderby' is not one that the simulator reads.")
    top = query.get("$top", "")
    if top and not (top.isascii() and top.isdecimal()):
        raise errors.bad_request("The query parameter '$top' must be a number.")
    names = names[::-1] if order[-1] == "desc" else names
    shown = names[: int(top)] if top else names
    return json_response(
        200, [{"location": path.location, "name": one, "id": version_id(path, one)} for one in shown]
    )


def _names(
    name: str, publisher: str, inventory: Inventory, machines: Sequence[Machine], now: datetime
) -> set[str]:
    entry = find_entry(inventory.images, name)
    if entry is not None:
        hides = entry.deprecated_version == "refuse"
        return {one.name for one in entry.versions if not (hides and one.is_deprecated(now))}
    os_type = "Windows" if publisher.lower().startswith("microsoftwindows") else "Linux"
    mine = {one.image_version for one in machines if one.spec.image.name.lower() == name.lower()}
    return mine | {newest_version(os_type)}


def gallery_version(
    path: GalleryVersionPath, inventory: Inventory, machines: Sequence[Machine], *, replication: bool
) -> Response:
    """Answer `GET …/galleries/…/versions/{version}`. An image that is not in the catalogue has every version.

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
