"""What a change does, row by row, on the real engine: the POSTs are counted at the simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.reimaging import Reimaging

if TYPE_CHECKING:
    from tests.engine.conftest import NewStack

MACHINES = {
    "detach": {"os_disk": "Detach"},
    "delete": {"os_disk": "Delete"},
    "ephemeral": {"os_disk": "Ephemeral"},
}


def test_the_first_up_records_a_baseline_and_the_second_changes_nothing(new_stack: NewStack) -> None:
    """Nothing is sent, and everything stays as it is."""
    fleet = Reimaging.start(new_stack, MACHINES)

    first = fleet.up(triggers={"image": "1"})
    second = fleet.up()

    assert first.ok, first.text
    assert second.ok, second.text
    assert 0 == fleet.posts
    assert {"Baseline"} == {fleet.outputs(name)["status"] for name in MACHINES}
    assert {"same": 1 + 3 * len(MACHINES)} == second.changes


def test_a_changed_trigger_reimages_each_machine_once(new_stack: NewStack) -> None:
    """One POST without a body each; the result is in state."""
    fleet = Reimaging.start(new_stack, MACHINES)
    fleet.up(triggers={"image": "1"})
    before = {name: fleet.simulator.machine(name).os_disk_id for name in MACHINES}

    result = fleet.up(triggers={"image": "2"})

    assert result.ok, result.text
    print(result.text)
    assert [None] * 3 == fleet.bodies()
