"""The records of the state: machines, disks, operations, settings, buckets, script and requests."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ..http.request_log import LoggedRequest
from .disk import Disk
from .machine import Machine
from .operation import Operation
from .writes import Write

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

T = TypeVar("T")
_TABLES = (
    *("machines", "disks", "resources", "operations", "settings", "buckets", "script", "requests"),
    *("views", "deliveries", "writes"),
)

# How many earlier states of a machine are kept. Several reimages change it this often within a minute.
_VIEWS_OF_A_MACHINE = 16
_DROP_OLD_VIEWS = (
    "DELETE FROM views WHERE key = ? AND number <= "
    "(SELECT number FROM views WHERE key = ? ORDER BY number DESC LIMIT 1 OFFSET ?)"
)


def _under(prefix: str) -> tuple[str, str]:
    """Return the two bounds of the keys with a prefix."""
    return prefix, prefix + chr(0x10FFFF)


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


class DamagedRecordError(Exception):
    """A record is not what this version of the simulator writes."""


def _read(build: Callable[[Any], T], text: str) -> T:
    """Read a record with `build`.

    Raises:
        DamagedRecordError: Its text or its content is not understood.
    """
    try:
        return build(json.loads(text))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise DamagedRecordError(f"{type(error).__name__}: {error}") from error


def _as_it_is(document: Any) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
    return document


def _storable(value: object) -> object:
    """Replace what UTF-8 cannot encode, because a caller in process can send half of a surrogate pair."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode(errors="replace").decode()


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """A line of the script, and how many matches it has seen."""

    number: int
    line: str
    seen: int
    from_inventory: bool


def _logged_request(row: dict[str, Any]) -> LoggedRequest:
    time = _moment(row["time"])
    authorized = bool(row["has_authorization"])
    del row["number"]
    return LoggedRequest(**{**row, "time": time, "has_authorization": authorized})


