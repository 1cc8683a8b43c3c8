"""`pulumi destroy` of a part of a stack: nothing is sent, and the next `up` records what was lost."""

from tests.engine.commands import said, urn
from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging


def test_what_is_destroyed_alone_is_recorded_again_by_the_next_up(new_stack: NewStack) -> None:
    """The component can only be destroyed with its children, and ReimageResult can be destroyed alone."""
    fleet = Reimaging.with_baseline(new_stack, {"web": {}, "db": {}}, seconds=0)
    destroy = ("destroy", "--yes", "--skip-preview", "--target")

    refused = fleet.stack.cli(*destroy, urn("component", "web"))
    destroyed = fleet.stack.cli(*destroy, urn("component", "web"), "--target-dependents")
    alone = fleet.stack.cli(*destroy, urn("ReimageResult", "db"))
    result = fleet.stack.up()
    unchanged = fleet.stack.up()

    assert not refused.ok
    assert "pass --target-dependents to proceed" in refused.text
    assert destroyed.ok, destroyed.text
    assert alone.ok, alone.text
    assert result.ok, result.text
    assert any("Nothing is reimaged." in line for line in said(result, "web"))
    assert fleet.posts == 0
    assert unchanged.changes == {"same": 9}
