"""How late the activity log is: what was set for this world, or else what the inventory says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..inventory.inventory import Inventory
    from .records import Records

_SECONDS = "activity_log_seconds"


def lateness(records: Records, inventory: Inventory) -> timedelta:
    """Return how long after it happened an event appears."""
    seconds: float | None = records.setting(_SECONDS)
    return timedelta(seconds=inventory.activity_log_seconds if seconds is None else seconds)


def set_lateness(records: Records, seconds: float | None) -> None:
    """Set how late events appear; None goes back to the inventory."""
    records.put_setting(_SECONDS, seconds)
