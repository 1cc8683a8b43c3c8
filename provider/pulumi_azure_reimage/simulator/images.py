"""The image catalogue: which versions of an image exist, and what a wrong `exactVersion` does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from .arm_errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .machine import Machine
    from .tables import Table

UNKNOWN_VERSION = ("refuse", "ignore")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One image and its versions.

    Attributes:
        unknown_version: `refuse` answers 404 to a version that is not there. `ignore` accepts it and
            changes nothing, as recorded in 2023 with "0.1" (Azure/azure-cli, test_vm_reimage.yaml).
    """

    publisher: str
    offer: str
    sku: str
    versions: tuple[str, ...]
    unknown_version: str

    @classmethod
    def read(cls, table: Table) -> Self:
        """Read an `[[image]]` table.

        Raises:
            InventoryError: A key is unknown, missing or of the wrong type.
        """
        table.refuse_unknown_keys(cls.__slots__)
        return cls(
            publisher=table.text("publisher"),
            offer=table.text("offer"),
            sku=table.text("sku"),
            versions=table.texts("versions"),
            unknown_version=table.choice("unknown_version", UNKNOWN_VERSION, "refuse"),
        )

    def holds(self, machine: Machine) -> bool:
        """Tell whether `machine` was created from this image."""
        image = machine.spec.image
        mine = (self.publisher, self.offer, self.sku)
        return [part.lower() for part in mine] == [
            part.lower() for part in (image.publisher, image.offer, image.sku)
        ]


def version_after(catalogue: Sequence[CatalogueEntry], machine: Machine, exact_version: str | None) -> str:
    """Return the image version that a machine shows after its reimage.

    An image that is not in the catalogue has every version.

    Raises:
        ArmError: The version does not exist.
    """
    if exact_version is None:
        return machine.image_version
    entry = next((entry for entry in catalogue if entry.holds(machine)), None)
    if entry is None or exact_version in entry.versions:
        return exact_version
    if entry.unknown_version == "ignore":
        return machine.image_version
    raise ArmError(
        404,
        "PlatformImageNotFound",
        f"The platform image '{entry.publisher}:{entry.offer}:{entry.sku}:{exact_version}' is not available. "
        "Verify that all fields in the storage profile are correct. For more details about storage profile "
        "information, please refer to https://aka.ms/storageprofile",
        target="imageReference",
    )