class Records:
    """The records inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read and write over `connection`, inside the transaction that is open."""
        self._connection = connection
        self._time: datetime | None = None
        # What a transaction has read or written does not change, because nothing else writes meanwhile.
        self._machines: dict[str, Machine | None] = {}
        self._operations: dict[str, Operation | None] = {}
        self._settings: dict[str, Any] = {}
        self._script: list[ScriptLine] | None = None

    def set_time(self, now: datetime) -> None:
        """Set the time of later writes. Until then, replaced records are not kept."""
        self._time = now

    def machine(self, key: str) -> Machine | None:
        """Find a machine by its lower-case resource id. A removed one is also returned."""
        if key not in self._machines:
            query = "SELECT document FROM machines WHERE key = ?"
            self._machines[key] = self._one(Machine.from_document, query, key)
        return self._machines[key]

    def machine_as_of(self, key: str, moment: datetime) -> Machine | None:
        """Return a machine as it was then, or as far back as is known."""
        query = "SELECT document FROM views WHERE key = ? AND until > ? ORDER BY number LIMIT 1"
        earlier = self._one(Machine.from_document, query, key, _microseconds(moment))
        return earlier or self.machine(key)

    def machines(self) -> list[Machine]:
        """Return every machine, including removed ones, in the order of their ids."""
        return self._all(Machine.from_document, "SELECT document FROM machines ORDER BY key")

    def machines_named(self, name: str) -> list[Machine]:
        """Return every machine with that name, ignoring case."""
        query = "SELECT document FROM machines WHERE name = ?"
        return self._all(Machine.from_document, query, name.lower())

    def put_machine(self, machine: Machine) -> None:
        """Write a machine, and keep its previous state, because answers can be stale."""
        key = machine.key
        self._machines[key] = machine
        if self._time is not None:
            self._connection.execute(
                "INSERT INTO views SELECT NULL, key, ?, document FROM machines WHERE key = ?",
                (_microseconds(self._time), key),
            )
            self._connection.execute(_DROP_OLD_VIEWS, (key, key, _VIEWS_OF_A_MACHINE))
        self._connection.execute(
            "INSERT INTO machines VALUES (?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET document = excluded.document",
            (key, machine.name.lower(), json.dumps(machine.to_document())),
        )

    def forget_machine(self, key: str) -> None:
        """Drop a machine as if it had never existed."""
        self._machines.pop(key, None)
        self._connection.execute("DELETE FROM machines WHERE key = ?", (key,))

    def disk(self, disk_id: str) -> Disk | None:
        """Find a disk by its resource id."""
        return self._one(Disk.from_document, "SELECT document FROM disks WHERE key = ?", disk_id.lower())

    def disks(self) -> list[Disk]:
        """Return every disk in the order of their ids."""
        return self._all(Disk.from_document, "SELECT document FROM disks ORDER BY key")

    def put_disk(self, disk: Disk) -> None:
        """Write a disk."""
        self._connection.execute(
            "REPLACE INTO disks VALUES (?, ?)", (disk.id.lower(), json.dumps(disk.to_document()))
        )

    def delete_disk(self, disk_id: str) -> None:
        """Delete a disk."""
        self._connection.execute("DELETE FROM disks WHERE key = ?", (disk_id.lower(),))

    def machines_under(self, prefix: str) -> list[Machine]:
        """Return every machine whose lower-case resource id has this prefix, including removed ones."""
        query = "SELECT document FROM machines WHERE key >= ? AND key < ? ORDER BY key"
        return self._all(Machine.from_document, query, *_under(prefix))

    def disks_under(self, prefix: str) -> list[Disk]:
        """Return every disk whose lower-case resource id has this prefix."""
        query = "SELECT document FROM disks WHERE key >= ? AND key < ? ORDER BY key"
        return self._all(Disk.from_document, query, *_under(prefix))

    def resource(self, resource_id: str) -> Any:  # noqa: ANN401 - as `setting`.
        """Find a stored resource, which is its ARM document, by its resource id."""
        return self._one(_as_it_is, "SELECT document FROM resources WHERE key = ?", resource_id.lower())

    def resources_under(self, prefix: str) -> list[Any]:
        """Return every stored resource whose lower-case resource id has this prefix."""
        query = "SELECT document FROM resources WHERE key >= ? AND key < ? ORDER BY key"
        return self._all(_as_it_is, query, *_under(prefix))

    def put_resource(self, resource_id: str, document: Mapping[str, Any]) -> None:
        """Write a stored resource."""
        self._connection.execute(
            "REPLACE INTO resources VALUES (?, ?)", (_storable(resource_id.lower()), json.dumps(document))
        )

    def delete_resource(self, resource_id: str) -> None:
        """Delete a stored resource."""
        self._connection.execute("DELETE FROM resources WHERE key = ?", (_storable(resource_id.lower()),))

    def operation(self, operation_id: str) -> Operation | None:
        """Find an operation by its id."""
        if operation_id not in self._operations:
            query = "SELECT document FROM operations WHERE id = ?"
            self._operations[operation_id] = self._one(Operation.from_document, query, operation_id)
        return self._operations[operation_id]

    def unsettled_operation(self, machine_key: str) -> Operation | None:
        """Return the operation of a machine whose end has not been applied yet."""
        return self._one(
            Operation.from_document,
            "SELECT document FROM operations WHERE machine_key = ? AND due IS NOT NULL",
            machine_key,
        )

    def unsettled_operations(self) -> list[Operation]:
        """Return the operations of all machines whose end has not been applied yet."""
        query = "SELECT document FROM operations WHERE due IS NOT NULL"
        return self._all(Operation.from_document, query)

    def due_operations(self, now: datetime) -> list[Operation]:
        """Return the operations that have ended by `now` and whose end has not been applied yet."""
        query = "SELECT document FROM operations WHERE due <= ? ORDER BY due"
        return self._all(Operation.from_document, query, _microseconds(now))

    def put_operation(self, operation: Operation) -> None:
        """Write an operation."""
        self._operations[operation.id] = operation
        due = None if operation.settled else _microseconds(operation.shown_at)
        self._connection.execute(
            "INSERT INTO operations VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET due = excluded.due, document = excluded.document",
            (operation.id, operation.machine_key, due, json.dumps(operation.to_document())),
        )

    def put_delivery(self, due: datetime, request: Mapping[str, Any]) -> None:
        """Keep a request that is carried out at `due`."""
        self._connection.execute(
            "INSERT INTO deliveries VALUES (NULL, ?, ?)", (_microseconds(due), json.dumps(request))
        )

    def take_delivery(self, now: datetime) -> tuple[datetime, dict[str, Any]] | None:
        """Remove and return the first request that is due by `now`, with its due time."""
        query = "SELECT number, due, request FROM deliveries WHERE due <= ? ORDER BY due, number LIMIT 1"
        row = self._connection.execute(query, (_microseconds(now),)).fetchone()
        if row is None:
            return None
        self._connection.execute("DELETE FROM deliveries WHERE number = ?", (row[0],))
        return _moment(row[1]), json.loads(row[2])

    def append_write(self, write: Write) -> None:
        """Keep a write, for as long as the request log keeps its request."""
        self._connection.execute(
            "INSERT INTO writes VALUES (NULL, ?, ?)",
            (_microseconds(write.time), json.dumps(write.to_document())),
        )

    def writes(self, since: datetime) -> list[Write]:
        """Return the writes since a time, in the order of their arrival."""
        query = "SELECT number, document FROM writes WHERE time >= ? ORDER BY number"
        rows = self._connection.execute(query, (_microseconds(since),))
        return [replace(_read(Write.from_document, text), number=number) for number, text in rows]

    def setting(self, key: str) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
        """Return a setting, or None."""
        if key not in self._settings:
            query = "SELECT document FROM settings WHERE key = ?"
            self._settings[key] = self._one(_as_it_is, query, key)
        return self._settings[key]

    def put_setting(self, key: str, value: object) -> None:
        """Write a setting; None removes it."""
        self._settings.pop(key, None)
        if value is None:
            self._connection.execute("DELETE FROM settings WHERE key = ?", (key,))
        else:
            self._connection.execute("REPLACE INTO settings VALUES (?, ?)", (key, json.dumps(value)))

    def bucket(self, key: str) -> tuple[float, datetime] | None:
        """Return the tokens of a throttling bucket, and when they were counted."""
        row = self._connection.execute(
            "SELECT tokens, filled_at FROM buckets WHERE key = ?", (key,)
        ).fetchone()
        return None if row is None else (row[0], _moment(row[1]))

    def put_bucket(self, key: str, tokens: float, now: datetime) -> None:
        """Write the tokens of a throttling bucket."""
        self._connection.execute("REPLACE INTO buckets VALUES (?, ?, ?)", (key, tokens, _microseconds(now)))

    def script(self) -> list[ScriptLine]:
        """Return the pending lines of the script, oldest first."""
        if self._script is None:
            query = "SELECT number, line, seen, from_inventory FROM script ORDER BY number"
            rows = self._connection.execute(query)
            self._script = [ScriptLine(row[0], row[1], row[2], bool(row[3])) for row in rows]
        return self._script

    def add_script_line(self, line: str, *, from_inventory: bool) -> None:
        """Append a line to the script."""
        self._script = None
        self._connection.execute("INSERT INTO script VALUES (NULL, ?, 0, ?)", (line, from_inventory))

    def count_script_line(self, number: int, seen: int) -> None:
        """Note how many matches a line has seen."""
        self._script = None
        self._connection.execute("UPDATE script SET seen = ? WHERE number = ?", (seen, number))

    def delete_script_line(self, number: int) -> None:
        """Drop a line of the script."""
        self._script = None
        self._connection.execute("DELETE FROM script WHERE number = ?", (number,))

    def append_request(self, request: LoggedRequest) -> None:
        """Append to the request log, regardless of what was sent."""
        # `astuple` would copy each value, which took an eighth of the time of a GET.
        _, *names = request.__slots__
        self._connection.execute(
            "INSERT INTO requests VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (_microseconds(request.time), *[_storable(getattr(request, name)) for name in names]),
        )

    def requests(self) -> list[LoggedRequest]:
        """Return the request log, oldest first."""
        return self._requests("SELECT * FROM requests ORDER BY number")

    def newest_requests(self, count: int) -> list[LoggedRequest]:
        """Return the end of the request log, oldest first."""
        newest = self._requests("SELECT * FROM requests ORDER BY number DESC LIMIT ?", count)
        return newest[::-1]

    def _requests(self, query: str, *values: int) -> list[LoggedRequest]:
        rows = self._connection.execute(query, values)
        names = [column[0] for column in rows.description]
        return [_logged_request(dict(zip(names, row, strict=True))) for row in rows]

    def clear(self) -> None:
        """Delete every record."""
        self._machines.clear()
        self._operations.clear()
        self._script = None
        self._settings.clear()
        for table in _TABLES:
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours.

    def _one(self, build: Callable[[Any], T], query: str, *values: object) -> T | None:
        row = self._connection.execute(query, [_storable(value) for value in values]).fetchone()
        return None if row is None else _read(build, row[0])

    def _all(self, build: Callable[[Any], T], query: str, *values: object) -> list[T]:
        rows = self._connection.execute(query, [_storable(value) for value in values])
        return [_read(build, text) for (text,) in rows]
