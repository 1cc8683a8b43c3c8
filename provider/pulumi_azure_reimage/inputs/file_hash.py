"""The hash of files, as a trigger that changes when their content or their names change."""

from __future__ import annotations

import glob
import hashlib
import os
import stat
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ..errors import InvalidInputError
from ..redact import redact
from .triggers import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 20
_SHOWN = 200


def hash_files(*patterns: str | os.PathLike[str], base: str | os.PathLike[str] | None = None) -> str:
    r"""Hash files, as a trigger that changes when their content or their names change.

    The hash is the same on every machine. It does not depend on the order of the patterns, on times and
    permissions, on where the files lie (a name counts from the deepest folder that holds all matched files),
    or on the line endings that Git writes on Windows (`\r\n` counts as `\n`). A file that several patterns
    match counts once.

    `*` matches within one folder and `**` any number of folders; neither matches names that begin with a dot.
    A folder that is matched stands for all files in it, at any depth, except such names.

    Args:
        *patterns: Names or glob patterns, such as `cloud-init/*.yaml`.
        base: Where relative patterns start; by default the current folder, under Pulumi that of the program.

    Returns:
        `sha256:` and 64 hexadecimal digits.

    Raises:
        InvalidInputError: A pattern matches no file, or a file cannot be read.

    Example:
        ```python
        VirtualMachineReimage(
            "web",
            vm_id=vm.id,
            triggers={"cloud-init": hash_files("cloud-init/**/*.yaml", "cloud-init/scripts")},
        )
        ```
    """
    if not patterns:
        raise InvalidInputError("triggers", "hash_files needs at least one file name or pattern.")
    folder = Path(base or ".").absolute()
    files = sorted({file for pattern in patterns for file in _matches(folder, os.fspath(pattern))})
    top = Path(os.path.commonpath([file.parent for file in files]))
    entries = [
        # macOS may store a name decomposed that Linux stores composed.
        [unicodedata.normalize("NFC", file.relative_to(top).as_posix()), _hash_file(file)]
        for file in files
    ]
    return f"sha256:{hashlib.sha256(canonical(sorted(entries)).encode()).hexdigest()}"


def _matches(folder: Path, pattern: str) -> Iterator[Path]:
    found = False
    # `Path.glob` refuses absolute patterns and matches hidden files.
    for name in glob.glob(pattern, root_dir=folder, recursive=True):  # noqa: PTH207 - See above.
        match = folder / name
        inside = glob.glob("**", root_dir=match, recursive=True) if match.is_dir() else [""]  # noqa: PTH207 - See above.
        for path in (match / rest for rest in inside):
            if not path.is_dir():
                found = True
                yield Path(os.path.normpath(path))
    if not found:
        raise InvalidInputError("triggers", f"hash_files({redact(pattern, limit=_SHOWN)!r}) matches no file.")


def _hash_file(file: Path) -> str:
    try:
        # A pipe would be waited for without an end.
        if stat.S_ISREG(file.stat().st_mode):
            with file.open("rb") as stream:
                return _hash_content(stream)
        reason: str | None = "it is not a regular file"
    except OSError as error:
        reason = error.strerror
    shown = redact(str(file), limit=_SHOWN)
    raise InvalidInputError("triggers", f"hash_files cannot read {shown!r}: {reason}.")


def _hash_content(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    held = b""
    while chunk := stream.read(_CHUNK):
        # A pair may be cut in two: its first half waits for the next chunk.
        content = (held + chunk).replace(b"\r\n", b"\n")
        held = b"\r" if content.endswith(b"\r") else b""
        digest.update(content.removesuffix(held))
    digest.update(held)
    return digest.hexdigest()
