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
    from collections.abc import Callable, Iterable, Iterator, Mapping

_DIGITS = 12


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder that keeps what was built, outside the clone so that the next clone finds it too."""
    # The XDG specification says that a relative path in the variable is ignored.
    chosen = Path(environment.get("XDG_CACHE_HOME", ""))
    return (chosen if chosen.is_absolute() else Path.home() / ".cache") / "pulumi-azure-reimage"


def digest_of(files: Iterable[Path]) -> str:
    """Return a digest of names and contents, for the name of what is made from these files."""
    parts = [part for file in files for part in (file.name.encode(), file.read_bytes())]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:_DIGITS]


def kept_folder(
    cache: Path,
    name: str,
    fill: Callable[[Path], None],
    *,
    holds: str = "",
    waits: Callable[[], None] = lambda: None,
) -> Path:
    """Return the folder `name` of `cache`; if it does not exist, `fill` is called with an empty folder.

    Other processes that need the same folder wait for it. An error of `fill` leaves nothing behind.

    Args:
        cache: Where it is kept.
        name: What it is called there.
        fill: Fills it.
        holds: A file without which the folder counts as missing.
        waits: Called if another process is filling it.
    """
    folder = cache / name
    if not (folder / holds).exists():
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache / f".{name}.lock", waits):
            if not (folder / holds).exists():  # Another process may have made it while this one waited.
                _make(folder, fill)
    return folder


def _make(folder: Path, fill: Callable[[Path], None]) -> None:
    prefix = f".filling-{folder.name}-"
    for left_over in folder.parent.glob(f"{prefix}*"):  # Left by a process that was killed.
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=prefix) as parent:
        filling = Path(parent) / folder.name
        filling.mkdir()
        fill(filling)
        shutil.rmtree(folder, ignore_errors=True)  # A folder that lacks the file that it must hold.
        filling.rename(folder)


@contextmanager
def _alone(lock: Path, waits: Callable[[], None]) -> Iterator[None]:
    """Allow one process at a time into the block. The lock ends with the process in any case."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waits()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
