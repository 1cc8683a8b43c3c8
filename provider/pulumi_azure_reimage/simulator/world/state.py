"""The state of the simulated world: one SQLite file, shared by threads and processes.

Rule 1: everything happens in one immediate transaction, so two requests never see half of each other.
Rule 2: records are JSON documents; columns exist only where something is looked up by them.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import SimulatorError
from .records import Records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_VERSION = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS machines (key TEXT PRIMARY KEY, name TEXT, document TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS machines_by_name ON machines (name);
CREATE TABLE IF NOT EXISTS disks (key TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS operations (
  id TEXT PRIMARY KEY, machine_key TEXT, due INTEGER, document TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS operations_by_due ON operations (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS operations_by_machine ON operations (machine_key) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS buckets (
  key TEXT PRIMARY KEY, tokens REAL, filled_at INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS script (
  number INTEGER PRIMARY KEY, line TEXT, seen INTEGER, from_inventory INTEGER
);
CREATE TABLE IF NOT EXISTS requests (
  number INTEGER PRIMARY KEY, time INTEGER, method TEXT, path TEXT, api_version TEXT, name TEXT,
  body TEXT,  status INTEGER, client_request_id TEXT, correlation_id TEXT, has_authorization INTEGER,
  note TEXT
)
"""
_BUSY_SECONDS = 30.0


class State:
    """The state file."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, and make it when it is not there; None keeps the state in memory.

        Raises:
            SimulatorError: The file is not the state of this version of the simulator.
        """
        self._path = path
        self._lock = threading.Lock()
        # The file holds the bodies that were sent, passwords of tests included.
        if path is not None:
            path.touch(mode=0o600)
        self._connection = sqlite3.connect(
            path or ":memory:", timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        with self._translated():
            # No write-ahead log: switching it on fails with "database is locked" when several processes
            # open the file at once, and it leaves two more files. Losing a power cut is no harm here.
            self._connection.execute("PRAGMA synchronous = OFF")
            with self.transaction():
                self._prepare()

    @property
    def is_in_memory(self) -> bool:
        """Whether the state ends with this object."""
        return self._path is None

    @contextmanager
    def transaction(self) -> Iterator[Records]:
        """Hold the file alone: all that the block writes is kept together, or dropped when it raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Records(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, _VERSION}:
            raise SimulatorError(
                f"{self._path}: this is the state of another version of the simulator; "
                "delete the file to start again"
            )
        for statement in _SCHEMA.split(";"):
            self._connection.execute(statement)
        if version == 0:
            self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise SimulatorError(f"{self._path}: the state file cannot be used: {error}") from error
