"""Texts that no program can mean: what Python and Pulumi return for an object in place of its value.

They arise in f-strings. For a value in `triggers` or `os_profile`, only its place is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..redact import redact
from .os_profile import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN = 100

# The first line of what Pulumi's SDKs return if an Output is converted to text, as in an f-string: the method
# `__str__` in https://github.com/pulumi/pulumi/blob/v3.272.0/sdk/python/lib/pulumi/output.py; that of Node.js
# says "toString" and "Output<T>". It is the same text in every run (pulumi/pulumi#4650).
_OUTPUT_IN_TEXT = re.compile(r"calling \W?(?:__str__|toString)\b.{0,20}\bOutput\W{0,2}[\[<]T", re.IGNORECASE)
# What Python returns for an object without its own description, such as an Output in a list.
_ADDRESS = re.compile(r"<[^<>]{1,200} at 0x[0-9a-fA-F]{6,16}\b")

OUTPUT_IN_TEXT = (
    "holds Pulumi's help text in place of a value, because an Output was put into a string, as in an "
    "f-string. Use pulumi.Output.format, pulumi.Output.concat or apply"
)
_ADDRESS_IN_TEXT = (
    "holds the description of a Python object with its address in memory, which differs in every run, so "
    "every run would reimage the VM. Give a value of the object instead"
)


def has_output_in_text(text: str) -> bool:
    """Report whether a text contains the help text of an Output in place of its value."""
    return _OUTPUT_IN_TEXT.search(text) is not None


def find_accidents(name: str, value: object) -> Iterator[str]:
    """Yield a sentence for each part of an input that holds a text that can never be a value."""
    for part, text in _texts(value, name, 0):
        if has_output_in_text(text):
            yield f"{part} {OUTPUT_IN_TEXT}."
        elif name == "triggers" and _ADDRESS.search(text):
            yield f"{part} {_ADDRESS_IN_TEXT}."


def _texts(value: object, part: str, depth: int) -> Iterator[tuple[str, str]]:
    """Yield each text in an input, including keys, with the name of the part that it is in."""
    match value:
        case str():
            yield part, value
        case list() | tuple():
            for item in value:
                yield from _texts(item, part, depth + 1)
        case Mapping():
            for key, item in value.items():
                if isinstance(key, str):
                    yield f"A key of {part}", key
                    yield from _texts(item, _named(part, key, depth), depth + 1)
        case _:
            pass


def _named(part: str, key: str, depth: int) -> str:
    """Return the name of a part of an input, one level deep, and without names that may be secret."""
    is_shown = depth == 0 and not has_output_in_text(key) and (part == "triggers" or key in FIELDS)
    return f"{part}.{redact(key, limit=_SHOWN)}" if is_shown else part
