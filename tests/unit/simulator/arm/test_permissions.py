"""The permissions endpoint returns the actions in the inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..client import code

if TYPE_CHECKING:
    from ..client import World

LIST = "providers/Microsoft.Authorization/permissions"


def test_it_lists_the_actions_of_a_machine(world: World) -> None:
    """They are one role, and the letter case of the path is ignored."""
    world.simulator.change("kept", actions=["*/read"])
    machine = world.simulator.machine("kept").id

    answer = world.get(f"{machine.upper()}/{LIST}?api-version=2022-04-01")

    role = {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}
    assert (answer.status, answer.json()) == (200, {"value": [role]})


def test_without_a_machine_it_lists_those_of_everything_else(world: World) -> None:
    """A role can be assigned where nothing exists yet."""
    machine = world.simulator.machine("kept").id

    answer = world.get(f"{machine}-2/{LIST}?api-version=2022-04-01")

    assert answer.json()["value"][0]["actions"] == ["*"]


def test_it_has_a_version_and_a_method_of_its_own(world: World) -> None:
    """So does every resource type."""
    machine = world.simulator.machine("kept").id

    world.get(f"{machine}/{LIST}?api-version=2024-07-01")
    assert world.simulator.requests()[-1].note == "answered as api-version 2022-04-01"
    assert code(world.send("POST", f"{machine}/{LIST}?api-version=2022-04-01")) == "MethodNotAllowed"
