"""The diff that follows a read reports drift, and nothing that the next update still has to do."""

from collections.abc import Callable

import pytest

from pulumi_azure_reimage.simulator import Simulator

from ..stack import Stack

LeaveBehind = Callable[[Stack, Simulator], None]

NO_DRIFT = (False, False)


def refuse(stack: Stack, simulator: Simulator) -> None:
    """Make a change that a guard refuses."""
    stack.try_up(triggers={"a": 2}, prevent_reimage=True)
    assert simulator.reimage_requests() == []


def reject(stack: Stack, simulator: Simulator) -> None:
    """Make a change that Azure refuses."""
    simulator.script('POST web: 409 RequestDisallowedByPolicy "Not on Mondays."')
    stack.try_up(triggers={"a": 2})


def fail(stack: Stack, simulator: Simulator) -> None:
    """Request a reimage that fails without touching anything."""
    simulator.fail("web", "ImageNotFound", "Gone.", leaves="disk untouched")
    stack.try_up(triggers={"a": 2})


def announced_in(stack: Stack) -> list[str]:
    """Return what the last run announced."""
    return [said for said in stack.log.warnings if "VM web" in said]


@pytest.mark.parametrize("leave_behind", [refuse, reject, fail])
def test_a_refresh_reports_nothing_that_an_update_has_still_to_do(
    stack: Stack, simulator: Simulator, leave_behind: LeaveBehind
) -> None:
    """The refresh finds no drift and announces nothing, and the next `up` is the same as without it."""
    stack.up(triggers={"a": 1})
    leave_behind(stack, simulator)
    before = len(simulator.reimage_requests())
    refreshed = stack.refresh()

    assert refreshed == NO_DRIFT
    assert announced_in(stack) == []
    assert len(simulator.reimage_requests()) == before
    assert stack.up(triggers={"a": 2})[1] == "update"
    assert len(simulator.reimage_requests()) == before + 1
