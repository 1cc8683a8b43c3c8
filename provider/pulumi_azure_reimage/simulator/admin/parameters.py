"""The parameters of a request to the admin API: a JSON object, or the fields of a form."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from .errors import AdminError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..http.messages import Request

_WHOLE = re.compile(r"[0-9]{1,18}")
_YES = ("true", "on", "1")
_NO = ("false", "off", "0", "none")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Parameters:
    """The values of one request. An empty text, which an empty field of a form sends, counts as absent."""

    values: Mapping[str, Any]

    @classmethod
    def of_body(cls, request: Request) -> Parameters:
        """Read a body. Without one there are no values.

        Raises:
            AdminError: It is neither a JSON object nor a form.
        """
        content_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
        if content_type == _FORM:
            return cls(dict(parse_qsl(request.body.decode(errors="replace"))))
        try:
            values = json.loads(request.body) if request.body.strip() else {}
            json.dumps(values, ensure_ascii=False).encode()  # Fails for half of a surrogate pair.
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            raise AdminError(400, "InvalidBody", "The body must be a JSON object, or a form.")
        return cls({name: value for name, value in values.items() if value != ""})

    @classmethod
    def of_query(cls, query: str) -> Parameters:
        """Read a query."""
        return cls(dict(parse_qsl(query)))

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Refuse a name that is not in `known`.

        Raises:
            AdminError: There is one.
        """
        for name in self.values:
            if name not in known:
                listed = ", ".join(known) or "none"
                raise AdminError(
                    400, "UnknownKey", f'"{name}" is not a key of this request; keys are: {listed}'
                )

    def text(self, name: str) -> str:
        """Return a string.

        Raises:
            AdminError: It is missing, or something else.
        """
        found = self.optional_text(name)
        if found is None:
            raise AdminError(400, "MissingKey", f'"{name}" is missing.')
        return found

    def optional_text(self, name: str) -> str | None:
        """Return a string, or None.

        Raises:
            AdminError: It is something else.
        """
        found = self.values.get(name)
        if found is None or isinstance(found, str):
            return found
        raise AdminError(400, "InvalidValue", f'"{name}" must be a string.')

    def number(self, name: str) -> float:
        """Return a number, which a form sends as text.

        Raises:
            AdminError: It is missing, or something else.
        """
        found = self.values.get(name)
        try:
            return float(found) if not isinstance(found, bool) and found is not None else _refuse(name)
        except (OverflowError, TypeError, ValueError):
            return _refuse(name)

    def optional_whole(self, name: str) -> int | None:
        """Return a whole number that is not negative, or None.

        Raises:
            AdminError: It is something else.
        """
        found = self.values.get(name)
        if found is None:
            return None
        if isinstance(found, bool) or not _WHOLE.fullmatch(str(found)):
            raise AdminError(400, "InvalidValue", f'"{name}" must be a whole number.')
        return int(found)

    def flag(self, name: str) -> bool:
        """Return whether a flag is set. A form sends the text of its checkbox.

        Raises:
            AdminError: It is neither true nor false.
        """
        found = str(self.values.get(name, False)).lower()
        if found not in {*_YES, *_NO}:
            raise AdminError(400, "InvalidValue", f'"{name}" must be true or false.')
        return found in _YES

    def lines(self, name: str) -> list[str]:
        """Return a list of texts, which a form sends as lines; empty if absent.

        Raises:
            AdminError: It is something else.
        """
        found = self.values.get(name, [])
        if isinstance(found, str):
            return [line.strip() for line in found.splitlines() if line.strip()]
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            return found
        raise AdminError(400, "InvalidValue", f'"{name}" must be a list of texts.')


def _refuse(name: str) -> float:
    raise AdminError(400, "InvalidValue", f'"{name}" must be a number.')
