"""A simulated world for each test: its inventory, its clock, and a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .client import FakeNow, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INVENTORY = """
operation_seconds = 75.0
retry_after = 20
subscription_id = "11111111-1111-1111-1111-111111111111"
resource_group = "RG-one"
location = "westus"

[[machine]]
name = "kept"

[[machine]]
name = "deleted"
os_disk = "Delete"
custom_data = "dGVzdA=="

[[machine]]
name = "local"
os_type = "Windows"
os_disk = "Ephemeral"
"""


@pytest.fixture
def now() -> FakeNow:
    """Return a clock that only moves when a test moves it."""
    return FakeNow()


@pytest.fixture
def world(tmp_path: Path, now: FakeNow) -> Iterator[World]:
    """Return a world with a managed, a deleted and a local OS disk."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text(INVENTORY)
    with World.open(inventory, now) as opened:
        yield opened
