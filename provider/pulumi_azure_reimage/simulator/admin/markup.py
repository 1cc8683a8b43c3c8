"""HTML that is escaped unless a function here wrote it, so a user's text can never become markup."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def markup(template: str, *values: object, **named: object) -> Markup:
    """Fill a template, whose braces are those of `str.format`, and escape every value that is not Markup."""
    filled = template.format(*map(_safe, values), **{name: _safe(value) for name, value in named.items()})
    return Markup(filled)


def joined(parts: Iterable[Markup]) -> Markup:
    """Join pieces of HTML."""
    return Markup("\n".join(parts))


def _safe(value: object) -> Markup:
    return value if isinstance(value, Markup) else Markup(escape(str(value)))
