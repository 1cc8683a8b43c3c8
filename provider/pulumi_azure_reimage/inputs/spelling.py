"""How a program's language spells the names of inputs, and texts in that spelling.

Sentences are written with the Python names. For a program in another language they are respelled where they
leave the provider, so there is one sentence for all languages: `exact_version` becomes `exactVersion`.
Rule: what a program has named itself, such as the key of a trigger, is not respelled.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from .os_profile import FIELDS
from .validation import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

Spelling = Literal["snake_case", "camelCase"]

PYTHON: Final = "snake_case"
OTHERS: Final = "camelCase"

# Paths below these names are the program's own.
_OWN_KEYS = "triggers|trigger_files"


def camel_case(name: str) -> str:
    """Return a Python name as the other languages spell it: `exactVersion` for `exact_version`."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def snake_case(name: str) -> str:
    """Return a name as Python spells it."""
    return re.sub(r"(?<=[a-z])[A-Z]", lambda capital: f"_{capital[0].lower()}", name)


# The only resource option that the provider's sentences name. The component names the others.
_OPTION = "ignore_changes"
_RESPELLED = {name: camel_case(name) for name in (*NAMES, *FIELDS, _OPTION) if "_" in name}
_NAME = "|".join(sorted(_RESPELLED, key=len, reverse=True))
# A name is alone, or as in `os_profile.custom_data`, or as in `preflight='warn'`. What a text quotes after
# the words "the string" is a value.
_IN_TEXT = re.compile(
    rf"""(?:the\ string\ )(?:'[^']*'|"[^"]*")
    |(?<![\w.])(?P<setting>\w+)='(?P<value>\w+)'
    |(?<![\w.:/-])(?P<input>{_NAME}|{_OWN_KEYS})(?P<field>(?<=os_profile)\.(?:{_NAME}))?(?P<key>\.[^\s,;:'"`()]+)?(?![\w/-])""",
    re.VERBOSE,
)


def respell(text: str, spelling: Spelling, verbatim: Iterable[str] = ()) -> str:
    """Return a text with the names of inputs as a program spells them.

    Args:
        text: A sentence with the names as Python spells them.
        spelling: How the program spells them.
        verbatim: Parts that are not respelled, such as the keys of triggers.
    """
    if spelling == PYTHON:
        return text
    kept = [re.escape(part) for part in sorted(verbatim, key=len, reverse=True) if "_" in part]
    if not kept:
        return _IN_TEXT.sub(_respelled, text)
    parts = re.split(f"({'|'.join(kept)})", text)
    return "".join(
        part if number % 2 else _IN_TEXT.sub(_respelled, part) for number, part in enumerate(parts)
    )


def _respelled(found: re.Match[str]) -> str:
    if found["setting"]:
        return f"{_RESPELLED.get(found['setting'], found['setting'])}: {found['value']}"
    name, field, key = found["input"], found["field"], found["key"]
    if name is None:
        return found[0]
    field = field and "." + _RESPELLED[field[1:]]
    return _RESPELLED.get(name, name) + (field or "") + (key or "")
