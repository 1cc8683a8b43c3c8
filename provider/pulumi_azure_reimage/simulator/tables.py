"""Strict reading of one table of an inventory: every key is known and has the right type."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .errors import InventoryError


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the inventory file, and where it is written."""

    where: str
    values: Mapping[str, object]

    def refuse_unknown_keys(self, known: Collection[str]) -> None:
        """Refuse a key that is not in `known`.

        Raises:
            InventoryError: The table has another key.
        """
        for key in self.values:
            if key not in known:
                raise InventoryError(f'{self.where}: unknown key "{key}"; known keys: {", ".join(known)}')

    def text(self, key: str, default: str | None = None) -> str:
        """Read a text that is not empty; without a `default` the key is required.

        Raises:
            InventoryError: The value is missing, or is not a text.
        """
        value = self.values.get(key, default)
        if isinstance(value, str) and value:
            return value
        raise self.refusal(key, "must be a text that is not empty" if key in self.values else "is missing")

    def optional_text(self, key: str) -> str | None:
        """Read a text, or None when the key is absent.

        Raises:
            InventoryError: The value is not a text.
        """
        return self.text(key) if self.values.get(key) is not None else None

    def choice(self, key: str, choices: Collection[str], default: str) -> str:
        """Read one of `choices`, spelled exactly so.

        Raises:
            InventoryError: The value is something else.
        """
        value = self.values.get(key, default)
        if isinstance(value, str) and value in choices:
            return value
        raise self.refusal(key, f"must be one of {', '.join(choices)}")

    def seconds(self, key: str, default: float | None) -> float | None:
        """Read a number of seconds that is not negative.

        Raises:
            InventoryError: The value is not such a number.
        """
        value = self.values.get(key, default)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return float(value)
        raise self.refusal(key, "must be a number of seconds")

    def table(self, key: str) -> Table:
        """Read a table below this one; absent is empty.

        Raises:
            InventoryError: The value is not a table.
        """
        value = self.values.get(key, {})
        if isinstance(value, Mapping):
            return Table(f"{self.where}, {key}", value)
        raise self.refusal(key, "must be a table")

    def tables(self, key: str) -> list[Mapping[str, object]]:
        """Read a list of tables; absent is empty.

        Raises:
            InventoryError: The value is not a list of tables.
        """
        value = self.values.get(key, [])
        if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
            return value
        raise self.refusal(key, f"must be a list of tables, written [[{key}]]")

    def refusal(self, key: str, sentence: str) -> InventoryError:
        """Build the error for one key."""
        return InventoryError(f'{self.where}: "{key}" {sentence}')
