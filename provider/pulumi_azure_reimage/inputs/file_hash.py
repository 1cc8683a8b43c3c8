"""The hash of files, as a trigger that changes when their content or their names change."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from pathlib import Path
from typing import BinaryIO

from ..errors import InvalidInputError
from ..redact import redact
from .accidents import OUTPUT_IN_TEXT, has_output_in_text
from .file_pattern import find_files
from .given import kind
from .triggers import canonical

_CHUNK = 1 << 20
_SHOWN = 200


def hash_files(*patterns: str | os.PathLike[str], base: str | os.PathLike[str] | None = None) -> str:
    r"""Hash files, as a trigger that changes when their content or their names change.

    The hash is the same on every machine. It does not depend on the order of the patterns, on times and
    permissions, on where the files lie (a name counts from the deepest folder that holds all matched files),
    or on the line endings that Git writes on Windows (`\r\n` counts as `\n`). A file that several patterns
    match counts once.

    A name that exists is that file or folder. Only what does not exist is a pattern, in which `*` matches
    within one folder and `**` any number of folders; neither matches names that begin with a dot.
    A folder that is matched stands for all files in it, at any depth, except such names. Links are followed,
    and a folder to which several links lead is read once.

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
    folder = Path(_name("." if base is None else base) or ".").absolute()
    found = {file for pattern in patterns for file in _matches(folder, _name(pattern))}
    files = sorted(found)
    top = Path(os.path.commonpath([file.parent for file in files]))
    entries = [
        # macOS may store a name decomposed that Linux stores composed.
        [unicodedata.normalize("NFC", file.relative_to(top).as_posix()), _hash_file(file)]
        for file in files
    ]
    return f"sha256:{hashlib.sha256(canonical(sorted(entries)).encode()).hexdigest()}"


def _name(given: object) -> str:
    name = os.fspath(given) if isinstance(given, os.PathLike) else given
    if not isinstance(name, str):
        raise InvalidInputError(
            "triggers",
            f"hash_files was given {kind(name)}, and needs names of files as texts or paths. The name in an "
            f"Output is known in its apply.",
        )
    return name


def _matches(folder: Path, pattern: str) -> set[Path]:
    if has_output_in_text(pattern):
        raise InvalidInputError("triggers", f"hash_files was given a name that {OUTPUT_IN_TEXT}.")
    files = find_files(folder, pattern) if pattern else set()
    if not files:
        raise InvalidInputError(
            "triggers", f"hash_files({redact(repr(pattern), limit=_SHOWN)}) matches no file."
        )
    return files


def _hash_file(file: Path) -> str:
    try:
        # A pipe would be waited for without an end.
        if stat.S_ISREG(file.stat().st_mode):
            with file.open("rb") as stream:
                return _hash_content(stream)
        reason: str | None = "it is not a regular file"
    except OSError as error:
        reason = error.strerror
    raise _unreadable(file, reason)


def _unreadable(path: Path, reason: str | None) -> InvalidInputError:
    shown = redact(repr(str(path)), limit=_SHOWN)
    return InvalidInputError("triggers", f"hash_files cannot read {shown}: {reason}.")


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
