"""Images and their versions, as ARM spells them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pulumi_azure_reimage.arm.image import Image, ImageVersion

GALLERY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/gal/images/img"
MANAGED = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/img"
MARKETPLACE = Image(marketplace=("Canonical", "ubuntu-24_04", "server"))


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param(None, None, id="none"),
        pytest.param({}, None, id="empty"),
        pytest.param(
            {"publisher": "Canonical", "offer": "ubuntu-24_04", "sku": "server", "exactVersion": "1"},
            MARKETPLACE,
            id="marketplace",
        ),
        pytest.param({"id": GALLERY, "exactVersion": "1"}, Image(id=GALLERY), id="gallery"),
        pytest.param(
            {"id": GALLERY, "publisher": "x", "sku": "y"}, Image(id=GALLERY), id="half a marketplace"
        ),
        pytest.param({"communityGalleryImageId": "/x"}, Image(), id="community gallery"),
    ],
)
def test_the_image_of_a_vm_is_read(reference: object, expected: Image | None) -> None:
    """A VM with an attached disk has no image."""
    assert Image.from_body(reference) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(
            MARKETPLACE,
            "/subscriptions/sub/providers/Microsoft.Compute/locations/westus/publishers/Canonical/artifacttypes"
            "/vmimage/offers/ubuntu-24_04/skus/server/versions/1.0?api-version=2024-07-01",
            id="marketplace",
        ),
        pytest.param(
            Image(id=GALLERY),
            f"{GALLERY}/versions/1.0?$expand=ReplicationStatus&api-version=2024-03-03",
            id="gallery",
        ),
        pytest.param(
            Image(id=f"{GALLERY}/versions/0.9"),
            f"{GALLERY}/versions/1.0?$expand=ReplicationStatus&api-version=2024-03-03",
            id="one version of a gallery",
        ),
        pytest.param(Image(id=MANAGED), None, id="managed image"),
        pytest.param(Image(id=f"{GALLERY}/versions/1/../.."), None, id="a path"),
        pytest.param(Image(), None, id="unknown"),
        pytest.param(
            Image(marketplace=("a/../b", "c?d", "e#f")),
            "/subscriptions/sub/providers/Microsoft.Compute/locations/westus/publishers/a%2F..%2Fb/artifacttypes"
            "/vmimage/offers/c%3Fd/skus/e%23f/versions/1.0?api-version=2024-07-01",
            id="names that would lead elsewhere",
        ),
    ],
)
def test_the_url_of_a_version_depends_on_the_kind_of_image(image: Image, expected: str | None) -> None:
    """It depends on the kind of image."""
    assert image.version_url("1.0", "sub", "westus", "2024-07-01") == expected


@pytest.mark.parametrize(
    ("image", "has"),
    [(MARKETPLACE, True), (Image(id=GALLERY), True), (Image(id=MANAGED), False), (Image(), True)],
)
def test_a_managed_image_has_no_versions(image: Image, *, has: bool) -> None:
    """It is a single disk image."""
    assert image.has_versions is has


def gallery(**profile: Any) -> dict[str, Any]:  # noqa: ANN401 - as ARM spells them.
    """Return a version in a gallery."""
    return {"properties": {"publishingProfile": {"targetRegions": [{"name": "West US"}], **profile}}}


def replicated(state: str) -> dict[str, Any]:
    """Return a version on its way to regions."""
    body = gallery()
    summary = [{"region": "East US", "state": "Failed"}, {"region": "West US", "state": state}]
    body["properties"]["replicationStatus"] = {"summary": summary}
    return body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(gallery(), ImageVersion(replicated=True), id="gallery"),
        pytest.param(
            gallery(targetRegions=[{"name": "eastus"}]), ImageVersion(replicated=False), id="elsewhere"
        ),
        pytest.param(gallery(targetRegions=[]), ImageVersion(), id="no target region"),
        pytest.param(
            gallery(excludeFromLatest=True), ImageVersion(replicated=True, excluded=True), id="excluded"
        ),
        pytest.param(
            gallery(targetRegions=[{"name": "westus", "excludeFromLatest": True}]),
            ImageVersion(replicated=True, excluded=True),
            id="excluded in the region",
        ),
        pytest.param(
            gallery(endOfLifeDate="2026-01-01T00:00:00Z"),
            ImageVersion(replicated=True, ends_at=datetime(2026, 1, 1, tzinfo=UTC)),
            id="end of life",
        ),
        pytest.param(replicated("Completed"), ImageVersion(replicated=True), id="replicated"),
        pytest.param(
            replicated("Replicating"), ImageVersion(replicated=True, replication="Replicating"), id="replicas"
        ),
        pytest.param(
            replicated("Failed"), ImageVersion(replicated=True, replication="Failed"), id="a failed replica"
        ),
        pytest.param(
            replicated("Unknown"), ImageVersion(replicated=True, replication="Unknown"), id="not known"
        ),
        pytest.param(
            gallery(targetRegions=[{"name": "  WEST\u00a0us "}]), ImageVersion(replicated=True), id="spelling"
        ),
        pytest.param(
            gallery(
                targetRegions=[{"name": "East US"}],
                targetExtendedLocations=[
                    {"name": "West US", "extendedLocation": {"name": "losangeles", "type": "EdgeZone"}}
                ],
            ),
            ImageVersion(),
            id="an edge zone of the region",
        ),
        pytest.param(
            {"properties": {"imageDeprecationStatus": {"imageState": "Active"}}},
            ImageVersion(),
            id="marketplace",
        ),
        pytest.param(
            {
                "properties": {
                    "imageDeprecationStatus": {
                        "imageState": "ScheduledForDeprecation",
                        "scheduledDeprecationTime": "2027-01-01T00:00:00+00:00",
                    }
                }
            },
            ImageVersion(ends_at=datetime(2027, 1, 1, tzinfo=UTC)),
            id="to be deprecated",
        ),
        pytest.param(
            {"properties": {"imageDeprecationStatus": {"imageState": "Deprecated"}}},
            ImageVersion(deprecated=True),
            id="deprecated",
        ),
        pytest.param({}, ImageVersion(), id="an answer that says nothing"),
        pytest.param("x", ImageVersion(), id="no document"),
    ],
)
def test_a_version_is_read_as_seen_from_a_region(body: object, expected: ImageVersion) -> None:
    """Azure names regions in two ways."""
    assert ImageVersion.from_body(body, "westus") == expected
