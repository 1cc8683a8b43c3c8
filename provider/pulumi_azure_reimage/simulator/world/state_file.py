"""The state file as a file: it is created atomically and recognized again, and each problem is one sentence.

A file that exists is never created again, because it may be all that is left of a user's world.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from secrets import token_hex
from stat import S_ISREG
from typing import TYPE_CHECKING

from ..errors import SimulatorError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_START_AGAIN = "delete the file to start again"
_FOREIGN = "it is not a state of the simulator, so move it away or rename the inventory"
# The tables that the state has had since its first version. Other programs do not have all three.
_OURS = frozenset({"machines", "operations", "buckets"})
_CAUSES = {
    sqlite3.SQLITE_BUSY: "another process has locked it for too long",
    sqlite3.SQLITE_LOCKED: "another process has locked it for too long",
    sqlite3.SQLITE_READONLY: "it or its folder cannot be written",
    sqlite3.SQLITE_PERM: "it cannot be opened",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_IOERR: "it cannot be read or written",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_CORRUPT: f"it is damaged, so {_START_AGAIN}",
    sqlite3.SQLITE_NOTADB: _FOREIGN,
}
_PRIMARY = 0xFF  # The low byte of an SQLite error code is its kind.


def open_file(path: Path, fill: Callable[[sqlite3.Connection], None], patience: float) -> sqlite3.Connection:
    """Open the state file, and create it with `fill` if there is none.

    Raises:
        SimulatorError: It cannot be created, or what is there is not a file.
        sqlite3.Error: It cannot be opened.
    """
    # SQLite would replay the journal of a deleted file into the new one.
    journal = path.with_name(f"{path.name}-journal")
    try:
        # In this order, because another process may create the file now, and a journal after it.
        is_orphaned = journal.exists()
        if not path.exists():
            if is_orphaned:
                raise unusable(path, f"it is gone, but its journal {journal.name} is there: delete that too")
            _make(path, fill)
        identity_of(path)
    except OSError as error:
        raise unusable(path, error.strerror or str(error)) from error
    # `rw` does not create the file again if it is deleted at this moment.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )


def identity_of(path: Path) -> tuple[int, int]:
    """Return what distinguishes this file from one that replaces it.

    Raises:
        SimulatorError: The file is gone, is not a file, or has lost its content.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        raise unusable(path, "it was deleted or moved while it was in use") from None
    if not S_ISREG(found.st_mode):
        raise unusable(path, "it is not a file")
    if found.st_size == 0:
        raise unusable(path, f"it is empty, so {_START_AGAIN}")
    return found.st_dev, found.st_ino


def unusable(path: Path | None, cause: str) -> SimulatorError:
    """Return the error of a state file that cannot be used."""
    return SimulatorError(f"{path}: the state file cannot be used: {cause}")


def explain(path: Path | None, error: sqlite3.Error) -> SimulatorError:
    """Return an error of SQLite as our error, in one sentence."""
    code = getattr(error, "sqlite_errorcode", None)
    cause = None if code is None else _CAUSES.get(code & _PRIMARY)
    return unusable(path, str(error) if cause is None else f"{cause} ({error})")


def check_version(path: Path | None, connection: sqlite3.Connection, wanted: int) -> None:
    """Check that a database is the state of this version of the simulator.

    Raises:
        SimulatorError: It belongs to another program or to another version.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if tables and not tables >= _OURS:
        raise unusable(path, _FOREIGN)
    if version != wanted:
        raise unusable(path, f"another version of the simulator made it, so {_START_AGAIN}")


def _make(path: Path, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Create the file under another name and rename it, unless another process was faster.

    Raises:
        OSError: The folder does not allow it.
        sqlite3.Error: The file cannot be written.
    """
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    # The file holds the request bodies, including the passwords of tests.
    draft.touch(mode=0o600, exist_ok=False)
    try:
        connection = sqlite3.connect(draft, isolation_level=None)
        try:
            fill(connection)
        finally:
            connection.close()
        with suppress(FileExistsError):
            _put(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _put(draft: Path, path: Path) -> None:
    """Give the draft its name, without replacing another file.

    Raises:
        FileExistsError: There already is such a file.
    """
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # A file system without links. Two processes that start at once may collide here.
        draft.rename(path)
