"""What a program passed, in words for a message that says what is required instead."""

from __future__ import annotations

from collections.abc import Mapping

from ..redact import redact

_SHOWN = 100


def kind(value: object) -> str:
    """Return the kind of a value, without the value."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a mapping"
        case _:
            return f"a value of the type {type(value).__name__}"


def describe(value: object) -> str:
    """Return a value that is not secret as a message quotes it, with white space and quotes visible."""
    match value:
        case float() if value.is_integer():
            # Pulumi sends every number as a float.
            return f"the number {value:.0f}"
        case bool():
            return kind(value)
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the string {redact(repr(value), limit=_SHOWN)}"
        case _:
            return kind(value)
