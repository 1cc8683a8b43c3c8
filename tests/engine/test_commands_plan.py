"""Plans, `--continue-on-error` and `--json`: what is sent and printed, and that the next `up` finishes."""

from tests.engine.commands import SAME, errors, said, urn
from tests.engine.conftest import NewStack
from tests.engine.failing_resource import Failing
from tests.engine.reimaging import Reimaging

URL = "/operations/"


def test_a_plan_reimages_what_it_was_made_for_and_nothing_else(new_stack: NewStack) -> None:
    """A trigger that changed after the plan stops the update before anything is sent."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}}, seconds=0)
    plan = str(fleet.stack.folder / "plan.json")
    fleet.set(triggers={"image": "2"})
    planned = fleet.stack.preview(plan=plan)
    updated = fleet.stack.up(plan=plan)
    posts = [fleet.posts]

    again = fleet.stack.up(plan=plan)
    posts.append(fleet.posts)
    fleet.set(triggers={"image": "3"})
    stale = fleet.stack.up(plan=plan)
    posts.append(fleet.posts)
    result = fleet.stack.up()
    unchanged = fleet.stack.up()

    assert planned.ok, planned.text
    assert updated.ok, updated.text
    assert posts == [1, 1, 1], "a plan that was carried out already, or that is stale, sends nothing"
    assert "Traceback" not in again.text
    assert not stale.ok
    assert f"{urn('ReimageRequest')} violates plan" in stale.text
    assert result.ok, result.text
    assert fleet.posts == 2
    assert unchanged.changes == SAME


def test_continue_on_error_reimages_the_others_and_says_each_error_in_one_line(new_stack: NewStack) -> None:
    """Azure refuses one machine and another resource fails. The next `up` sends only what is missing."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}, "db": {}}, seconds=0)
    declare, told = fleet.stack.program, {"told": "fine"}

    def program() -> None:
        declare()
        Failing("failing", told["told"])

    fleet.stack.program = program
    assert fleet.stack.up().ok
    fleet.simulator.script('POST web: 409 RequestDisallowedByPolicy "Not on Mondays."')
    told["told"] = "update"
    fleet.set(triggers={"image": "2"})

    result = fleet.stack.up(continue_on_error=True)
    sent = [request.name for request in fleet.simulator.reimage_requests()]
    told["told"] = "fine"
    finished = fleet.stack.up()
    unchanged = fleet.stack.up()

    assert not result.ok
    assert "Traceback" not in result.text
    (refused,) = [error for error in errors(result) if "Not on Mondays." in error]
    assert "The disk was not touched." in refused
    assert "KeyError" not in result.text
    assert sorted(filter(None, sent)) == ["db", "web"]
    assert fleet.outputs("db")["status"] == "Succeeded"
    assert finished.ok, finished.text
    assert [request.name for request in fleet.simulator.reimage_requests()][2:] == ["web"]
    assert unchanged.changes == {"same": 10}


def test_json_shows_the_operation_url_which_no_other_output_does(new_stack: NewStack) -> None:
    """It prints the state of what changes, so a log of it is as confidential as the state."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}}, seconds=0)
    fleet.up(triggers={"image": "2"})
    fleet.set(triggers={"image": "3"})
    plan = fleet.stack.folder / "plan.json"
    plain = fleet.stack.preview(diff=True, plan=str(plan))

    # The CLI reads every flag from the environment, too.
    fleet.stack.environment["PULUMI_OPTION_JSON"] = "true"
    in_json = fleet.stack.preview()
    updated = fleet.stack.up()

    assert URL not in plain.text
    assert URL not in plan.read_text()
    assert URL in in_json.text
    assert URL in updated.text
    assert not [line for line in said(updated) if URL in line]
