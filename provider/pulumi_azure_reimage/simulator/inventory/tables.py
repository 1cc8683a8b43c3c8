"""Strict reading of one table of an inventory: every key is known and has the right type."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from ..errors import InventoryError

MAX_SECONDS = 10 * 365 * 24 * 3600.0


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

    def resource_id(self, key: str) -> str:
        """Read a resource id.

        Raises:
            InventoryError: The value is not a text that begins as one.
        """
        text = self.text(key)
        if text.startswith("/"):
            return text
        raise self.refusal(key, "must be a resource id, which begins with /")

    def choice(self, key: str, choices: Collection[str], default: str) -> str:
        """Read one of `choices`, spelled exactly so.

        Raises:
            InventoryError: The value is something else.
        """
        value = self.values.get(key, default)
        if isinstance(value, str) and value in choices:
            return value
        raise self.refusal(key, f"must be one of {', '.join(choices)}")

    def optional_choice(self, key: str, choices: Collection[str]) -> str | None:
        """Read one of `choices`, or None when the key is absent.

        Raises:
            InventoryError: The value is something else.
        """
        return self.choice(key, choices, "") if self.values.get(key) is not None else None

    def boolean(self, key: str, *, default: bool) -> bool:
        """Read true or false.

        Raises:
            InventoryError: The value is neither.
        """
        value = self.values.get(key, default)
        if isinstance(value, bool):
            return value
        raise self.refusal(key, "must be true or false")

    def texts(self, key: str, default: Collection[str] = ()) -> tuple[str, ...]:
        """Read a list of texts.

        Raises:
            InventoryError: The value is not such a list.
        """
        value = self.values.get(key, list(default))
        if isinstance(value, list | tuple) and all(isinstance(item, str) and item for item in value):
            return tuple(value)
        raise self.refusal(key, "must be a list of texts")

    def number(self, key: str, default: float) -> float:
        """Read a number above zero.

        Raises:
            InventoryError: The value is not such a number.
        """
        value = self.values.get(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf:
            return float(value)
        raise self.refusal(key, "must be a number above zero")

    def whole(self, key: str, default: int) -> int:
        """Read a whole number that is not negative.

        Raises:
            InventoryError: The value is not such a number.
        """
        value = self.values.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        raise self.refusal(key, "must be a whole number")

    def optional_time(self, key: str) -> datetime | None:
        """Read a date or a time, TOML's own or a text; without an offset it is UTC. Absent is None.

        Raises:
            InventoryError: The value is neither.
        """
        value = self.values.get(key)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                value = ""
        if value is None:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if isinstance(value, datetime):
            return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        raise self.refusal(key, "must be a date or a time, such as 2026-01-31T00:00:00Z")

    def seconds(self, key: str, default: float) -> float:
        """Read a number of seconds that is not negative.

        Raises:
            InventoryError: The value is not such a number.
        """
        value = self.values.get(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_SECONDS:
            return float(value)
        raise self.refusal(key, "must be a number of seconds, ten years at most")

    def optional_seconds(self, key: str) -> float | None:
        """Read a number of seconds, or None when the key is absent.

        Raises:
            InventoryError: The value is not such a number.
        """
        return self.seconds(key, 0.0) if self.values.get(key) is not None else None

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
