"""`--replace`, `state taint` and `state delete` of the component and of each child, and what they lead to.

Each machine stands for one case, so that one run shows them all.
"""

import pytest

from tests.engine.commands import SAME, said, urn
from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging

CASES = ("component", "ReimageRequest", "ReimageOperation", "ReimageResult")
INCLUDED = "The new baseline includes what has changed (triggers.image changed)"
UNCHANGED = {"same": 1 + 4 * len(CASES)}


def machine(case: str) -> str:
    """Return the name of the machine of a case."""
    return case.lower()


def posts(fleet: Reimaging) -> dict[str, int]:
    """Return how many requests each machine has received."""
    requests = [request.name for request in fleet.simulator.reimage_requests()]
    return {case: requests.count(machine(case)) for case in CASES}


@pytest.mark.parametrize("way", ["--replace", "state taint"])
def test_a_replaced_resource_and_a_changed_trigger(new_stack: NewStack, way: str) -> None:
    """A new ReimageRequest includes the change and says so. The others do what the change requests."""
    fleet = Reimaging.with_baseline(new_stack, {machine(case): {} for case in CASES}, seconds=0)
    urns = [urn(case, machine(case)) for case in CASES]
    flags = [] if way == "state taint" else urns
    if way == "state taint":
        tainted = fleet.stack.cli("state", "taint", "--yes", *urns)
        assert tainted.ok, tainted.text
    fleet.set(triggers={"image": "2"})

    preview = fleet.stack.preview(replace=flags)
    result = fleet.stack.up(replace=flags)
    unchanged = fleet.stack.up()

    assert preview.ok, preview.text
    assert result.ok, result.text
    for run in (preview, result):
        assert any(INCLUDED in line for line in said(run, "reimagerequest"))
        assert any("Nothing is reimaged." in line for line in said(run, "reimagerequest"))
    assert posts(fleet) == {
        "component": 1,
        "ReimageRequest": 0,
        "ReimageOperation": 1,
        "ReimageResult": 1,
    }
    assert unchanged.changes == UNCHANGED


@pytest.mark.parametrize("way", ["state taint", "state delete"])
def test_a_resource_that_is_replaced_or_removed_without_a_change_reimages_nothing(
    new_stack: NewStack, way: str
) -> None:
    """From the log, ReimageOperation learns that an earlier reimage was sent."""
    fleet = Reimaging.with_baseline(new_stack, {machine(case): {} for case in CASES}, seconds=0)
    fleet.simulator.set_activity_log_seconds(0)
    fleet.up(triggers={"image": "2"})
    before = posts(fleet)
    for case in CASES:
        flags = [] if way == "state taint" else ["--target-dependents"]
        changed = fleet.stack.cli(*way.split(), "--yes", *flags, urn(case, machine(case)))
        assert changed.ok, changed.text

    result = fleet.stack.up()
    unchanged = fleet.stack.up()

    assert result.ok, result.text
    assert before == posts(fleet) == dict.fromkeys(CASES, 1)
    assert any("Nothing is reimaged." in line for line in said(result, "reimagerequest"))
    assert any("so it is not requested again" in line for line in said(result, "reimageoperation"))
    assert unchanged.changes == UNCHANGED


def test_without_the_log_a_replaced_operation_sends_nothing_and_says_how_to_continue(
    new_stack: NewStack,
) -> None:
    """Nothing shows whether the VM's disk is from the request that ReimageOperation has forgotten."""
    rights = ("Microsoft.Compute/*", "Microsoft.Authorization/*/read")
    fleet = Reimaging.with_baseline(new_stack, {"web": {}}, seconds=0, actions=rights)
    fleet.up(triggers={"image": "2"})

    asked = fleet.stack.up(replace=[urn("ReimageOperation")])
    left = fleet.stack.up(replace=[urn("ReimageRequest")])
    unchanged = fleet.stack.up()

    assert not asked.ok
    assert f"pulumi up --replace '{urn('ReimageRequest')}'" in asked.text
    assert left.ok, left.text
    assert fleet.posts == 1
    assert unchanged.changes == SAME


def test_target_replace_of_the_request_records_a_baseline_and_says_so(new_stack: NewStack) -> None:
    """It leaves the other two for the next `up`, which sends nothing either."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}}, seconds=0)
    fleet.set(triggers={"image": "2"})

    # The Automation API has no argument for this flag, and the CLI reads every flag from the environment.
    fleet.stack.environment["PULUMI_OPTION_TARGET_REPLACE"] = urn("ReimageRequest")
    replaced = fleet.stack.up()
    del fleet.stack.environment["PULUMI_OPTION_TARGET_REPLACE"]
    finished = fleet.stack.up()
    unchanged = fleet.stack.up()

    assert replaced.ok, replaced.text
    assert replaced.changes["replace"] == 1
    assert any("Nothing is reimaged." in line for line in said(replaced))
    assert finished.ok, finished.text
    assert fleet.posts == 0
    assert unchanged.changes == SAME
