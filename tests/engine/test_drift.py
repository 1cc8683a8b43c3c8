"""A reimage by others, as `pulumi refresh` reports it on the real engine."""

from collections.abc import Sequence

import pytest

from tests.engine.conftest import NewStack
from tests.engine.reimaging import COMPONENT, Reimaging

TWO: dict[str, dict[str, object]] = {"web": {}, "db": {}}
READ_LOG = "Microsoft.Insights/eventtypes/values/read"
SAID_ONCE = f"but the identity may not read it. That requires the right {READ_LOG}"


@pytest.mark.parametrize(
    ("actions", "may_read"),
    [(("*",), True), (("Microsoft.Compute/*", "Microsoft.Authorization/*/read"), False)],
    ids=["log", "no log"],
)
def test_a_refresh_says_which_disk_was_replaced_by_whom_and_when(
    new_stack: NewStack, actions: Sequence[str], *, may_read: bool
) -> None:
    """The report is on each machine's row. Without the right to read the log, it names that right once."""
    fleet = Reimaging.with_baseline(new_stack, TWO, seconds=0, actions=actions)
    fleet.simulator.set_activity_log_seconds(0)
    known = {name: fleet.outputs(name)["os_disk_id"].rpartition("/")[2] for name in TWO}
    for name in TWO:
        fleet.simulator.reimage(name, caller="alice@example.com")

    refreshed = fleet.stack.refresh()
    after = fleet.up()

    said = [diagnostic for diagnostic in refreshed.diagnostics if diagnostic.severity == "warning"]
    assert refreshed.ok, refreshed.text
    assert refreshed.changes["update"] == 2
    for name in TWO:
        (drift,) = [line for line in said if (line.urn or "").endswith(f"{COMPONENT}::{name}")]
        now = fleet.told(name)["os_disk_id"].rpartition("/")[2]
        assert f"VM {name} has the OS disk {now} with image version" in drift.message
        assert f"This stack knew the OS disk {known[name]} with image version" in drift.message
        assert ("requested by alice@example.com at 20" in drift.message) is may_read
    assert sum(SAID_ONCE in line.message for line in said) == (0 if may_read else 1)
    assert after.ok, after.text
    assert "update" not in after.changes
    assert fleet.posts == 0
