"""The hash of files, as a trigger that changes when their content or their names change."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ..errors import InvalidInputError
from ..redact import redact
from .accidents import OUTPUT_IN_TEXT, has_output_in_text
from .file_pattern import find_files
from .given import kind
from .triggers import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

_FUNCTION = "hash_files"
_CHUNK = 1 << 20
_SHOWN = 200


def hash_files(*patterns: str | os.PathLike[str], base: str | os.PathLike[str] | None = None) -> str:
    r"""Hash files, as a trigger that changes when their content or their names change.

    The hash is the same on every machine. It does not depend on the order of the patterns, on times and
    permissions, on where the files are (names are relative to the deepest folder that contains all matched
    files), or on the line endings that Git writes on Windows (`\r\n` counts as `\n`). A file that several
    patterns match counts once.

    A name that exists is that file or folder. Only a name that does not exist is a pattern, in which `*`
    matches within one folder and `**` any number of folders. Neither matches names that begin with a dot. A
    matched folder means all files in it, at any depth, except such names. Links are followed, and a folder to
    which several links lead is read once.

    Args:
        *patterns: Names or glob patterns, such as `cloud-init/*.yaml`.
        base: Where relative patterns start. Default: the current folder, which under Pulumi is that of the
            program.

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
    return hash_named_files(_FUNCTION, patterns, base)


def hash_named_files(
    caller: str, patterns: Sequence[str | os.PathLike[str]], base: str | os.PathLike[str] | None = None
) -> str:
    """Hash files as `hash_files` does.

    Args:
        caller: What the program passed the patterns to, as messages name it.
        patterns: As there.
        base: As there.

    Raises:
        InvalidInputError: as there.
    """
    if not patterns:
        raise _refusal(f"{caller} needs at least one file name or pattern.")
    folder = Path(_name(caller, "." if base is None else base) or ".").absolute()
    found = {file for pattern in patterns for file in _matches(caller, folder, _name(caller, pattern))}
    files = sorted(found)
    top = Path(os.path.commonpath([file.parent for file in files]))
    entries = [
        # macOS may store a name in decomposed form that Linux stores in composed form.
        [unicodedata.normalize("NFC", file.relative_to(top).as_posix()), _hash_file(caller, file)]
        for file in files
    ]
    return f"sha256:{hashlib.sha256(canonical(sorted(entries)).encode()).hexdigest()}"


def _refusal(message: str) -> InvalidInputError:
    return InvalidInputError("triggers", message)


def _name(caller: str, given: object) -> str:
    name = os.fspath(given) if isinstance(given, os.PathLike) else given
    if not isinstance(name, str):
        # `trigger_files` waits for the names in Outputs.
        hint = " The name in an Output is known in its apply." if caller == _FUNCTION else ""
        raise _refusal(
            f"{caller} was given {kind(name)}, and needs names of files as strings or paths.{hint}"
        )
    return name


def _matches(caller: str, folder: Path, pattern: str) -> set[Path]:
    if has_output_in_text(pattern):
        raise _refusal(f"{caller} was given a name that {OUTPUT_IN_TEXT}.")
    shown = redact(repr(pattern), limit=_SHOWN)
    try:
        files = find_files(folder, pattern) if pattern else set()
    except OSError as error:
        raise _refusal(f"{caller} cannot read all of {shown}: {error.strerror}.") from None
    if not files:
        call = f"{caller}({shown})" if caller == _FUNCTION else f"{caller}: {shown}"
        raise _refusal(f"{call} matches no file.")
    return files


def _hash_file(caller: str, file: Path) -> str:
    try:
        # Reading a pipe could block forever.
        if stat.S_ISREG(file.stat().st_mode):
            with file.open("rb") as stream:
                return _hash_content(stream)
        reason: str | None = "it is not a regular file"
    except OSError as error:
        reason = error.strerror
    raise _refusal(f"{caller} cannot read {redact(repr(str(file)), limit=_SHOWN)}: {reason}.")


def _hash_content(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    held = b""
    while chunk := stream.read(_CHUNK):
        # A `\r\n` pair may be split between chunks, so its first half waits for the next chunk.
        content = (held + chunk).replace(b"\r\n", b"\n")
        held = b"\r" if content.endswith(b"\r") else b""
        digest.update(content.removesuffix(held))
    digest.update(held)
    return digest.hexdigest()
