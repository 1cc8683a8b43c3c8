"""Ctrl-C while a reimage is waited for, once and twice."""

from tests.engine.commands import ONE, SAME
from tests.engine.conftest import NewStack
from tests.engine.reimaging import Reimaging


def test_ctrl_c_lets_the_wait_end_and_keeps_its_result(new_stack: NewStack) -> None:
    """The CLI says that it cancels, begins nothing more, and waits for what has begun."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=5)
    fleet.set(triggers={"image": "2"})
    running = fleet.up_in_subprocess()
    running.until(lambda: "running in Azure for" in running.text)

    running.interrupt_cli()
    ended_well = running.wait()
    unchanged = fleet.stack.up()

    assert not ended_well
    assert "^C received; cancelling." in running.text
    assert fleet.told("web")["status"] == "Succeeded"
    assert fleet.posts == 1
    assert unchanged.changes == SAME


def test_ctrl_c_twice_ends_the_wait_at_once_and_the_next_up_resumes_it(new_stack: NewStack) -> None:
    """The reimage continues in Azure, and nothing is sent again."""
    fleet = Reimaging.with_baseline(new_stack, ONE, seconds=3600)
    fleet.set(triggers={"image": "2"})
    running = fleet.up_in_subprocess()
    running.until(lambda: "running in Azure for" in running.text)

    running.interrupt_cli()
    running.until(lambda: "^C received; cancelling." in running.text)
    running.interrupt_cli()
    ended_well = running.wait()
    resumed = fleet.up(timeout=2)

    assert not ended_well
    assert "is still running after its timeout" in resumed.text
    assert fleet.posts == 1
