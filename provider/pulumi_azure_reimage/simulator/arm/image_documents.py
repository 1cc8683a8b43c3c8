"""What the GETs of image versions answer, for the marketplace and for a compute gallery.

Sources: https://learn.microsoft.com/rest/api/compute/virtual-machine-images/get, with the answer that
Microsoft Learn, "Trusted Launch FAQ", shows;
https://learn.microsoft.com/rest/api/compute/gallery-image-versions/get, with the examples of the 2024-03-03
specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..inventory.regions import display_name
from ..world.times import arm_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..inventory.image_versions import ImageVersion
    from .paths import GalleryVersionPath, MarketplaceVersionListPath, MarketplaceVersionPath

# Made up, because the inventory has no key for it.
_PUBLISHED = "2024-01-01T00:00:00+00:00"
_PROGRESS = {"Completed": 100, "Replicating": 50, "Failed": 0}


def marketplace_document(
    path: MarketplaceVersionPath, version: ImageVersion, os_type: str, now: datetime
) -> dict[str, Any]:
    """Return the body of `GET …/publishers/…/versions/{version}`."""
    return {
        "properties": {
            "hyperVGeneration": "V2",
            "architecture": "x64",
            "imageDeprecationStatus": _deprecation(version, now),
            "osDiskImage": {"operatingSystem": os_type},
            "dataDiskImages": [],
        },
        "location": path.location,
        "name": version.name,
        "id": version_id(path, version.name),
    }


def version_id(path: MarketplaceVersionPath | MarketplaceVersionListPath, version: str) -> str:
    """Return the id of a version of the marketplace, in the recorded case."""
    return (
        f"/Subscriptions/{path.subscription_id}/Providers/Microsoft.Compute/Locations/{path.location}"
        f"/Publishers/{path.publisher}/ArtifactTypes/VMImage/Offers/{path.offer}/Skus/{path.sku}"
        f"/Versions/{version}"
    )


def gallery_document(
    path: GalleryVersionPath, version: ImageVersion, everywhere: Sequence[str], *, replication: bool
) -> dict[str, Any]:
    """Return the body of `GET …/galleries/{gallery}/images/{image}/versions/{version}`.

    Args:
        path: The requested path.
        version: What the catalogue says about the version.
        everywhere: The regions of a version whose regions the catalogue does not name. The first one is the
            gallery's own.
        replication: Whether `$expand=ReplicationStatus` was requested.
    """
    given = version.regions
    regions = dict.fromkeys(everywhere, "Completed") if given is None else given
    status = {"replicationStatus": _replication(regions)} if replication else {}
    return {
        "id": f"{path.image_id}/versions/{version.name}",
        "name": version.name,
        "type": "Microsoft.Compute/galleries/images/versions",
        "location": everywhere[0],
        "tags": {},
        "properties": {
            "publishingProfile": _publishing(version, regions),
            "storageProfile": {"osDiskImage": {"hostCaching": "ReadWrite"}, "dataDiskImages": []},
            **status,
            "provisioningState": _provisioning_state(regions),
        },
    }


def _deprecation(version: ImageVersion, now: datetime) -> dict[str, str]:
    if version.deprecated is None:
        return {"imageState": "Active"}
    state = "Deprecated" if version.is_deprecated(now) else "ScheduledForDeprecation"
    return {"imageState": state, "scheduledDeprecationTime": arm_time(version.deprecated)}


def _publishing(version: ImageVersion, regions: Mapping[str, str]) -> dict[str, Any]:
    targets = [
        {
            "name": display_name(region),
            "regionalReplicaCount": 1,
            "storageAccountType": "Standard_LRS",
            # The flag of a region takes precedence over the version's, so both are the same here.
            "excludeFromLatest": version.excluded,
        }
        for region in regions
    ]
    end = {} if version.end_of_life is None else {"endOfLifeDate": arm_time(version.end_of_life)}
    return {
        "targetRegions": targets,
        "replicaCount": 1,
        "excludeFromLatest": version.excluded,
        "publishedDate": _PUBLISHED,
        **end,
        "storageAccountType": "Standard_LRS",
    }


def _replication(regions: Mapping[str, str]) -> dict[str, Any]:
    summary = [
        {"region": display_name(region), "state": state, "details": "", "progress": _PROGRESS[state]}
        for region, state in regions.items()
    ]
    return {"aggregatedState": _worst(regions, running="InProgress", well="Completed"), "summary": summary}


def _provisioning_state(regions: Mapping[str, str]) -> str:
    # Inferred: the PUT that adds a region runs as long as the replication to it.
    return _worst(regions, running="Updating", well="Succeeded")


def _worst(regions: Mapping[str, str], *, running: str, well: str) -> str:
    states = set(regions.values())
    if "Failed" in states:
        return "Failed"
    return running if "Replicating" in states else well
