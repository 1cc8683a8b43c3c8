"""`--target` and `--exclude` with the component, with each child, and with their dependents.

Each machine stands for one case, so that one run shows them all.
"""

from tests.engine.commands import said, urn
from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging

CASES = ("component", "ReimageRequest", "ReimageOperation", "ReimageResult")
UNCHANGED = {"same": 1 + 4 * len(CASES)}


def start(new_stack: NewStack) -> Reimaging:
    """Return a stack with a machine for each case, whose trigger has changed."""
    fleet = Reimaging.with_baseline(new_stack, {case.lower(): {} for case in CASES}, seconds=0)
    fleet.set(triggers={"image": "2"})
    return fleet


def urns(*cases: str) -> list[str]:
    """Return the URN that each case names, on its own machine."""
    return [urn(case, case.lower()) for case in cases]


def sent(fleet: Reimaging) -> list[str]:
    """Return the machines that were reimaged so far."""
    return sorted(request.name or "" for request in fleet.simulator.reimage_requests())


def finish(fleet: Reimaging) -> None:
    """Run a plain `up`, after which each machine was reimaged once, and another `up` that changes nothing."""
    finished = fleet.stack.up()
    unchanged = fleet.stack.up()

    assert finished.ok, finished.text
    assert sent(fleet) == sorted(case.lower() for case in CASES)
    assert {fleet.outputs(case.lower())["status"] for case in CASES} == {"Succeeded"}
    assert unchanged.changes == UNCHANGED


def test_a_target_that_is_one_resource_of_three_sends_nothing(new_stack: NewStack) -> None:
    """The component's URN means the component alone, and a child's URN means that step alone."""
    fleet = start(new_stack)

    preview = fleet.stack.preview(target=urns(*CASES))
    targeted = fleet.stack.up(target=urns(*CASES))

    assert preview.ok, preview.text
    assert targeted.ok, targeted.text
    assert targeted.changes["update"] == 1, "ReimageRequest decides, and nothing else happens"
    assert sent(fleet) == []
    finish(fleet)


def test_a_component_with_its_dependents_is_reimaged_alone(new_stack: NewStack) -> None:
    """`--target` with the component and `--target-dependents` is the form that works."""
    fleet = start(new_stack)

    targeted = fleet.stack.up(target=urns("component"), target_dependents=True)

    assert targeted.ok, targeted.text
    assert sent(fleet) == ["component"]
    assert fleet.outputs("component")["status"] == "Succeeded"
    finish(fleet)


def test_an_excluded_child_stops_its_machine_there(new_stack: NewStack) -> None:
    """Without ReimageRequest nothing is decided, without ReimageOperation nothing is sent."""
    fleet = start(new_stack)

    excluded = fleet.stack.up(exclude=urns("ReimageRequest", "ReimageOperation"))

    assert excluded.ok, excluded.text
    assert sent(fleet) == ["component", "reimageresult"]
    finish(fleet)


def test_an_excluded_result_is_not_waited_for_and_the_row_says_so(new_stack: NewStack) -> None:
    """The reimage runs, and the outputs are those of the one before. The next `up` waits."""
    fleet = start(new_stack)

    preview = fleet.stack.preview(exclude=urns("ReimageResult"))
    excluded = fleet.stack.up(exclude=urns("ReimageResult"))
    status = fleet.outputs("reimageresult")["status"]

    assert excluded.ok, excluded.text
    assert status == "Baseline"
    assert any("will be reimaged" in line for line in said(preview, "reimageresult"))
    assert any("This run does not wait for it" in line for line in said(excluded, "reimageresult"))
    assert not any("does not wait" in line for line in said(excluded, "component"))
    finish(fleet)


def test_an_operation_that_is_targeted_alone_is_not_waited_for_and_the_row_says_so(
    new_stack: NewStack,
) -> None:
    """The run before decided, this one sends, and the next one waits."""
    fleet = start(new_stack)
    fleet.stack.up(target=[urn("ReimageRequest", "component")])

    targeted = fleet.stack.up(target=[urn("ReimageOperation", "component")])

    assert targeted.ok, targeted.text
    assert sent(fleet) == ["component"]
    assert any("This run does not wait for it" in line for line in said(targeted, "component"))
    finish(fleet)


def test_a_component_that_is_excluded_with_its_dependents_stays_as_it_is(new_stack: NewStack) -> None:
    """`--exclude` with the component and `--exclude-dependents` works on every operating system."""
    fleet = start(new_stack)

    preview = fleet.stack.preview(exclude=urns("component"), exclude_dependents=True)
    excluded = fleet.stack.up(exclude=urns("component"), exclude_dependents=True)

    assert said(preview, "component") == []
    assert excluded.ok, excluded.text
    assert "component" not in sent(fleet)
    finish(fleet)
