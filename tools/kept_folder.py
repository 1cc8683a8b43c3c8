"""A folder that is made once and kept in the user's cache folder, complete or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_DIGITS = 12


def digest_of(files: Iterable[Path]) -> str:
    """Return a digest of names and contents, for the name of what is made from these files."""
    parts = [part for file in files for part in (file.name.encode(), file.read_bytes())]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:_DIGITS]


def kept_folder(cache: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """Return the folder `name` of `cache`; when it is not there, `fill` is called with an empty folder.

    Other processes that need the same folder wait for it. An error of `fill` leaves nothing behind.
    """
    folder = cache / name
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache / f".{name}.lock"):
            if not folder.exists():  # Another process may have made it while this one waited.
                _make(folder, fill)
    return folder


def _make(folder: Path, fill: Callable[[Path], None]) -> None:
    prefix = f".filling-{folder.name}-"
    for left_over in folder.parent.glob(f"{prefix}*"):  # Of a process that was killed.
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=prefix) as parent:
        filling = Path(parent) / folder.name
        filling.mkdir()
        fill(filling)
        filling.rename(folder)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one process at a time into the block; the lock ends with the process, however that ends."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
