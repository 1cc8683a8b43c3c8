"""The GUIDs of machines, disks and operations, which are random or repeat with a seed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from .records import Records

SEED = "seed"


def new_guid(records: Records, purpose: str) -> UUID:
    """Return a GUID that was not used before.

    With a seed, it depends on the seed, the purpose, and how many GUIDs that purpose has had. So the third OS
    disk of a machine has the same name in every run, regardless of other machines and requests.
    """
    seed: int | None = records.setting(SEED)
    if seed is None:
        return uuid4()
    counter = f"guids:{seed}:{purpose}"
    count = (records.setting(counter) or 0) + 1
    records.put_setting(counter, count)
    digest = hashlib.sha256(f"{counter}:{count}".encode()).digest()
    return UUID(bytes=digest[:16], version=4)
