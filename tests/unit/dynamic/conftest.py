"""A stack on two simulated machines, `web` and `other`, and the simulator that it sees."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pulumi_azure_reimage.simulator import Simulator

from ..fakes import FakeClock
from ..stack import INVENTORY, Stack


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Return an inventory with two machines whose reimages end immediately."""
    path = tmp_path / "machines.toml"
    path.write_text(INVENTORY)
    return path


@pytest.fixture
def simulator(inventory: Path, clock: FakeClock) -> Iterator[Simulator]:
    """Return the simulator that the providers see."""
    with Simulator.open(inventory, now=clock.now) as opened:
        yield opened


@pytest.fixture
def stack(inventory: Path, clock: FakeClock) -> Stack:
    """Return a stack in which nothing has been created yet."""
    return Stack(inventory, clock)
