"""The names of Azure's regions: galleries show "West Europe" where machines show "westeurope"."""

from __future__ import annotations

# https://learn.microsoft.com/azure/reliability/regions-list; any other region is shown under the name that it
# was given.
_DISPLAY_NAMES = """
Australia Central, Australia East, Australia Southeast, Austria East, Belgium Central, Brazil South,
Canada Central, Canada East, Central India, Central US, Chile Central, East Asia, East US, East US 2,
France Central, Germany West Central, Indonesia Central, Israel Central, Italy North, Japan East, Japan
West, Korea Central, Korea South, Malaysia West, Mexico Central, New Zealand North, North Central US,
North Europe, Norway East, Poland Central, Qatar Central, South Africa North, South Central US, South
India, Southeast Asia, Spain Central, Sweden Central, Switzerland North, UAE North, UK South, UK West,
West Central US, West Europe, West India, West US, West US 2, West US 3
"""


def region_key(name: str) -> str:
    """Return the name of a region as in a machine's `location`, from either form."""
    return "".join(name.split()).lower()


_NAMES = {region_key(name): name for name in " ".join(_DISPLAY_NAMES.split()).split(", ")}


def display_name(name: str) -> str:
    """Return the name of a region as galleries show it."""
    return _NAMES.get(region_key(name), name)
