"""Management locks: they are listed with their scope, and named in refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..client import code

if TYPE_CHECKING:
    from ..client import World

LIST = "providers/Microsoft.Authorization/locks"
VERSION = "api-version=2016-09-01"
SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/RG-one"
SCOPES = [
    ("machine", f"{GROUP}/providers/Microsoft.Compute/virtualMachines/kept"),
    ("resource_group", GROUP),
    ("subscription", SUBSCRIPTION),
]


def locks_of(world: World, name: str) -> object:
    """Return the locks of a machine."""
    answer = world.get(f"{world.simulator.machine(name).id}/{LIST}?{VERSION}")
    assert answer.status == 200
    return answer.json()


@pytest.mark.parametrize("level", ["ReadOnly", "CanNotDelete"])
@pytest.mark.parametrize(("lock_scope", "scope"), SCOPES)
def test_a_lock_is_listed_with_its_scope(world: World, level: str, lock_scope: str, scope: str) -> None:
    """This holds for an inherited lock as well as for the machine's own."""
    world.simulator.change("kept", lock=level, lock_scope=lock_scope)

    assert locks_of(world, "kept") == {
        "value": [
            {
                "properties": {"level": level},
                "id": f"{scope}/providers/Microsoft.Authorization/locks/simulated",
                "type": "Microsoft.Authorization/locks",
                "name": "simulated",
            }
        ]
    }


@pytest.mark.parametrize(("lock_scope", "scope"), SCOPES)
def test_a_refused_client_reads_the_scope_of_the_lock(world: World, lock_scope: str, scope: str) -> None:
    """The refusal has the scope beside the requested machine."""
    world.simulator.change("kept", lock="ReadOnly", lock_scope=lock_scope)
    refused = world.reimage("kept")

    assert (refused.status, code(refused)) == (409, "ScopeLocked")
    assert refused.json()["error"]["message"] == (
        f"The scope '{SCOPES[0][1]}' cannot perform write operation because following scope(s) are locked: "
        f"'{scope}'. Please remove the lock and try again."
    )


def test_without_a_lock_the_list_is_empty(world: World) -> None:
    """This holds even where there is no machine, or no longer one."""
    gone = world.simulator.machine("deleted").id
    world.simulator.change("deleted", lock="CanNotDelete")
    world.simulator.remove("deleted")

    assert locks_of(world, "kept") == {"value": []}
    assert world.get(f"{GROUP}/{LIST}?{VERSION}").json() == {"value": []}
    assert world.get(f"{gone}/{LIST}?{VERSION}").json() == {"value": []}


def test_locks_are_read_by_those_who_may(world: World) -> None:
    """The machine's actions decide."""
    machine = world.simulator.machine("kept").id
    world.simulator.change("kept", actions=["Microsoft.Compute/*"])
    refused = world.get(f"{machine}/{LIST}?{VERSION}")
    world.simulator.change("kept", actions=["Microsoft.Authorization/*/read"])
    allowed = world.get(f"{machine}/{LIST}?{VERSION}")

    assert (refused.status, code(refused)) == (403, "AuthorizationFailed")
    assert "perform action 'Microsoft.Authorization/locks/read'" in refused.json()["error"]["message"]
    assert f"over scope '{machine}'" in refused.json()["error"]["message"]
    assert allowed.status == 200


def test_locks_have_versions_and_a_method_of_their_own(world: World) -> None:
    """So does every resource type. Letter case is ignored."""
    machine = world.simulator.machine("kept").id

    assert world.get(f"{machine.upper()}/{LIST.upper()}?api-version=2020-05-01").status == 200
    world.get(f"{machine}/{LIST}?api-version=2024-07-01")
    assert world.simulator.requests()[-1].note == "answered as api-version 2020-05-01"
    assert code(world.send("POST", f"{machine}/{LIST}?{VERSION}")) == "MethodNotAllowed"
