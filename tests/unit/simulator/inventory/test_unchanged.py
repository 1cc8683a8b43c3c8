"""An unchanged inventory of thousands of machines costs a command little."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pulumi_azure_reimage.simulator import Simulator
from pulumi_azure_reimage.simulator.inventory.inventory import Inventory
from pulumi_azure_reimage.simulator.simulator import state_path
from pulumi_azure_reimage.simulator.world.records import Records
from pulumi_azure_reimage.simulator.world.synchronize import synchronize

if TYPE_CHECKING:
    from pathlib import Path


def statements(inventory: Path) -> list[str]:
    """Bring the state up to an inventory, and return the statements that the database received."""
    found: list[str] = []
    with closing(sqlite3.connect(state_path(inventory))) as connection:
        connection.set_trace_callback(found.append)
        synchronize(Records(connection), Inventory.read(inventory), datetime.now(UTC))
    return found


def test_machines_are_not_compared_again_when_the_file_is_unchanged(tmp_path: Path) -> None:
    """None is read. After an edit, they are."""
    inventory = tmp_path / "machines.toml"
    inventory.write_text("".join(f'[[machine]]\nname = "vm-{number}"\n' for number in range(50)))
    Simulator.open(inventory).close()
    unchanged = statements(inventory)
    inventory.write_text('[[machine]]\nname = "vm-0"\npower = "stopped"\n')
    edited = statements(inventory)

    assert len(unchanged) == 1
    assert len(edited) > 50


def test_an_edit_is_followed(tmp_path: Path) -> None:
    """So is a second edit, back to what it was."""
    inventory = tmp_path / "machines.toml"
    powers = []
    for power in ("running", "stopped", "running"):
        inventory.write_text(f'[[machine]]\nname = "vm"\npower = "{power}"\n')
        with Simulator.open(inventory) as simulator:
            powers.append(simulator.machine("vm").spec.power)

    assert powers == ["running", "stopped", "running"]
