"""A reimage that outlasts its timeout: the run is pending and says so, and the next run resumes it."""

import pytest

from .conftest import NewStack
from .reimaging import Reimaging

ONE: dict[str, dict[str, object]] = {"web": {}}
STILL_RUNS = "is still running after its timeout. Nothing is lost: the next `pulumi up` resumes the wait"


@pytest.mark.parametrize("on_create", [False, True], ids=["update", "creation"])
def test_a_reimage_that_still_runs_is_pending_and_resumed(new_stack: NewStack, on_create: bool) -> None:  # noqa: FBT001 - a parameter.
    """What was saved before stays, and nothing is sent again."""
    fleet = Reimaging.start(new_stack, ONE, seconds=6.0)
    if not on_create:
        assert fleet.up(triggers={"image": "1"}).ok
    change = {"reimage_on_create": True} if on_create else {"triggers": {"image": "2"}}

    pending = fleet.up(**change, timeout=2)
    resumed = fleet.up(timeout=60)
    unchanged = fleet.preview()

    assert not pending.ok
    assert STILL_RUNS in pending.text
    assert "Traceback" not in pending.text
    assert "1 awaiting" in pending.text
    assert resumed.ok, resumed.text
    assert fleet.outputs("web")["status"] == "Succeeded"
    assert fleet.posts == 1
    assert unchanged.changes.keys() == {"same"}
