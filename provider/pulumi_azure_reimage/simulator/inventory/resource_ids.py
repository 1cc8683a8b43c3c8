"""Resource ids of Microsoft.Compute."""

from __future__ import annotations


def resource_id(subscription_id: str, resource_group: str, resource_type: str, name: str) -> str:
    """Write a Microsoft.Compute resource id."""
    return (
        f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}"
        f"/providers/Microsoft.Compute/{resource_type}/{name}"
    )
