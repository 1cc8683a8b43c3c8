"""How late the activity log is: the value that was set for this world, else the inventory's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..inventory.inventory import Inventory
    from .records import Records

_SECONDS = "activity_log_seconds"


def lateness(records: Records, inventory: Inventory) -> timedelta:
    """Return how long an event takes to appear after it happened."""
    seconds: float | None = records.setting(_SECONDS)
    return timedelta(seconds=inventory.activity_log_seconds if seconds is None else seconds)


def set_lateness(records: Records, seconds: float | None) -> None:
    """Set how late events appear; None restores the inventory's value."""
    records.put_setting(_SECONDS, seconds)
