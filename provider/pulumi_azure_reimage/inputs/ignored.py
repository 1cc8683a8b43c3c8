"""What `ignore_changes` of the component names, and which values are compared instead of the ignored ones.

Changes of triggers and of `exact_version` are ignored here and not by the engine. The engine would reset the
new value to that of the last update, even if that was refused, and the preview could not report that a change
was ignored. The other inputs do not request a reimage, and the engine ignores their changes.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from ..errors import InvalidInputError
from .parameters import EXACT_VERSION, TRIGGER_FILES, TRIGGERS
from .property_path import EVERY, parse_path, reset
from .spelling import snake_case
from .validation import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CAUSES = (TRIGGERS, EXACT_VERSION)


def parse_ignored(paths: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the inputs that the paths name, each with the path in the provider's spelling.

    Names are accepted as Python and as the other languages write them: `exact_version` and `exactVersion`.
    `*` names every input.

    Raises:
        InvalidInputError: one is not the path of an input.
    """
    found: list[tuple[str, str]] = []
    for path in paths:
        root, *rest = parse_path(path)
        if root == EVERY and not rest:
            found += [(name, name) for name in NAMES if name != TRIGGER_FILES]
            continue
        name = snake_case(str(root))
        if name not in NAMES:
            raise InvalidInputError("", f"{path!r} names no input; {_hint(name)}")
        if name == TRIGGER_FILES and not rest:
            raise InvalidInputError("", f"{path!r} must name the trigger too, such as 'triggers.<name>'.")
        if name == TRIGGER_FILES:
            # The hash of the files is a trigger of that name.
            found.append((TRIGGERS, TRIGGERS + _rest_of(path, TRIGGERS)))
            continue
        if name == TRIGGERS and rest and isinstance(rest[0], int):
            raise InvalidInputError("", f"{path!r} is not a trigger; write 'triggers[\"{rest[0]}\"]'.")
        found.append((name, name + _rest_of(path, name)))
    return tuple(found)


def keep_ignored(
    decided: Mapping[str, object], news: Mapping[str, object], paths: Sequence[str]
) -> dict[str, object]:
    """Return the inputs, in which the ignored ones have the values that were last decided on.

    Args:
        decided: The outputs in state, with the values that the last reimage or baseline was made for.
        news: The inputs of the program.
        paths: The ignored paths of triggers and `exact_version`.
    """
    kept = dict(news)
    for path in paths:
        root, *rest = parse_path(path)
        if root in CAUSES:
            kept[str(root)] = reset(decided.get(str(root)), kept.get(str(root)), rest)
    return {name: value for name, value in kept.items() if value is not None}


def _rest_of(path: str, name: str) -> str:
    """Return what follows the first name. The keys of triggers are the program's own and are not changed."""
    rest = re.sub(r'^(?:\["[^"]*"\]|[^.\[]+)', "", path)
    return rest if name == TRIGGERS else snake_case(rest)


def _hint(name: str) -> str:
    close = difflib.get_close_matches(name, NAMES, n=1)
    return f"did you mean {close[0]}?" if close else f"the inputs are {', '.join(NAMES)}."
