"""The state of the simulated world: one SQLite file, shared by threads and processes.

Rule 1: everything happens in one immediate transaction, so two requests never see half of each other.
Rule 2: records are JSON documents; columns exist only where something is looked up by them.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .disk import Disk
from .errors import SimulatorError
from .machine import Machine
from .operation import Operation
from .request_log import LoggedRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_VERSION = 1
_SCHEMA = """
CREATE TABLE machines (key TEXT PRIMARY KEY, name TEXT, document TEXT) WITHOUT ROWID;
CREATE INDEX machines_by_name ON machines (name);
CREATE TABLE disks (key TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID;
CREATE TABLE operations (
  id TEXT PRIMARY KEY, machine_key TEXT, due INTEGER, document TEXT
) WITHOUT ROWID;
CREATE INDEX operations_by_due ON operations (due) WHERE due IS NOT NULL;
CREATE INDEX operations_by_machine ON operations (machine_key) WHERE due IS NOT NULL;
CREATE TABLE settings (key TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID;
CREATE TABLE requests (
  number INTEGER PRIMARY KEY, time INTEGER, method TEXT, path TEXT, api_version TEXT, name TEXT, body TEXT,
  status INTEGER, client_request_id TEXT, correlation_id TEXT, has_authorization INTEGER
)
"""
_CLEAR = (
    "DELETE FROM machines",
    "DELETE FROM disks",
    "DELETE FROM operations",
    "DELETE FROM settings",
    "DELETE FROM requests",
)
_BUSY_SECONDS = 30.0


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _logged_request(row: dict[str, Any]) -> LoggedRequest:
    time = datetime.fromtimestamp(row["time"] / 1_000_000, UTC)
    authorized = bool(row["has_authorization"])
    del row["number"]
    return LoggedRequest(**{**row, "time": time, "has_authorization": authorized})


class Records:
    """The records inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read and write over `connection`, inside the transaction that is open."""
        self._connection = connection

    def machine(self, key: str) -> Machine | None:
        """Find a machine by its lower-case resource id; a removed one is returned too."""
        document = self._document("SELECT document FROM machines WHERE key = ?", key)
        return None if document is None else Machine.from_document(document)

    def machines(self) -> list[Machine]:
        """Return every machine, removed ones too, in the order of their ids."""
        rows = self._connection.execute("SELECT document FROM machines ORDER BY key")
        return [Machine.from_document(json.loads(row[0])) for row in rows]

    def machines_named(self, name: str) -> list[Machine]:
        """Return every machine of that name, whatever its letter case."""
        rows = self._connection.execute("SELECT document FROM machines WHERE name = ?", (name.lower(),))
        return [Machine.from_document(json.loads(row[0])) for row in rows]

    def put_machine(self, machine: Machine) -> None:
        """Write a machine."""
        self._connection.execute(
            "REPLACE INTO machines VALUES (?, ?, ?)",
            (machine.key, machine.name.lower(), json.dumps(machine.to_document())),
        )

    def forget_machine(self, key: str) -> None:
        """Drop a machine as if it had never been."""
        self._connection.execute("DELETE FROM machines WHERE key = ?", (key,))

    def disk(self, disk_id: str) -> Disk | None:
        """Find a disk by its resource id."""
        document = self._document("SELECT document FROM disks WHERE key = ?", disk_id.lower())
        return None if document is None else Disk.from_document(document)

    def disks(self) -> list[Disk]:
        """Return every disk in the order of their ids."""
        rows = self._connection.execute("SELECT document FROM disks ORDER BY key")
        return [Disk.from_document(json.loads(row[0])) for row in rows]

    def put_disk(self, disk: Disk) -> None:
        """Write a disk."""
        self._connection.execute(
            "REPLACE INTO disks VALUES (?, ?)", (disk.id.lower(), json.dumps(disk.to_document()))
        )

    def delete_disk(self, disk_id: str) -> None:
        """Delete a disk."""
        self._connection.execute("DELETE FROM disks WHERE key = ?", (disk_id.lower(),))

    def operation(self, operation_id: str) -> Operation | None:
        """Find an operation by its id."""
        document = self._document("SELECT document FROM operations WHERE id = ?", operation_id)
        return None if document is None else Operation.from_document(document)

    def unsettled_operation(self, machine_key: str) -> Operation | None:
        """Return the operation of a machine whose end was not applied yet."""
        document = self._document(
            "SELECT document FROM operations WHERE machine_key = ? AND due IS NOT NULL", machine_key
        )
        return None if document is None else Operation.from_document(document)

    def due_operations(self, now: datetime) -> list[Operation]:
        """Return the operations that have ended by `now` and whose end was not applied yet."""
        rows = self._connection.execute(
            "SELECT document FROM operations WHERE due <= ? ORDER BY due", (_microseconds(now),)
        )
        return [Operation.from_document(json.loads(row[0])) for row in rows]

    def put_operation(self, operation: Operation) -> None:
        """Write an operation."""
        due = None if operation.settled else _microseconds(operation.ends_at)
        self._connection.execute(
            "REPLACE INTO operations VALUES (?, ?, ?, ?)",
            (operation.id, operation.machine_key, due, json.dumps(operation.to_document())),
        )

    def setting(self, key: str) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
        """Return a setting, or None."""
        return self._document("SELECT document FROM settings WHERE key = ?", key)

    def put_setting(self, key: str, value: object) -> None:
        """Write a setting; None removes it."""
        if value is None:
            self._connection.execute("DELETE FROM settings WHERE key = ?", (key,))
        else:
            self._connection.execute("REPLACE INTO settings VALUES (?, ?)", (key, json.dumps(value)))

    def append_request(self, request: LoggedRequest) -> None:
        """Append to the request log."""
        self._connection.execute(
            "INSERT INTO requests VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                _microseconds(request.time),
                request.method,
                request.path,
                request.api_version,
                request.name,
                request.body,
                request.status,
                request.client_request_id,
                request.correlation_id,
                request.has_authorization,
            ),
        )

    def requests(self) -> list[LoggedRequest]:
        """Return the request log, oldest first."""
        rows = self._connection.execute("SELECT * FROM requests ORDER BY number")
        names = [column[0] for column in rows.description]
        return [_logged_request(dict(zip(names, row, strict=True))) for row in rows]

    def clear(self) -> None:
        """Delete every record."""
        for statement in _CLEAR:
            self._connection.execute(statement)

    def _document(self, query: str, value: str) -> Any:  # noqa: ANN401 - as `setting`.
        row = self._connection.execute(query, (value,)).fetchone()
        return None if row is None else json.loads(row[0])


class State:
    """The state file."""

    def __init__(self, path: Path) -> None:
        """Open the file, and make it when it is not there.

        Raises:
            SimulatorError: The file is not the state of this version of the simulator.
        """
        self._path = path
        self._lock = threading.Lock()
        # The file holds the bodies that were sent, passwords of tests included.
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        with self._translated():
            # No write-ahead log: switching it on fails with "database is locked" when several processes
            # open the file at once, and it leaves two more files. Losing a power cut is no harm here.
            self._connection.execute("PRAGMA synchronous = OFF")
            with self.transaction():
                self._prepare()

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
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            for statement in _SCHEMA.split(";"):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {_VERSION}")
        elif version != _VERSION:
            raise SimulatorError(
                f"{self._path}: this is the state of another version of the simulator; "
                "delete the file to begin anew"
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise SimulatorError(f"{self._path}: the state file cannot be used: {error}") from error
