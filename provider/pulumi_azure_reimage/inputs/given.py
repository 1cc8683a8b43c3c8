"""What a program gave, in words for a message that says what is right instead."""

from __future__ import annotations

from collections.abc import Mapping

from ..redact import redact

_SHOWN = 100


def kind(value: object) -> str:
    """Return what a value is, without the value."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a mapping"
        case _:
            return f"a value of the type {type(value).__name__}"


def describe(value: object) -> str:
    """Return a value that is no secret, as a message quotes it: white space and quotes can be seen."""
    match value:
        case float() if value.is_integer():
            # Pulumi sends every number as a float.
            return f"the number {value:.0f}"
        case bool():
            return kind(value)
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {redact(repr(value), limit=_SHOWN)}"
        case _:
            return kind(value)
