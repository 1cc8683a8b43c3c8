"""API versions: which texts are valid, which versions are listed, and as which version a request is answered.

Rule 1: what is not a version is refused in ARM's words, on every path and for every inventory.
Rule 2: any other version is accepted and answered as the newest listed one that is not newer, or as the
oldest listed one. Only an inventory with `api_versions = "listed"` refuses it, as Azure refuses a version
that a resource type does not have. Azure's versions change every month, and each SDK sends its own.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from .errors import api_version_invalid, api_version_missing, api_version_unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..inventory.inventory import Inventory

MACHINE = ("2024-07-01",)
# Disks are versioned apart from machines (specification/compute, DiskRP).
DISK = ("2023-10-02", "2024-03-02", "2025-01-02")
# And so are galleries (GalleryRP).
GALLERY = ("2023-07-03", "2024-03-03")
GROUP = ("2021-04-01", "2022-09-01", "2024-03-01", "2025-04-01")
DEPLOYMENT = ("2021-04-01", "2022-09-01", "2024-03-01", "2025-04-01")
SUBSCRIPTION = ("2016-06-01", "2022-12-01")
NETWORK = ("2023-09-01", "2024-05-01", "2025-01-01")
_FORM = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(-preview)?", re.IGNORECASE)


def check_form(version: str | None) -> None:
    """Check that a version is given and valid: a date, or a date and `-preview`.

    Raises:
        ArmError: It is missing or malformed.
    """
    if not version:
        raise api_version_missing()
    if not _is_well_formed(version):
        raise api_version_invalid(version)


def check_listed(version: str, listed: Sequence[str], resource_type: str, inventory: Inventory) -> str | None:
    """Check a well-formed version against those that are listed for a resource type.

    Returns:
        What the request log notes about a version that is not listed.

    Raises:
        ArmError: It is not listed, and the inventory accepts only listed ones.
    """
    if version.lower() in listed:
        return None
    if inventory.api_versions == "listed":
        raise api_version_unsupported(version, ", ".join(listed), resource_type, inventory.defaults.location)
    return f"answered as api-version {_nearest(version, listed)}"


def _is_well_formed(version: str) -> bool:
    found = _FORM.fullmatch(version)
    try:
        return found is not None and bool(date.fromisoformat(found[1]))
    except ValueError:  # There is no such day.
        return False


def _nearest(version: str, listed: Sequence[str]) -> str:
    """Return the newest listed version that is not newer than `version`, or the oldest."""
    return max((one for one in listed if one <= version), default=min(listed))
