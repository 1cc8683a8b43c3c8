"""Image versions: what can be read of them, and which of them a machine can have."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ..client import API_VERSION, World, code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pulumi_azure_reimage.simulator import Response

    from ..client import FakeNow

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
IMAGE_ID = "/subscriptions/other/resourceGroups/images/providers/Microsoft.Compute/galleries/g/images/i"
MACHINES = f"""
[[machine]]
name = "market"
os_type = "Windows"
image = {{ publisher = "P", offer = "o", sku = "s" }}
image_version = "1.0.0"

[[machine]]
name = "gallery"
image = {{ id = "{IMAGE_ID}" }}
"""
# The clock of the tests starts in August 2024.
MARKETPLACE = """
[[image]]
publisher = "p"
offer = "o"
sku = "s"
versions = [
  "1.0.0",
  { name = "1.1.0", deprecated = "2024-09-30T12:00:00+02:00" },
  { name = "1.2.0", deprecated = 2024-08-01 },
]
"""
GALLERY = f"""
[[image]]
id = "{IMAGE_ID.upper()}"
versions = [
  "1.0.0",
  {{ name = "1.1.0", excluded = true }},
  {{ name = "1.2.0", end_of_life = 2024-01-31T00:00:00Z }},
  {{ name = "1.3.0", regions = ["North Europe", "somewhere"] }},
  {{ name = "1.4.0", regions = {{ westeurope = "Replicating", northeurope = "Completed" }} }},
  {{ name = "1.5.0", regions = {{ "West Europe" = "Failed", eastus = "Replicating" }} }},
]
"""


@contextmanager
def opened(folder: Path, now: FakeNow, inventory: str) -> Iterator[World]:
    """Open a world with the two machines."""
    (folder / "machines.toml").write_text(inventory + MACHINES)
    with World.open(folder / "machines.toml", now) as world:
        yield world


@pytest.fixture
def catalogued(tmp_path: Path, now: FakeNow) -> Iterator[World]:
    """Return a world whose catalogue has both images."""
    with opened(tmp_path, now, MARKETPLACE + GALLERY) as world:
        yield world


def in_marketplace(world: World, version: str, subscription: str = SUBSCRIPTION) -> Response:
    """Read a version of the marketplace."""
    publishers = f"{subscription}/providers/Microsoft.Compute/locations/westeurope/publishers"
    image = f"{publishers}/P/artifacttypes/vmimage/offers/o/skus/s"
    return world.get(f"{image}/versions/{version}?{API_VERSION}")


def in_gallery(
    world: World, version: str, query: str = "$expand=ReplicationStatus&api-version=2024-03-03"
) -> Response:
    """Read a version of the gallery."""
    return world.get(f"{IMAGE_ID}/versions/{version}?{query}")


# In the marketplace


def test_a_version_of_the_marketplace_can_be_read(catalogued: World) -> None:
    """Its operating system is that of the machines that were created from it."""
    answer = in_marketplace(catalogued, "1.0.0")

    assert answer.status == 200
    assert answer.json() == {
        "id": (
            "/Subscriptions/00000000-0000-0000-0000-000000000000/Providers/Microsoft.Compute"
            "/Locations/westeurope"
            "/Publishers/P/ArtifactTypes/VMImage/Offers/o/Skus/s/Versions/1.0.0"
        ),
        "name": "1.0.0",
        "location": "westeurope",
        "properties": {
            "hyperVGeneration": "V2",
            "architecture": "x64",
            "osDiskImage": {"operatingSystem": "Windows"},
            "dataDiskImages": [],
            "imageDeprecationStatus": {"imageState": "Active"},
        },
    }


def test_a_version_that_is_scheduled_for_deprecation_says_when(catalogued: World) -> None:
    """Until then, machines can have it."""
    status = in_marketplace(catalogued, "1.1.0").json()["properties"]["imageDeprecationStatus"]

    assert status == {
        "imageState": "ScheduledForDeprecation",
        "scheduledDeprecationTime": "2024-09-30T10:00:00+00:00",
    }
    assert catalogued.reimage("market", {"exactVersion": "1.1.0"}).status == 202


def test_a_deprecated_version_is_refused(catalogued: World) -> None:
    """Reading it and requesting it are both refused, each with its own text."""
    read = in_marketplace(catalogued, "1.2.0")
    wanted = catalogued.reimage("market", {"exactVersion": "1.2.0"})

    assert (read.status, read.json()["error"]) == (
        404,
        {
            "code": "ImageVersionDeprecated",
            "message": "VM Image from publisher: P with - Offer: o, Sku: s, Version: 1.2.0 is deprecated.",
        },
    )
    assert (wanted.status, wanted.json()["error"]) == (
        404,
        {
            "code": "ImageVersionDeprecated",
            "message": "The platform image 'p:o:s:1.2.0' is deprecated.",
            "target": "imageReference",
        },
    )


def test_a_catalogue_may_show_deprecated_versions_instead(tmp_path: Path, now: FakeNow) -> None:
    """The REST reference has a state for such versions."""
    with opened(tmp_path, now, f'{MARKETPLACE}deprecated_version = "show"') as world:
        status = in_marketplace(world, "1.2.0").json()["properties"]["imageDeprecationStatus"]

        assert status == {
            "imageState": "Deprecated",
            "scheduledDeprecationTime": "2024-08-01T00:00:00+00:00",
        }
        assert world.reimage("market", {"exactVersion": "1.2.0"}).status == 202


def test_a_version_that_the_marketplace_does_not_have_is_not_found(catalogued: World) -> None:
    """Neither is anything in a subscription that does not exist."""
    version = in_marketplace(catalogued, "9.9.9")
    subscription = in_marketplace(catalogued, "1.0.0", "/subscriptions/none")

    assert (version.status, version.json()["error"]) == (
        404,
        {"code": "NotFound", "message": "Artifact: VMImage was not found."},
    )
    assert (subscription.status, code(subscription)) == (404, "SubscriptionNotFound")


# In a gallery


def test_a_version_of_a_gallery_can_be_read(catalogued: World) -> None:
    """Without its own regions, it is in all regions of machines. Regions have their display names."""
    catalogued.simulator.add("far", location="eastus2")
    answer = in_gallery(catalogued, "1.0.0")

    regions = ("West Europe", "East US 2")
    assert answer.status == 200
    assert answer.json() == {
        "id": f"{IMAGE_ID}/versions/1.0.0",
        "name": "1.0.0",
        "type": "Microsoft.Compute/galleries/images/versions",
        "location": "westeurope",
        "tags": {},
        "properties": {
            "publishingProfile": {
                "targetRegions": [
                    {
                        "name": region,
                        "regionalReplicaCount": 1,
                        "storageAccountType": "Standard_LRS",
                        "excludeFromLatest": False,
                    }
                    for region in regions
                ],
                "replicaCount": 1,
                "excludeFromLatest": False,
                "publishedDate": "2024-01-01T00:00:00+00:00",
                "storageAccountType": "Standard_LRS",
            },
            "storageProfile": {"osDiskImage": {"hostCaching": "ReadWrite"}, "dataDiskImages": []},
            "replicationStatus": {
                "aggregatedState": "Completed",
                "summary": [
                    {"region": region, "state": "Completed", "details": "", "progress": 100}
                    for region in regions
                ],
            },
            "provisioningState": "Succeeded",
        },
    }


def test_the_replication_is_shown_on_request(catalogued: World) -> None:
    """Without such a request, it is not shown, even with an older API version."""
    answer = in_gallery(catalogued, "1.0.0", "api-version=2023-07-03")

    assert answer.status == 200
    assert "replicationStatus" not in answer.json()["properties"]


@pytest.mark.parametrize(
    ("version", "key", "value"),
    [
        ("1.0.0", "endOfLifeDate", None),
        ("1.1.0", "excludeFromLatest", True),
        ("1.2.0", "excludeFromLatest", False),
        ("1.2.0", "endOfLifeDate", "2024-01-31T00:00:00+00:00"),
    ],
)
def test_a_gallery_says_what_its_owner_thinks_of_a_version(
    catalogued: World, version: str, key: str, value: object
) -> None:
    """None of it prevents a machine from having the version."""
    profile = in_gallery(catalogued, version).json()["properties"]["publishingProfile"]

    assert profile.get(key) == value
    assert {region["excludeFromLatest"] for region in profile["targetRegions"]} == {
        profile["excludeFromLatest"]
    }
    assert catalogued.reimage("gallery", {"exactVersion": version}).status == 202


@pytest.mark.parametrize(
    ("version", "summary", "aggregated", "provisioning"),
    [
        ("1.3.0", {"North Europe": "Completed", "somewhere": "Completed"}, "Completed", "Succeeded"),
        ("1.4.0", {"West Europe": "Replicating", "North Europe": "Completed"}, "InProgress", "Updating"),
        ("1.5.0", {"West Europe": "Failed", "East US": "Replicating"}, "Failed", "Failed"),
        ("9.9.9", None, None, None),
    ],
)
def test_a_version_that_is_not_in_the_region_is_refused(
    catalogued: World, version: str, summary: dict[str, str] | None, aggregated: str, provisioning: str
) -> None:
    """It is not replicated, still replicating, failed to replicate, or missing. The refusal is the same."""
    read = in_gallery(catalogued, version)
    refused = catalogued.reimage("gallery", {"exactVersion": version})

    if summary is None:
        assert (read.status, code(read)) == (404, "ResourceNotFound")
        assert (
            f"'Microsoft.Compute/galleries/g/images/i/versions/{version}' under resource group 'images'"
            in read.json()["error"]["message"]
        )
    else:
        properties = read.json()["properties"]
        status = properties["replicationStatus"]
        assert {region["region"]: region["state"] for region in status["summary"]} == summary
        assert [region["name"] for region in properties["publishingProfile"]["targetRegions"]] == list(
            summary
        )
        assert (status["aggregatedState"], properties["provisioningState"]) == (aggregated, provisioning)
    assert (refused.status, refused.json()["error"]) == (
        404,
        {
            "code": "GalleryImageNotFound",
            "message": (
                f'"The gallery image {IMAGE_ID.upper()}/versions/{version} is not available in westeurope '
                "region. Please contact image owner to replicate to this region, or change your requested "
                'region."'
            ),
            "target": "imageReference",
        },
    )
    assert catalogued.reimage("gallery").status == 202


def test_a_gallery_may_ignore_an_unknown_version_too(tmp_path: Path, now: FakeNow) -> None:
    """Accepted, and the version stays."""
    with opened(tmp_path, now, f'{GALLERY}unknown_version = "ignore"') as world:
        world.reimage_to_the_end("gallery", {"exactVersion": "9.9.9"})

        assert world.simulator.machine("gallery").image_version == "1.0.0"


# In either


@pytest.mark.parametrize("read", [in_marketplace, in_gallery])
def test_an_image_that_is_not_in_the_catalogue_has_every_version(
    tmp_path: Path, now: FakeNow, read: Callable[[World, str], Response]
) -> None:
    """A reimage accepts every version, too."""
    with opened(tmp_path, now, "") as world:
        assert read(world, "9.9.9").json()["name"] == "9.9.9"
        assert world.reimage("gallery", {"exactVersion": "9.9.9"}).status == 202


@pytest.mark.parametrize(
    ("read", "action"),
    [
        (in_marketplace, "Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read"),
        (in_gallery, "Microsoft.Compute/galleries/images/versions/read"),
    ],
)
def test_a_version_is_read_by_those_who_may(
    tmp_path: Path, now: FakeNow, read: Callable[[World, str], Response], action: str
) -> None:
    """The actions at the top of the inventory decide. Others do not learn what exists."""
    with opened(tmp_path, now, 'actions = ["Microsoft.Compute/virtualMachines/*"]\n' + GALLERY) as world:
        refused = read(world, "9.9.9")
    with opened(tmp_path, now, f'actions = ["{action}"]\n') as world:
        allowed = read(world, "9.9.9")

    assert (refused.status, code(refused)) == (403, "AuthorizationFailed")
    assert f"perform action '{action}'" in refused.json()["error"]["message"]
    assert allowed.status == 200


def test_versions_have_api_versions_and_a_method_of_their_own(catalogued: World) -> None:
    """Galleries have API versions of their own."""
    assert in_gallery(catalogued, "1.0.0", API_VERSION).status == 200
    assert catalogued.simulator.requests()[-1].note == "answered as api-version 2024-03-03"
    assert code(catalogued.send("PUT", f"{IMAGE_ID}/versions/1.0.0?api-version=2024-03-03")) == (
        "MethodNotAllowed"
    )


# On a machine


@pytest.mark.parametrize(
    ("image_id", "key", "version"),
    [
        (IMAGE_ID, "id", "1.0.0"),
        (f"{IMAGE_ID}/versions/1.2.0", "id", "1.2.0"),
        ("/CommunityGalleries/c/Images/i/Versions/2.0.0", "communityGalleryImageId", "2.0.0"),
        ("/SharedGalleries/s/Images/i", "sharedGalleryImageId", "1.0.0"),
    ],
)
def test_a_machine_names_the_gallery_that_its_image_is_in(
    catalogued: World, image_id: str, key: str, version: str
) -> None:
    """It is under Azure's key for it, with the version that the machine was created from."""
    catalogued.simulator.change("market", image={"id": image_id})
    reference = catalogued.vm("market")["properties"]["storageProfile"]["imageReference"]

    assert reference == {key: image_id, "exactVersion": version}


def test_a_machine_that_is_pinned_to_a_version_is_of_the_same_image(catalogued: World) -> None:
    """The catalogue applies to both."""
    catalogued.simulator.change("market", image={"id": f"{IMAGE_ID}/versions/1.2.0"})

    assert code(catalogued.reimage("market", {"exactVersion": "1.3.0"})) == "GalleryImageNotFound"


def test_a_changed_image_brings_its_version(catalogued: World) -> None:
    """This is so unless a version is given."""
    catalogued.simulator.change("market", image={"id": IMAGE_ID}, image_version="3.0.0")
    given = catalogued.simulator.machine("market").image_version
    catalogued.simulator.change("market", image={"publisher": "q", "offer": "o", "sku": "s"})

    assert given == "3.0.0"
    assert catalogued.simulator.machine("market").image_version == "20348.4294.261002"
