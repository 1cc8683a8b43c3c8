"""The state of the simulated world: one SQLite file, shared by threads and processes.

Rule 1: each request is one immediate transaction, so no request sees another one half done.
Rule 2: records are JSON documents. Columns exist only for look-ups.
Rule 3: operations, whose ids are random, are stored in the order in which they began, so a write touches few
pages of the file.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import SimulatorError
from .records import DamagedRecordError, Records
from .state_file import check_version, explain, identity_of, open_file, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_VERSION = 3
_SCHEMA = """
CREATE TABLE machines (key TEXT PRIMARY KEY, name TEXT, document TEXT) WITHOUT ROWID;
CREATE INDEX machines_by_name ON machines (name);
CREATE TABLE disks (key TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID;
CREATE TABLE resources (key TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID;
CREATE TABLE operations (
  id TEXT PRIMARY KEY, machine_key TEXT, due INTEGER, document TEXT
);
CREATE INDEX operations_by_due ON operations (due) WHERE due IS NOT NULL;
CREATE INDEX operations_by_machine ON operations (machine_key) WHERE due IS NOT NULL;
CREATE TABLE views (number INTEGER PRIMARY KEY, key TEXT, until INTEGER, document TEXT);
CREATE INDEX views_by_machine ON views (key, number);
CREATE TABLE deliveries (number INTEGER PRIMARY KEY, due INTEGER, request TEXT);
CREATE INDEX deliveries_by_due ON deliveries (due);
CREATE TABLE writes (number INTEGER PRIMARY KEY, time INTEGER, document TEXT);
CREATE TABLE settings (key TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID;
CREATE TABLE buckets (
  key TEXT PRIMARY KEY, tokens REAL, filled_at INTEGER
) WITHOUT ROWID;
CREATE TABLE script (
  number INTEGER PRIMARY KEY, line TEXT, seen INTEGER, from_inventory INTEGER
);
CREATE TABLE requests (
  number INTEGER PRIMARY KEY, time INTEGER, method TEXT, path TEXT, api_version TEXT, name TEXT,
  body TEXT,  status INTEGER, client_request_id TEXT, correlation_id TEXT, has_authorization INTEGER,
  note TEXT
)
"""
_PATIENCE_SECONDS = 30.0


class State:
    """The state file."""

    def __init__(self, path: Path | None, patience: float = _PATIENCE_SECONDS) -> None:
        """Open the file, and create it if it does not exist; None keeps the state in memory.

        Args:
            path: The file.
            patience: How many seconds to wait for other processes that lock it.

        Raises:
            SimulatorError: The file is not the state of this version of the simulator, or cannot be used.
        """
        self._path = path
        self._lock = threading.Lock()
        self._is_closed = False
        with self._explained():
            self._connection = _open(path, patience)
        # A provider's process never closes its connection. Python 3.13 warns about connections that are not
        # closed.
        weakref.finalize(self, self._connection.close)
        self._identity = None if path is None else identity_of(path)
        try:
            with self.transaction():
                check_version(path, self._connection, _VERSION)
        except BaseException:
            self._connection.close()
            raise

    @property
    def is_in_memory(self) -> bool:
        """Whether the state is lost with this object."""
        return self._path is None

    @contextmanager
    def transaction(self) -> Iterator[Records]:
        """Lock the file. Everything that the block writes is kept together, or dropped if it raises.

        Raises:
            SimulatorError: The file cannot be used. What the block wrote is dropped.
        """
        with self._lock, self._explained():
            self._check_file()
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Records(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite ends it automatically if the disk is full.
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._is_closed = True
            self._connection.close()

    def _check_file(self) -> None:
        """Check that the file is still the opened one, because a replacement must not get its writes."""
        if self._is_closed:
            raise SimulatorError("the simulator is closed")
        if self._path is not None and identity_of(self._path) != self._identity:
            raise unusable(self._path, "another file was put in its place while it was in use")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DamagedRecordError as error:
            raise unusable(self._path, f"it is damaged, or another version wrote it ({error})") from error
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.InternalError | sqlite3.ProgrammingError):
                raise  # Internal errors of the simulator.
            raise explain(self._path, error) from error


def _open(path: Path | None, patience: float) -> sqlite3.Connection:
    if path is None:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        _fill(connection)
    else:
        connection = open_file(path, _fill, patience)
    # No write-ahead log: switching it on fails with "database is locked" if several processes open the file
    # at once, and it leaves two more files. Data loss in a power cut does no harm here.
    try:
        connection.execute("PRAGMA synchronous = OFF")
    except BaseException:  # The file may not be a database.
        connection.close()
        raise
    return connection


def _fill(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {_VERSION}")
