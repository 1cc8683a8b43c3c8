"""The image that the OS disk of a VM is built from, and ARM's description of one of its versions.

Sources: imageReference of https://learn.microsoft.com/rest/api/compute/virtual-machines/get,
https://learn.microsoft.com/rest/api/compute/virtual-machine-images/get and
https://learn.microsoft.com/rest/api/compute/gallery-image-versions/get
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from ..json_reading import get, get_list, get_str, parse_time

if TYPE_CHECKING:
    from datetime import datetime

GALLERY_API_VERSION = "2024-03-03"

_SEGMENT = "([^/?#]+)"
_GALLERY = re.compile(
    rf"/subscriptions/{_SEGMENT}/resourceGroups/{_SEGMENT}/providers/Microsoft\.Compute"
    rf"/galleries/{_SEGMENT}/images/{_SEGMENT}(?:/versions/{_SEGMENT})?",
    re.IGNORECASE,
)
_MANAGED_IMAGE = re.compile(r"/providers/Microsoft\.Compute/images/[^/]+\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Image:
    """The image of a VM. The version is a property of the VM.

    Attributes:
        marketplace: Publisher, offer and SKU of a marketplace image.
        id: The resource id of a gallery image or of a managed image.
    """

    marketplace: tuple[str, str, str] | None = None
    id: str | None = None

    @classmethod
    def from_body(cls, reference: object) -> Self | None:
        """Read an `imageReference`; return None if there is none."""
        if not isinstance(reference, Mapping) or not reference:
            return None
        publisher, offer, sku = (get_str(reference, name) for name in ("publisher", "offer", "sku"))
        if publisher and offer and sku:
            return cls(marketplace=(publisher, offer, sku))
        return cls(id=get_str(reference, "id"))

    @property
    def has_versions(self) -> bool:
        """Whether it can have versions. A managed image is a single disk image."""
        return not (self.id and _MANAGED_IMAGE.search(self.id))

    def version_url(self, version: str, subscription_id: str, location: str, api_version: str) -> str | None:
        """Return the URL of a version, or None for a kind of image that has no such URL."""
        if self.marketplace:
            publisher, offer, sku = map(_quote, self.marketplace)
            return (
                f"/subscriptions/{_quote(subscription_id)}/providers/Microsoft.Compute/locations/"
                f"{_quote(location)}/publishers/{publisher}/artifacttypes/vmimage/offers/{offer}/skus/{sku}"
                f"/versions/{_quote(version)}?api-version={api_version}"
            )
        found = _GALLERY.fullmatch(self.id or "")
        if found is None:
            return None
        subscription, group, gallery, image, _ = found.groups()
        return (
            f"/subscriptions/{_quote(subscription)}/resourceGroups/{_quote(group)}/providers"
            f"/Microsoft.Compute/galleries/{_quote(gallery)}/images/{_quote(image)}"
            f"/versions/{_quote(version)}?$expand=ReplicationStatus&api-version={GALLERY_API_VERSION}"
        )


@dataclass(frozen=True, slots=True)
class ImageVersion:
    """A version that exists.

    Attributes:
        excluded: Whether its publisher excludes it from `latest`.
        deprecated: Whether its publisher has withdrawn it.
        ends_at: When it will be withdrawn, or reaches its end of life.
        replicated: Whether it is to be replicated to the region; None if ARM does not say.
        replication: The state of its replication to the region, such as `Replicating`, if that is not
            complete. Each region has several replicas, and one of them can already be there.
    """

    excluded: bool = False
    deprecated: bool = False
    ends_at: datetime | None = None
    replicated: bool | None = None
    replication: str | None = None

    @classmethod
    def from_body(cls, body: object, location: str) -> Self:
        """Read ARM's answer about a version in the marketplace or in a gallery, for one region."""
        status = get(body, "properties", "imageDeprecationStatus")
        if status is not None:
            return cls(
                deprecated=(get_str(status, "imageState") or "").casefold() == "deprecated",
                ends_at=parse_time(get(status, "scheduledDeprecationTime")),
            )
        profile = get(body, "properties", "publishingProfile")
        regions = _index_by_region(get_list(profile, "targetRegions"), "name")
        states = _index_by_region(get_list(body, "properties", "replicationStatus", "summary"), "region")
        here = _normalize_region(location)
        state = get_str(states.get(here), "state")
        return cls(
            excluded=True in (get(profile, "excludeFromLatest"), get(regions.get(here), "excludeFromLatest")),
            ends_at=parse_time(get(profile, "endOfLifeDate")),
            replicated=_is_meant_for(here, regions, profile),
            replication=None if state is None or state.casefold() == "completed" else state,
        )


def _is_meant_for(region: str, regions: Mapping[str, object], profile: object) -> bool | None:
    """Return whether a version is to be replicated to a region; None if that is not known."""
    if region in regions:
        return True
    # A VM in an edge zone has the region of the zone as its location.
    zones = _index_by_region(get_list(profile, "targetExtendedLocations"), "name")
    return None if region in zones or not regions else False


def _index_by_region(listed: list[object], key: str) -> dict[str, object]:
    return {_normalize_region(get_str(entry, key) or ""): entry for entry in listed}


def _normalize_region(name: str) -> str:
    """Return the canonical spelling of a region, because `West Europe` is `westeurope`.

    The examples of https://learn.microsoft.com/rest/api/compute/gallery-image-versions/get have display
    names, and those of https://learn.microsoft.com/rest/api/compute/virtual-machines/get have short names.
    """
    return "".join(name.split()).casefold()


def _quote(segment: str) -> str:
    return quote(segment, safe="()")
