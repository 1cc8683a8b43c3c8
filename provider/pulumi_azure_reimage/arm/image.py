"""Images: what the OS disk of a VM is built from, and what ARM says of one version of it.

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
    """The image of a VM; its version is a fact of the VM.

    Attributes:
        marketplace: Publisher, offer and SKU of a marketplace image.
        id: The resource id of an image of one's own: in a gallery, or a managed image.
    """

    marketplace: tuple[str, str, str] | None = None
    id: str | None = None

    @classmethod
    def from_body(cls, reference: object) -> Self | None:
        """Read an `imageReference`; None if there is none."""
        if not isinstance(reference, Mapping) or not reference:
            return None
        publisher, offer, sku = (get_str(reference, name) for name in ("publisher", "offer", "sku"))
        if publisher and offer and sku:
            return cls(marketplace=(publisher, offer, sku))
        return cls(id=get_str(reference, "id"))

    @property
    def has_versions(self) -> bool:
        """Tell whether it can have versions: a managed image is one disk image."""
        return not (self.id and _MANAGED_IMAGE.search(self.id))

    def version_url(self, version: str, subscription_id: str, location: str, api_version: str) -> str | None:
        """Return where ARM tells of a version; None for a kind of image of which it does not tell by it."""
        if self.marketplace:
            publisher, offer, sku = map(_quoted, self.marketplace)
            return (
                f"/subscriptions/{_quoted(subscription_id)}/providers/Microsoft.Compute/locations/"
                f"{_quoted(location)}/publishers/{publisher}/artifacttypes/vmimage/offers/{offer}/skus/{sku}"
                f"/versions/{_quoted(version)}?api-version={api_version}"
            )
        found = _GALLERY.fullmatch(self.id or "")
        if found is None:
            return None
        subscription, group, gallery, image, _ = found.groups()
        return (
            f"/subscriptions/{_quoted(subscription)}/resourceGroups/{_quoted(group)}/providers"
            f"/Microsoft.Compute/galleries/{_quoted(gallery)}/images/{_quoted(image)}"
            f"/versions/{_quoted(version)}?$expand=ReplicationStatus&api-version={GALLERY_API_VERSION}"
        )


@dataclass(frozen=True, slots=True)
class ImageVersion:
    """A version that exists.

    Attributes:
        excluded: Its publisher keeps it from being `latest`.
        deprecated: Its publisher has withdrawn it.
        ends_at: When it is withdrawn, or its life ends.
        replicated: Whether it is in the region; None if nobody says.
        replicating: It is on its way into the region.
    """

    excluded: bool = False
    deprecated: bool = False
    ends_at: datetime | None = None
    replicated: bool | None = None
    replicating: bool = False

    @classmethod
    def from_body(cls, body: object, location: str) -> Self:
        """Read ARM's answer, of the marketplace or of a gallery, as seen from a region."""
        status = get(body, "properties", "imageDeprecationStatus")
        if status is not None:
            return cls(
                deprecated=(get_str(status, "imageState") or "").casefold() == "deprecated",
                ends_at=parse_time(get(status, "scheduledDeprecationTime")),
            )
        profile = get(body, "properties", "publishingProfile")
        regions = _by_region(get_list(profile, "targetRegions"), "name")
        states = _by_region(get_list(body, "properties", "replicationStatus", "summary"), "region")
        here = _region(location)
        state = (get_str(states.get(here), "state") or "Completed").casefold()
        return cls(
            excluded=True in (get(profile, "excludeFromLatest"), get(regions.get(here), "excludeFromLatest")),
            ends_at=parse_time(get(profile, "endOfLifeDate")),
            replicated=here in regions and state != "failed" if regions else None,
            replicating=state not in ("completed", "failed"),
        )


def _by_region(listed: list[object], key: str) -> dict[str, object]:
    return {_region(get_str(entry, key) or ""): entry for entry in listed}


def _region(name: str) -> str:
    """Return one spelling of a region: `West Europe` is `westeurope`."""
    return name.replace(" ", "").casefold()


def _quoted(segment: str) -> str:
    return quote(segment, safe="()")
