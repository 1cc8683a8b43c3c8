"""Strict reading of one table of an inventory. Every key must be known and have the right type.

A key is defined once, as a field of a dataclass. `key` creates the field's metadata: the check of its value,
and its meaning. Reading, refusals, the help of the command line and its KEY=VALUE settings all use that
field.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import InventoryError

if TYPE_CHECKING:
    from collections.abc import Collection

T = TypeVar("T")
Check = Callable[[object], T]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def key(meaning: str, check: Check[Any] | None = None, *, example: str | None = None) -> Mapping[str, Any]:
    """Return the metadata of a field that is a key of a table.

    Args:
        meaning: What the help says about it.
        check: The check of its value; None for a key that its dataclass reads itself.
        example: The value that the help shows, in TOML, if not the default.
    """
    return MappingProxyType({"meaning": meaning, "check": check, "example": example})


def keys_of(model: type) -> Mapping[str, Field[Any]]:
    """Return the fields of a dataclass that are keys of its table, by their names."""
    return _keys_of(model)


@cache
def _keys_of(model: type) -> Mapping[str, Field[Any]]:
    return MappingProxyType({field.name: field for field in fields(model) if "meaning" in field.metadata})


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the inventory file, and its place in the file."""

    where: str
    values: Mapping[str, object]

    def refuse_unknown_keys(self, known: Collection[str]) -> None:
        """Refuse a key that is not in `known`.

        Raises:
            InventoryError: The table has another key.
        """
        for name in self.values:
            if name not in known:
                shown = json.dumps(name, ensure_ascii=False)
                raise InventoryError(f"{self.where}: unknown key {shown}; known keys: {', '.join(known)}")

    def read(self, name: str, check: Check[T]) -> T:
        """Read a key that the table must have.

        Raises:
            InventoryError: The key is missing, or its value is refused.
        """
        if name not in self.values:
            raise self.refusal(name, "is missing")
        try:
            return check(self.values[name])
        except ValueError as error:
            raise self.refusal(name, str(error)) from None

    def read_keys(self, model: type, defaults: Mapping[str, Any] = _NOTHING) -> dict[str, Any]:
        """Read the keys that a dataclass defines. Absent ones are in `defaults`, or left to the field.

        Raises:
            InventoryError: A key is missing, or its value is refused.
        """
        found = dict(defaults)
        for name, field in keys_of(model).items():
            is_absent = name not in self.values or (self.values[name] is None and field.default is None)
            is_required = field.default is MISSING and name not in found
            if field.metadata["check"] is not None and (is_required or not is_absent):
                found[name] = self.read(name, field.metadata["check"])
        return found

    def table(self, name: str) -> Table:
        """Read a table below this one; empty if absent.

        Raises:
            InventoryError: The value is not a table.
        """
        value = self.values.get(name, {})
        if isinstance(value, Mapping):
            return Table(f"{self.where}, {name}", value)
        raise self.refusal(name, "must be a table")

    def tables(self, name: str) -> list[Mapping[str, object]]:
        """Read a list of tables; empty if absent.

        Raises:
            InventoryError: The value is not a list of tables.
        """
        value = self.values.get(name, [])
        if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
            return value
        raise self.refusal(name, f"must be a list of tables, written [[{name}]]")

    def refusal(self, name: str, sentence: str) -> InventoryError:
        """Build the error for one key."""
        return InventoryError(f'{self.where}: "{name}" {sentence}')
