"""`pulumi refresh` and `pulumi up --refresh`: drift is reported, and nothing else."""

import pytest

from tests.engine.commands import ONE, SAME, said, urn
from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging


@pytest.mark.parametrize("run_program", [False, True], ids=["", "--run-program"])
def test_a_refresh_after_a_failed_reimage_announces_nothing_and_finds_no_drift(
    new_stack: NewStack, *, run_program: bool
) -> None:
    """Pending work is not drift, so `--expect-no-changes` passes. `up --refresh` reports it once."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=0)
    fleet.simulator.fail("web", "ImageNotFound", "Gone.", leaves="disk untouched")
    failed = fleet.up(triggers={"image": "2"})

    refreshed = fleet.stack.refresh(expect_no_changes=True, run_program=run_program)
    posts_until_then = fleet.posts
    repeated = fleet.stack.up(refresh=True)
    unchanged = fleet.stack.up(refresh=True)

    assert not failed.ok
    assert refreshed.ok, refreshed.text
    assert refreshed.changes == SAME
    assert said(refreshed) == []
    assert posts_until_then == 1
    assert repeated.ok, repeated.text
    assert any("failed" in line for line in said(repeated))
    assert len(said(repeated)) == len(set(said(repeated)))
    assert fleet.posts == 2
    assert unchanged.changes == SAME


def test_a_refresh_after_a_refused_change_finds_no_drift(new_stack: NewStack) -> None:
    """A guard refused one change, and Azure refused the other. Both are due with the next `up`."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}, "db": {}}, seconds=0)
    fleet.inputs["db"]["prevent_reimage"] = True
    fleet.simulator.script('POST web: 409 RequestDisallowedByPolicy "Not on Mondays."')
    fleet.set(triggers={"image": "2"})
    refused = fleet.stack.up(continue_on_error=True)

    refreshed = fleet.stack.refresh(expect_no_changes=True)

    assert not refused.ok
    assert refreshed.ok, refreshed.text
    assert [said(refreshed, name) for name in ("web", "db")] == [[], []]


def test_the_warnings_of_a_refresh_are_on_the_row_of_the_component(new_stack: NewStack) -> None:
    """One VM was created again, and another cannot be read."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}, "gone": {}}, seconds=0)
    fleet.simulator.recreate("web")
    fleet.simulator.script("GET every gone: 404")

    refreshed = fleet.stack.refresh()

    assert refreshed.ok, refreshed.text
    assert any("was created again since its last baseline" in line for line in said(refreshed, "web"))
    assert any("could not be read, so what was known" in line for line in said(refreshed, "gone"))


def test_a_refresh_of_a_target_looks_at_what_it_names(new_stack: NewStack) -> None:
    """The component's URN is only a row, and ReimageResult shows the drift."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=0)
    fleet.reimage_by_others("web")

    of_the_component = fleet.stack.refresh(target=[urn("component")], expect_no_changes=True)
    of_the_result = fleet.stack.refresh(target=[urn("ReimageResult")])

    assert of_the_component.ok, of_the_component.text
    assert of_the_result.changes == {"update": 1}
    assert any("This stack knew the OS disk" in line for line in said(of_the_result))
