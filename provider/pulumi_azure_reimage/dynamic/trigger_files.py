"""The input `trigger_files`: files whose hash is a trigger.

They are hashed where the program runs, or for a program in another language in the plugin, which runs in the
same folder. The rest of the provider sees an ordinary trigger, so a program can replace `triggers={"x":
hash_files("x.yaml")}` by `trigger_files={"x": "x.yaml"}` without a reimage.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Mapping
from typing import Any

import pulumi
from pulumi import Output

from ..errors import InvalidInputError
from ..inputs.file_hash import hash_named_files
from ..inputs.given import describe, kind
from ..inputs.parameters import TRIGGER_FILES, TRIGGERS
from ..redact import redact

_SHOWN = 100


def with_hashed_files(name: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a component with the hashes of its `trigger_files` among its triggers.

    Args:
        name: The name of the component.
        args: Its arguments.

    Raises:
        RunError: files cannot be hashed, or a name is also that of a trigger; nothing was registered.
    """
    rest = {argument: value for argument, value in args.items() if argument != TRIGGER_FILES}
    files, triggers = args.get(TRIGGER_FILES), args.get(TRIGGERS)
    if files is None:
        return rest
    if not isinstance(files, Output | Awaitable) and not isinstance(triggers, Output | Awaitable):
        return {**rest, TRIGGERS: _merged(name, triggers, files)}

    def merged(given: Mapping[str, object]) -> object:
        return _merged(name, given[TRIGGERS], given[TRIGGER_FILES])

    # Including what is unknown in them, so that the rest stays known.
    both = Output.from_input({TRIGGERS: triggers, TRIGGER_FILES: files})
    return {**rest, TRIGGERS: both.apply(merged, run_with_unknowns=True)}


def _merged(title: str, triggers: object, files: object) -> object:
    """Return the triggers with the hashes of files. An input that is completely unknown stays unknown."""
    for whole in (triggers, files):
        if not isinstance(whole, Mapping) and pulumi.contains_unknowns(whole):
            return whole
    if files is None:
        return triggers
    if not isinstance(files, Mapping):
        raise _refusal(title, "", f"is {kind(files)}, and must be a mapping, such as {{'app': 'app/*.yaml'}}")
    if not isinstance(triggers, Mapping | None):
        # The check of the inputs refuses it.
        return triggers
    present = {key: value for key, value in (triggers or {}).items() if value is not None}
    for key, value in files.items():
        if not isinstance(key, str):
            raise _refusal(title, "", f"has a key that is {describe(key)}, and must be a string")
        if value is not None and key in present:
            raise _refusal(title, key, "is a key of triggers too, and only one of them can count")
    hashed = {key: _hashed(title, key, value) for key, value in files.items() if value is not None}
    return {**(triggers or {}), **hashed}


def _hashed(title: str, key: str, patterns: object) -> object:
    match patterns:
        case Output() | Awaitable():
            return Output.from_input(patterns).apply(
                lambda known: _hashed(title, key, known), run_with_unknowns=True
            )
        case list() | tuple() if any(isinstance(one, Output | Awaitable) for one in patterns):
            return _hashed(title, key, Output.from_input(list(patterns)))
        case _ if pulumi.contains_unknowns(patterns):
            return patterns if not isinstance(patterns, list | tuple) else _first_unknown(patterns)
        case str() | os.PathLike():
            return _hash(title, key, [patterns])
        case list() | tuple():
            return _hash(title, key, list(patterns))
        case _:
            raise _refusal(
                title, key, f"is {kind(patterns)}, and must be a file name or a pattern, or a list of them"
            )


def _first_unknown(patterns: list[object] | tuple[object, ...]) -> object:
    """Return the first unknown name, which makes the hash unknown."""
    return next(one for one in patterns if pulumi.contains_unknowns(one))


def _hash(title: str, key: str, patterns: list[Any]) -> str:
    try:
        return hash_named_files(f"{TRIGGER_FILES}.{_shown(key)}", patterns)
    except InvalidInputError as error:
        raise pulumi.RunError(f"VirtualMachineReimage {title}: {error.message} Nothing was sent.") from None


def _refusal(title: str, key: str, wrong: str) -> pulumi.RunError:
    part = f"{TRIGGER_FILES}.{_shown(key)}" if key else TRIGGER_FILES
    return pulumi.RunError(f"VirtualMachineReimage {title}: {part} {wrong}. Nothing was sent.")


def _shown(key: str) -> str:
    return redact(key, limit=_SHOWN)
