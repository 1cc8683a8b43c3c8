"""The inventory as a file. Its bytes become a document, or an error that names the file."""

from __future__ import annotations

import codecs
import json
import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InventoryError

if TYPE_CHECKING:
    from pathlib import Path

# What changes when a file is written or replaced; empty if there is none.
Stamp = tuple[int, ...]
_OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def stamp_of(path: Path) -> Stamp:
    """Return what changes when the file is written or replaced."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def read_text(path: Path) -> str:
    """Return the text of a file, without the byte order mark that some editors write.

    Raises:
        InventoryError: It cannot be read, or is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InventoryError(f"{path}: the inventory cannot be read: {error.strerror}") from error
    if raw.startswith(_OTHER_ENCODINGS):
        raise InventoryError(f"{path}: the inventory cannot be parsed: it is UTF-16, so save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InventoryError(f"{path}: the inventory cannot be parsed: it is not UTF-8: {error}") from error


def parse_text(path: Path, text: str) -> Mapping[str, Any]:
    """Return the document of a file: JSON when its suffix is `.json`, TOML otherwise.

    Raises:
        InventoryError: It is not such a document.
    """
    try:
        document = _parse_json(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except RecursionError:
        raise InventoryError(f"{path}: the inventory cannot be parsed: it is nested too deeply") from None
    except ValueError as error:  # The errors of both parsers.
        raise InventoryError(f"{path}: the inventory cannot be parsed: {error}") from error
    if not isinstance(document, Mapping):
        raise InventoryError(f"{path}: the inventory must be an object with a list named machine")
    return document


def _parse_json(text: str) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, as strictly as TOML does.

    Raises:
        ValueError: A key is given twice.
    """
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    twice = next(name for name in names if names.count(name) > 1)
    raise ValueError(f"the key {json.dumps(twice)} is given twice in one object")
