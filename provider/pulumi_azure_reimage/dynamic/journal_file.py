"""The journal that `azure-reimage:journal` names: a file to which each entry is appended as a line of JSON.

Rule 1: a line is one write to a file that is opened to append, so the lines of several threads and processes
never mix. POSIX promises that for a file on a local disk, and NFS does not (open(2), O_APPEND).
Rule 2: `check` refuses a file that cannot be written to, before anything is sent. Later, a failure is only a
warning and never affects a reimage, because a request that was sent cannot be taken back.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ..auth.settings import JOURNAL
from ..errors import ConfigurationError
from ..redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..reimage.journal import Entry

_SHOWN_PATH = 200


def check_journal(file: str) -> None:
    """Refuse a file that could not be written to. Nothing is written or created.

    Raises:
        ConfigurationError: the file cannot be used. The sentence names the setting and the file.
    """
    try:
        reason = "must not hold a null character" if "\0" in file else _unusable(Path(file))
    except OSError as error:
        reason = f"cannot be written to: {error.strerror}"
    if reason is not None:
        raise ConfigurationError(
            f"{JOURNAL} names the file {redact(file, limit=_SHOWN_PATH)}, which {reason}. A relative name "
            f"starts in the program's folder. Nothing was sent."
        )


class JournalFile:
    """A file that all threads of this process append to. Other processes may append to it too.

    It is opened for each line, so that it may be moved away while a long update runs.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._lock = Lock()
        self._has_failed = False
        self._is_cut = False

    def append(self, members: Mapping[str, object], warn: Callable[[str], None]) -> None:
        """Append a line. The first failure is a warning, and later ones are silent."""
        # ASCII only, so that every reader sees one line.
        line = json.dumps(members).encode() + b"\n"
        try:
            self._write(line)
        except OSError as error:
            self._report(error, warn)

    def _write(self, line: bytes) -> None:
        path = Path(self._file)
        # Opening a pipe would wait for its reader.
        if path.exists() and not path.is_file():
            raise OSError(None, "it is not a regular file")
        # A line that was truncated, because the disk was full, must not corrupt the next one.
        data = b"\n" + line if self._is_cut else line
        with path.open("ab", buffering=0) as file:
            self._is_cut = file.write(data) != len(data)
        if self._is_cut:
            raise OSError(None, "the disk is full")

    def _report(self, error: OSError, warn: Callable[[str], None]) -> None:
        with self._lock:
            first, self._has_failed = not self._has_failed, True
        if first:
            warn(
                f"The journal {redact(self._file, limit=_SHOWN_PATH)} ({JOURNAL}) could not be written to: "
                f"{error.strerror}. Lines are missing from it. No reimage is affected."
            )


@dataclass(slots=True)
class Journals:
    """The journals of this process, one for each file, so that each of them warns once."""

    _files: dict[str, JournalFile] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def at(self, file: str) -> JournalFile:
        """Return the journal in a file."""
        with self._lock:
            return self._files.setdefault(file, JournalFile(file))


@dataclass(frozen=True, slots=True)
class ComponentJournal:
    """The journal as it is written for one component.

    Attributes:
        file: Where the lines go.
        warn: Reports a failure.
        urn: The URN of the component; empty if it is not known.
        request_id: The decision that the resource was given; None for the resource that decides.
        secrets: Returns what no line may show.
    """

    file: JournalFile
    warn: Callable[[str], None]
    urn: str
    request_id: str | None
    secrets: Callable[[], Iterable[str]]

    def __call__(self, entry: Entry) -> None:
        """Append an entry. It never fails, and never waits for more than the disk."""
        members = entry.to_json(tuple(self.secrets()), self.request_id)
        self.file.append({**members, **_names(self.urn)}, self.warn)


def _unusable(path: Path) -> str | None:
    """Return why a file cannot be appended to, as the end of a sentence; None if it can."""
    if path.exists():
        if not path.is_file():
            return "is not a regular file"
        # Opening it to append changes nothing, and finds problems that no other check does.
        path.open("ab").close()
        return None
    if path.is_symlink():
        return "is a link to a file that does not exist"
    if not path.parent.is_dir():
        return "is in a folder that does not exist"
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return "is in a folder in which no file can be created"
    return None


def _names(urn: str) -> dict[str, str]:
    """Return the parts of a URN: `urn:pulumi:stack::project::types::name`."""
    if not urn:
        return {}
    head, _, rest = urn.partition("::")
    return {"urn": urn, "project": rest.partition("::")[0], "stack": head.removeprefix("urn:pulumi:")}
