"""The state file is shared by processes and threads, kept between runs, and never half written."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from pulumi_azure_reimage.simulator import Request, Simulator, SimulatorError

from ..client import API_VERSION, BASE, TOKEN, World, status_url

if TYPE_CHECKING:
    from pathlib import Path

INVENTORY = """
operation_seconds = 1000
[[machine]]
name = "one"
[[machine]]
name = "two"
"""
PROCESSES = 8
ROUNDS = 25


def hammer(path: Path) -> int:
    """Reimage both machines again and again, and return how many reimages were accepted."""
    with Simulator.open(path) as simulator:
        accepted = 0
        for name in ("one", "two") * ROUNDS:
            url = f"{BASE}{simulator.machine(name).id}/reimage?{API_VERSION}"
            if simulator.handle(Request("POST", url, TOKEN)).status == 202:
                accepted += 1
                simulator.finish(name)
        return accepted


def assert_nothing_was_lost(path: Path, accepted: int) -> None:
    """Check that every request is in the log, and that every accepted reimage left a disk behind."""
    with Simulator.open(path) as simulator:
        posts = simulator.reimage_requests()
        kept = [disk for disk in simulator.disks() if disk.managed_by is None]
        etags = [simulator.machine(name).etag for name in ("one", "two")]
    assert len(posts) == PROCESSES * ROUNDS * 2
    assert len([post for post in posts if post.status == 202]) == accepted
    assert len(kept) == accepted
    assert sum(etags) == 2 * 2 + 2 * accepted


def test_processes_that_hammer_one_file_lose_nothing(tmp_path: Path) -> None:
    """Eight of them open it at the same time."""
    path = tmp_path / "machines.toml"
    path.write_text(INVENTORY)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        accepted = sum(pool.map(hammer, [path] * PROCESSES))

    assert_nothing_was_lost(path, accepted)


def test_threads_that_hammer_one_file_lose_nothing(tmp_path: Path) -> None:
    """Each has its own simulator."""
    path = tmp_path / "machines.toml"
    path.write_text(INVENTORY)
    with ThreadPoolExecutor(PROCESSES) as pool:
        accepted = sum(pool.map(hammer, [path] * PROCESSES))

    assert_nothing_was_lost(path, accepted)


def test_an_operation_outlives_its_process(world: World, tmp_path: Path) -> None:
    """Its URL is still trusted, and it still ends."""
    accepted = world.reimage("kept")
    world.simulator.close()
    world.now.advance(75)

    with World.open(tmp_path / "machines.toml", world.now) as again:
        assert again.get(status_url(accepted)).json()["status"] == "Succeeded"
        assert again.vm("kept")["etag"] == '"4"'
        assert again.simulator.reimage_requests("kept")[0].status == 202


NEW_KEYS = {
    "machines": ("lock_scope", "failed", "data_disks"),
    "settings": ("lock_scope", "failed", "data_disks"),
    "operations": ("power", "leaves_failed"),
}


def test_what_an_older_version_wrote_is_read(world: World, tmp_path: Path) -> None:
    """Its documents lack newer keys, but an edit of such a key is still followed."""
    accepted = world.reimage("kept")
    world.simulator.close()
    with closing(sqlite3.connect(tmp_path / "machines.sqlite3")) as connection, connection:
        dropped = [_drop(connection, table, keys) for table, keys in NEW_KEYS.items()]
    world.now.advance(75)
    path = tmp_path / "machines.toml"
    path.write_text(path.read_text().replace('name = "kept"', 'name = "kept"\ndata_disks = 1'))

    assert dropped == [3 * 3, 3 * 3, 2]
    with World.open(path, world.now) as again:
        machine = again.simulator.machine("kept")
        assert again.get(status_url(accepted)).json()["status"] == "Succeeded"
        assert (machine.provisioning_state, machine.spec.power) == ("Succeeded", "running")
        assert (machine.spec.lock_scope, machine.spec.failed) == ("machine", False)
        assert [other.spec.data_disks for other in again.simulator.machines()] == [0, 1, 0]


def _drop(connection: sqlite3.Connection, table: str, keys: tuple[str, ...]) -> int:
    """Drop keys from the documents of a table, and return how many there were."""
    count = 0
    for (text,) in connection.execute(f"SELECT document FROM {table}").fetchall():  # noqa: S608 - ours
        document = json.loads(text)
        inner = document.get("spec", document) if isinstance(document, dict) else {}
        found = [key for key in keys if inner.pop(key, None) is not None]
        count += len(found)
        connection.execute(
            f"UPDATE {table} SET document = ? WHERE document = ?",  # noqa: S608 - ours
            (json.dumps(document), text),
        )
    return count


def test_one_file_beside_the_inventory_holds_the_state(world: World, tmp_path: Path) -> None:
    """Other users cannot read it, because it holds the bodies that were sent."""
    world.reimage("kept")

    assert {path.name for path in tmp_path.iterdir()} == {"machines.toml", "machines.sqlite3"}
    assert (tmp_path / "machines.sqlite3").stat().st_mode & 0o077 == 0


def test_a_state_file_of_another_version_is_refused(tmp_path: Path) -> None:
    """The message says what to do."""
    (tmp_path / "machines.toml").write_text("")
    connection = sqlite3.connect(tmp_path / "machines.sqlite3")
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(SimulatorError, match="delete the file to start again"):
        Simulator.open(tmp_path / "machines.toml")


def test_a_file_that_is_not_a_state_is_refused(tmp_path: Path) -> None:
    """The file is left as it is."""
    (tmp_path / "machines.toml").write_text("")
    (tmp_path / "machines.sqlite3").write_text("not a database, but long enough to be mistaken for one" * 40)

    with pytest.raises(SimulatorError, match="the state file cannot be used"):
        Simulator.open(tmp_path / "machines.toml")

    assert (tmp_path / "machines.sqlite3").read_text().startswith("not a database")
