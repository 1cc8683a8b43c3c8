"""A state file that cannot be used: a message says why, nothing is lost, and no new file is made."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path

import httpx
import pytest

from pulumi_azure_reimage.simulator import Simulator, SimulatorError, serve
from pulumi_azure_reimage.simulator.command_line import main
from pulumi_azure_reimage.simulator.inventory.inventory import Inventory
from pulumi_azure_reimage.simulator.world.state import State
from pulumi_azure_reimage.simulator.world.state_file import explain

from ..client import API_VERSION, BASE, TOKEN, FakeNow, World

NOBODY = 65534


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the state file as another process would."""
    with closing(sqlite3.connect(state, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def unprivileged() -> Iterator[None]:
    """Switch to the user nobody, because root can write to all files."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Limit the size of files to `size` bytes, so that a write beyond it fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def state(world: World, tmp_path: Path) -> Path:
    """Return the state file of a world in which one machine was reimaged."""
    world.reimage_to_the_end("kept")
    return tmp_path / "machines.sqlite3"


def refusal(inventory: Path) -> str:
    """Return the message of the command line, which is one line, with exit code 1."""
    err = StringIO()
    assert main(["list", str(inventory)], StringIO(), err) == 1
    (line,) = err.getvalue().splitlines()
    return line


def test_a_locked_file_is_waited_for_and_then_named(world: World, tmp_path: Path, state: Path) -> None:
    """When it is released, everything is there."""
    inventory = Inventory.read(tmp_path / "machines.toml")
    with closing(Simulator(inventory, State(state, patience=0.01), world.now)) as simulator:
        with locked(state), pytest.raises(SimulatorError, match="another process has locked it for too long"):
            simulator.machines()

        assert [post.status for post in simulator.reimage_requests()] == [202]


@pytest.mark.usefixtures("socket_enabled")
def test_a_served_simulator_says_what_is_wrong_and_lives_on(
    world: World, tmp_path: Path, state: Path
) -> None:
    """The client gets 500 with the message, and 200 as soon as the file is free."""
    inventory = Inventory.read(tmp_path / "machines.toml")
    path = f"{world.simulator.machine('kept').id}?{API_VERSION}"
    with (
        closing(Simulator(inventory, State(state, patience=0.01), world.now)) as simulator,
        serve(simulator) as server,
        httpx.Client(base_url=server.url, headers=TOKEN) as client,
    ):
        with locked(state):
            refused = client.get(path)
        answered = client.get(path)

    assert (refused.status_code, answered.status_code) == (500, 200)
    assert f"{state}: the state file cannot be used: another process" in refused.json()["error"]["message"]


def test_a_file_that_cannot_be_written_is_named(now: FakeNow) -> None:
    """It cannot even be read from, because each request is logged."""
    with tempfile.TemporaryDirectory() as folder:  # Other users may enter it, unlike tmp_path.
        inventory, state = Path(folder) / "machines.toml", Path(folder) / "machines.sqlite3"
        inventory.write_text('[[machine]]\nname = "kept"')
        with World.open(inventory, now) as world:
            world.reimage("kept")
        kept = state.read_bytes()
        Path(folder).chmod(0o555)
        state.chmod(0o444)
        inventory.chmod(0o444)
        with unprivileged():
            assert "machines.sqlite3: the state file cannot be used: it or its folder" in refusal(inventory)
            state_is_as_it_was = state.read_bytes() == kept
            other = Path(folder) / "other.toml"
        Path(folder).chmod(0o755)
        other.write_text("")
        Path(folder).chmod(0o555)
        with unprivileged():
            assert refusal(other).endswith("other.sqlite3: the state file cannot be used: Permission denied")
        Path(folder).chmod(0o755)

    assert state_is_as_it_was


def test_a_write_that_fails_drops_its_request_and_nothing_else(world: World, state: Path) -> None:
    """The simulator continues when there is room again."""
    with largest_file(state.stat().st_size), pytest.raises(SimulatorError, match="cannot be read or written"):
        world.reimage("kept", {"exactVersion": "x" * 100_000})

    assert len(world.simulator.reimage_requests()) == 1
    assert world.reimage("kept").status == 202


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """SQLite also reports this for a database that has reached its maximum size."""
    with closing(sqlite3.connect(tmp_path / "full", isolation_level=None)) as connection:
        connection.execute("PRAGMA max_page_count = 2")
        connection.execute("CREATE TABLE t (x)")
        with pytest.raises(sqlite3.OperationalError) as raised:
            connection.execute("INSERT INTO t VALUES (zeroblob(100000))")

    assert str(explain(tmp_path / "full", raised.value)) == (
        f"{tmp_path / 'full'}: the state file cannot be used: the disk is full (database or disk is full)"
    )


def test_a_damaged_file_is_named_and_left_as_it_is(world: World, state: Path, tmp_path: Path) -> None:
    """Its owner decides what to save."""
    world.simulator.close()
    with state.open("r+b") as file:
        file.seek(200)
        file.write(b"\xff" * (state.stat().st_size - 200))
    damaged = state.read_bytes()

    assert "the state file cannot be used: it is damaged" in refusal(tmp_path / "machines.toml")
    assert state.read_bytes() == damaged


@pytest.mark.parametrize("document", ["{", "[]", "{}", '{"spec": 1}', '{"spec": {"colour": "red"}}', ""])
def test_a_damaged_record_is_named(state: Path, tmp_path: Path, document: str) -> None:
    """Newer versions may write keys that this version does not know."""
    with closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("UPDATE machines SET document = ?", (document,))

    assert "it is damaged, or another version wrote it" in refusal(tmp_path / "machines.toml")


def _delete(state: Path) -> None:
    state.unlink()


def _replace(state: Path) -> None:
    shutil.copy(state, state.with_suffix(".copy"))
    state.with_suffix(".copy").replace(state)


def _empty(state: Path) -> None:
    state.write_bytes(b"")


def _folder(state: Path) -> None:
    state.unlink()
    state.mkdir()


@pytest.mark.parametrize(
    ("happens", "cause"),
    [
        (_delete, "it was deleted or moved while it was in use"),
        (_replace, "another file was put in its place while it was in use"),
        (_empty, "it is empty, so delete the file to start again"),
        (_folder, "it is not a file"),
    ],
)
def test_a_file_that_goes_while_it_is_used_is_not_made_again(
    world: World, state: Path, happens: type, cause: str
) -> None:
    """The processes that share it would each have a separate world."""
    happens(state)
    before = state.read_bytes() if state.is_file() else None

    for _ in range(2):
        with pytest.raises(SimulatorError) as raised:
            world.reimage("kept")
        assert str(raised.value) == f"{state}: the state file cannot be used: {cause}"
    assert (state.read_bytes() if state.is_file() else None) == before


def test_an_empty_file_is_not_filled_again(world: World, state: Path, tmp_path: Path) -> None:
    """A full disk can leave an empty copy."""
    world.simulator.close()
    _empty(state)

    assert "it is empty, so delete the file to start again" in refusal(tmp_path / "machines.toml")
    assert state.read_bytes() == b""


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """This holds even if one of its tables has the name of one of the simulator's."""
    (tmp_path / "machines.toml").write_text("")
    with closing(sqlite3.connect(tmp_path / "machines.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE settings (x)")
    before = (tmp_path / "machines.sqlite3").read_bytes()

    assert "it is not a state of the simulator, so move it away" in refusal(tmp_path / "machines.toml")
    assert (tmp_path / "machines.sqlite3").read_bytes() == before


def test_a_folder_is_not_a_state(tmp_path: Path) -> None:
    """Its name does not matter."""
    (tmp_path / "machines.toml").write_text("")
    (tmp_path / "machines.sqlite3").mkdir()

    assert refusal(tmp_path / "machines.toml").endswith("the state file cannot be used: it is not a file")


def test_the_journal_of_a_file_that_is_gone_is_not_played_into_a_new_one(tmp_path: Path) -> None:
    """SQLite would do so."""
    (tmp_path / "machines.toml").write_text("")
    (tmp_path / "machines.sqlite3-journal").write_bytes(b"old")

    assert "it is gone, but its journal machines.sqlite3-journal is there" in refusal(
        tmp_path / "machines.toml"
    )
    assert not (tmp_path / "machines.sqlite3").exists()


def test_a_simulator_that_was_closed_says_so(world: World) -> None:
    """It does not reopen its state."""
    world.simulator.close()

    with pytest.raises(SimulatorError, match="the simulator is closed"):
        world.simulator.machines()


def test_two_inventories_do_not_share_a_state(world: World, state: Path, tmp_path: Path) -> None:
    """Each would remove the other's machines."""
    (tmp_path / "machines.json").write_text('{"machine": [{"name": "other"}]}')

    assert refusal(tmp_path / "machines.json").endswith(
        "machines.json: the state that belongs to this name is that of machines.toml; "
        "two inventories cannot share a state, so rename one of them"
    )
    assert [machine.name for machine in world.simulator.machines()] == ["deleted", "kept", "local"]
    assert state.exists()


def test_an_inventory_that_is_renamed_keeps_its_state(world: World, state: Path, tmp_path: Path) -> None:
    """Here it becomes a JSON file, and the TOML file is removed."""
    before = world.simulator.machine("kept").vm_id
    world.simulator.close()
    (tmp_path / "machines.toml").unlink()
    (tmp_path / "machines.json").write_text(
        '{"subscription_id": "11111111-1111-1111-1111-111111111111", "resource_group": "RG-one",'
        ' "machine": [{"name": "kept"}]}'
    )
    with World.open(tmp_path / "machines.json", world.now) as renamed:
        assert renamed.simulator.machine("kept").vm_id == before
    assert state.exists()


def test_an_inventory_cannot_have_the_name_of_a_state(tmp_path: Path) -> None:
    """It would be overwritten."""
    (tmp_path / "machines.sqlite3").write_text("")

    assert "an inventory cannot have the name of a state file" in refusal(tmp_path / "machines.sqlite3")
    assert (tmp_path / "machines.sqlite3").read_text() == ""


HAMMER = f"""
import sys
from pulumi_azure_reimage.simulator import Request, Simulator
with Simulator.open(sys.argv[1]) as simulator:
    url = "{BASE}" + simulator.machine("kept").id + "/reimage?{API_VERSION}"
    while True:
        simulator.handle(Request("POST", url, {TOKEN!r}))
        print("answered", flush=True)
"""


def test_a_process_that_is_killed_leaves_all_that_it_answered(
    world: World, state: Path, tmp_path: Path
) -> None:
    """The request in progress is there completely or not at all."""
    world.simulator.close()
    command = [sys.executable, "-c", HAMMER, str(tmp_path / "machines.toml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own.
        assert process.stdout is not None
        answered = [process.stdout.readline() for _ in range(20)]
        process.send_signal(signal.SIGKILL)
        answered += process.stdout.readlines()

    with World.open(tmp_path / "machines.toml", world.now) as again:
        logged = len(again.simulator.reimage_requests())
    assert logged - 1 - answered.count("answered\n") in {0, 1}
    with closing(sqlite3.connect(state)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
