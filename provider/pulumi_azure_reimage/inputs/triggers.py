"""Triggers: what makes two of them equal, which of them changed, and the hash of files as one.

Rule 1: a false change wipes a disk. What Pulumi, Git or an operating system may respell is equal here.
Rule 2: a value is never shown; the key is.
"""

from __future__ import annotations

import glob
import hashlib
import json
import math
import os
import stat
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from ..errors import InvalidInputError
from ..redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Pulumi sends every number as a 64-bit float: beyond this, neighbouring whole numbers become one.
_LARGEST_EXACT_INTEGER = 2**53 - 1

# Protocol buffers, which carry the value, give up earlier.
_DEEPEST = 64

_CHUNK = 1 << 20
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class TriggerChange:
    """One trigger that is not what it was; never its value."""

    key: str
    kind: Literal["added", "removed", "changed", "unknown"]

    def __str__(self) -> str:
        """Return `image changed`."""
        key = redact(self.key, limit=_SHOWN)
        return f"{key} not known yet" if self.kind == "unknown" else f"{key} {self.kind}"


def canonical(value: object, *, key: str | None = None) -> str:
    """Return the JSON text that all spellings of `value` share.

    Key order, tuples against lists, `1` against `1.0` and a key that holds `None` against no key make no
    difference, because Pulumi keeps none of these apart. `True` is not `1`.

    Args:
        value: A trigger's value, or all triggers.
        key: The trigger's key, for the message.

    Raises:
        InvalidInputError: It is not JSON, or it cannot survive the way through Pulumi unchanged.
    """
    try:
        return json.dumps(_plain(value, 0), sort_keys=True, separators=(",", ":"), allow_nan=False)
    except _NotJsonError as error:
        name = "triggers" if key is None else f"The trigger {redact(key, limit=_SHOWN)!r}"
        raise InvalidInputError("triggers", f"{name} cannot be compared: {error}.") from None


def changed_keys(
    old: Mapping[str, object] | None,
    new: Mapping[str, object] | None,
    is_unknown: Callable[[object], bool] = lambda _: False,
) -> tuple[TriggerChange, ...]:
    """Return the triggers that differ, sorted by key; a key that holds `None` counts as absent.

    Args:
        old: The triggers of the last reimage or of the baseline.
        new: The triggers of the program.
        is_unknown: Says whether a new value holds something that a preview does not know yet.

    Raises:
        InvalidInputError: A value is not JSON.
    """
    before, after = _present(old), _present(new)
    changes = (_change(key, before, after, is_unknown) for key in sorted(before.keys() | after.keys()))
    return tuple(change for change in changes if change is not None)


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


class _NotJsonError(Exception):
    """Why a value cannot be a trigger, as the end of a sentence."""


def _plain(value: object, depth: int) -> object:
    if depth > _DEEPEST:
        raise _NotJsonError("it is nested too deeply")
    match value:
        case None | bool() | str():
            return value
        case int() | float():
            return _plain_number(value)
        case list() | tuple():
            return [_plain(item, depth + 1) for item in value]
        case Mapping():
            if not all(isinstance(key, str) for key in value):
                raise _NotJsonError("it holds a mapping with a key that is not text")
            return {key: _plain(item, depth + 1) for key, item in value.items() if item is not None}
        case _:
            raise _NotJsonError(f"it holds a {type(value).__name__}, which is not JSON")


def _plain_number(value: float) -> float:
    if abs(value) > _LARGEST_EXACT_INTEGER or math.isnan(value):
        raise _NotJsonError(
            "it holds a number that is not finite or that Pulumi would round; write it as text"
        )
    # `-0.0` becomes `0` as well.
    return int(value) if value == int(value) else value


def _present(triggers: Mapping[str, object] | None) -> dict[str, object]:
    return {key: value for key, value in (triggers or {}).items() if value is not None}


def _change(
    key: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
    is_unknown: Callable[[object], bool],
) -> TriggerChange | None:
    if key not in before:
        return TriggerChange(key, "added")
    if key not in after:
        return TriggerChange(key, "removed")
    if is_unknown(after[key]):
        return TriggerChange(key, "unknown")
    same = canonical(before[key], key=key) == canonical(after[key], key=key)
    return None if same else TriggerChange(key, "changed")


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
