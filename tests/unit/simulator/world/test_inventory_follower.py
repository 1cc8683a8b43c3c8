"""An inventory that is edited while a simulator runs is applied as a whole or not at all."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pulumi_azure_reimage.simulator import InventoryError, Simulator, SimulatorError
from pulumi_azure_reimage.simulator.inventory.inventory import Inventory
from pulumi_azure_reimage.simulator.world.inventory_follower import InventoryFollower
from pulumi_azure_reimage.simulator.world.state import State
from pulumi_azure_reimage.simulator.world.synchronize import synchronize

from ..client import API_VERSION, FakeNow, World

BEFORE = 'while_running = "conflict"\n[[machine]]\nname = "web"\n'
AFTER = 'while_running = "preempt"\n[[machine]]\nname = "web"\nlock = "ReadOnly"\n[[machine]]\nname = "db"\n'
FULL = "".join(f'[[machine]]\nname = "vm-{number}"\n' for number in range(1_000))
MISTAKES = {
    "a mistake in the syntax": ('[[machine]]\nname = "w', "the inventory cannot be parsed"),
    "a key that is none": ('[[machine]]\nname = "web"\nlok = "ReadOnly"', 'unknown key "lok"'),
    "a script about no machine": (f'script = ["POST wbe: 500"]\n{AFTER}', 'no machine is called "wbe"'),
    "a script that is none": (f'script = ["POST: explode"]\n{AFTER}', '"explode" is not an effect'),
    "nothing": ("\n", "the inventory is empty, and it had 1 machines; a file with a comment removes them"),
}


@pytest.fixture
def running(tmp_path: Path, now: FakeNow) -> Iterator[World]:
    """Return a world with one machine, which was changed by a command."""
    (tmp_path / "machines.toml").write_text(BEFORE)
    with World.open(tmp_path / "machines.toml", now) as world:
        world.simulator.change("web", data_disks=2)
        yield world


def names(simulator: Simulator) -> list[str]:
    """Return the names of the machines."""
    return [machine.name for machine in simulator.machines()]


def test_an_edit_is_applied_by_the_next_request(running: World, tmp_path: Path) -> None:
    """This includes machines, their settings and the top-level keys. What happened to a machine is kept."""
    first = running.reimage("web")
    (tmp_path / "machines.toml").write_text(AFTER)
    locked = running.reimage("web")
    running.simulator.change("web", lock=None)  # type: ignore[arg-type] # As `lock=` of the command.

    assert (first.status, locked.status, running.reimage("web").status) == (202, 409, 202)
    assert names(running.simulator) == ["db", "web"]
    assert running.simulator.machine("web").spec.data_disks == 2


@pytest.mark.parametrize(("text", "cause"), MISTAKES.values(), ids=MISTAKES)
def test_an_edit_with_a_mistake_changes_nothing_and_is_reported_once(
    running: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, cause: str
) -> None:
    """The next edit is checked again."""
    path = tmp_path / "machines.toml"
    path.write_text(text)
    for _ in range(3):
        assert names(running.simulator) == ["web"]
        assert running.simulator.machine("web").spec.lock is None
    said = capsys.readouterr().err
    path.write_text(AFTER)

    assert said.count("\n") == 1
    assert said.startswith("warning: the inventory was edited, and what it said before is kept: ")
    assert cause in said
    assert names(running.simulator) == ["db", "web"]
    assert capsys.readouterr().err == ""


def test_an_inventory_that_is_deleted_stays_in_force(
    running: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """This lasts until it comes back."""
    path = tmp_path / "machines.toml"
    path.unlink()
    assert names(running.simulator) == ["web"]
    assert "the inventory cannot be read: No such file" in capsys.readouterr().err
    path.write_text(AFTER)

    assert names(running.simulator) == ["db", "web"]


def test_a_file_that_replaces_the_inventory_is_noticed(running: World, tmp_path: Path) -> None:
    """Editors write in this way. Here even the size is the same."""
    other = tmp_path / "other.toml"
    other.write_text(BEFORE.replace("web", "app"))
    other.replace(tmp_path / "machines.toml")

    assert names(running.simulator) == ["app"]


def test_an_inventory_that_was_emptied_is_refused_when_it_is_opened(running: World, tmp_path: Path) -> None:
    """A full disk can cause this, and its machines would be lost with all that happened to them."""
    running.simulator.close()
    (tmp_path / "machines.toml").write_text("")

    with pytest.raises(InventoryError, match="the inventory is empty, and it had 1 machines"):
        Simulator.open(tmp_path / "machines.toml")
    (tmp_path / "machines.toml").write_text("# None is left.")
    with World.open(tmp_path / "machines.toml", running.now) as again:
        assert names(again.simulator) == []


@contextmanager
def following(path: Path, pause: Callable[[], None]) -> Iterator[Callable[[], list[str]]]:
    """Follow a file with pauses that the test controls, and yield a function for its machines' names."""
    now = FakeNow()
    state = State(path.with_suffix(".sqlite3"))
    inventory = Inventory.read(path)
    follower = InventoryFollower(inventory, pause=pause)
    with state.transaction() as records:
        synchronize(records, inventory, now())

    def follow() -> list[str]:
        follower.follow(state, lambda records, edited: synchronize(records, edited, now()))
        return [spec.name for spec in follower.inventory.machines]

    yield follow
    state.close()


def test_a_file_that_is_being_written_is_waited_for(tmp_path: Path) -> None:
    """Either half alone would be a valid inventory."""
    path = tmp_path / "machines.toml"
    path.write_text(BEFORE)
    lines = FULL.splitlines(keepends=True)
    written = iter(range(200, len(lines), 200))

    def write_on() -> None:
        """Continue writing while the simulator waits."""
        end = next(written, None)
        if end is not None:
            path.write_text("".join(lines[:end]) if end < 1_800 else FULL)

    with following(path, write_on) as follow:
        path.write_text("".join(lines[:100]))

        assert len(follow()) == 1_000
        assert follow() == follow()


def test_requests_that_notice_an_edit_together_apply_it_once(running: World, tmp_path: Path) -> None:
    """None of them sees only a part of it."""
    (tmp_path / "machines.toml").write_text(AFTER + FULL)
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda: seen.append(len(running.simulator.machines()))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [1_002] * 8


def test_an_edit_is_applied_later_if_the_state_cannot_be_used(running: World, tmp_path: Path) -> None:
    """The message is about the state, and the edit is not lost."""
    (tmp_path / "machines.toml").write_text(AFTER)
    state, aside = tmp_path / "machines.sqlite3", tmp_path / "aside"
    state.rename(aside)
    with pytest.raises(SimulatorError, match="it was deleted or moved while it was in use"):
        running.simulator.machines()
    aside.rename(state)

    assert names(running.simulator) == ["db", "web"]
    assert running.get(f"{running.simulator.machine('db').id}?{API_VERSION}").status == 200
