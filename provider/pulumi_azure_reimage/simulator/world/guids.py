"""Where the GUIDs of machines, disks and operations come from: chance, or a seed that repeats them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from .records import Records

SEED = "seed"


def new_guid(records: Records, purpose: str) -> UUID:
    """Return a GUID that was not given out before.

    With a seed, it depends on the seed, the purpose and how often that purpose had one: the third OS disk of
    a machine has the same name in every run, whatever other machines and requests did in between.
    """
    seed: int | None = records.setting(SEED)
    if seed is None:
        return uuid4()
    counter = f"guids:{seed}:{purpose}"
    count = (records.setting(counter) or 0) + 1
    records.put_setting(counter, count)
    digest = hashlib.sha256(f"{counter}:{count}".encode()).digest()
    return UUID(bytes=digest[:16], version=4)
