"""What a program passes to the component, checked before Pulumi's SDK turns it into protocol buffers.

The SDK raises its own errors for what it cannot send, such as a key that is a number. They name neither the
resource nor the input, and some show the whole input, including its secrets.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from enum import Enum
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pulumi
from pulumi import Output

from ..inputs.accidents import OUTPUT_IN_TEXT, find_accidents, has_output_in_text
from ..inputs.given import describe, kind
from ..inputs.os_profile import FIELDS
from ..redact import redact

_STARTED_IN = Path.cwd()
_NAMES_A_FILE = "os_profile.custom_data_file"


class _Place(NamedTuple):
    """Where a value is, and whether this process runs the program.

    Attributes:
        title: The resource, as messages name it.
        part: The input or the part of an input.
        in_program: Whether this process runs the program.
    """

    title: str
    part: str
    in_program: bool


_SHOWN = 100
_DEEPEST = 64
# A number travels as a 64-bit float.
_LARGEST_FLOAT = 1.7e308
_SENDABLE = "Use a string, a number, True, False, a list or a mapping"
# What to use instead of what people pass, by type. The first type that fits is used.
_INSTEAD: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (pulumi.Resource, "Use one of its outputs, such as its id"),
    ((pulumi.Asset, pulumi.Archive), "Use trigger_files with the same files"),
    (PathLike, "Use str() of it, or trigger_files for its content"),
    ((set, frozenset), "Use sorted() of it, because a set has no order"),
    ((bytes, bytearray, memoryview), "Use a string, such as its hex()"),
    ((date, time), "Use its isoformat()"),
    (Enum, "Use its value"),
    ((Decimal, UUID), "Use str() of it"),
)


def checked_arguments(
    kind_of_resource: str, name: str, args: Mapping[str, Any], *, in_program: bool = True
) -> dict[str, Any]:
    """Return the arguments as they can be sent. An Output is checked when its value is known.

    Args:
        kind_of_resource: The kind of the resource as a program spells it, such as `VirtualMachineReimage`.
        name: The name of the resource.
        args: The arguments.
        in_program: Whether this process runs the program, which may be in a folder other than the program's.
            The plugin for other languages never does, because the engine starts it in that folder, as it does
            the provider.

    Raises:
        RunError: an argument cannot be sent; nothing was registered.
    """
    if has_output_in_text(name):
        raise pulumi.RunError(f"The name of a {kind_of_resource} {OUTPUT_IN_TEXT}. A name must be known.")
    title = f"{kind_of_resource} {name}"
    # Each new Output costs time, every program has this one, and its check refuses everything wrong that it
    # can be.
    skipped = {"vm_id"} if isinstance(args.get("vm_id"), Output) else set[str]()
    return {
        argument: value if argument in skipped else _checked(value, _Place(title, argument, in_program))
        for argument, value in args.items()
    }


def require_no_accident(kind_of_resource: str, name: str, args: Mapping[str, Any]) -> None:
    """Refuse the help text of an Output in arguments that none of our checks sees.

    Raises:
        RunError: an argument holds it; nothing was registered.
    """
    for argument, value in args.items():
        for sentence in find_accidents(argument, value):
            raise pulumi.RunError(f"{kind_of_resource} {name}: {sentence} Nothing was sent.")


def _checked(value: object, place: _Place, depth: int = 0) -> object:
    """Return a value as it can be sent."""
    match value:
        case Output():
            # Including what is unknown in it, so that the rest stays known.
            return value.apply(partial(_checked, place=place, depth=depth), run_with_unknowns=True)
        case bool() | float() | None:
            return value
        case int() if abs(value) > _LARGEST_FLOAT:
            raise _refusal(place, "a number that is too large to be sent", "Use a string")
        case str() if not _is_unicode(value):
            raise _refusal(place, "a string that is not Unicode", "Decode it with another encoding")
        case str() if place.part == _NAMES_A_FILE and place.in_program:
            return _from_program_folder(value)
        case int() | str():
            return value
        case _ if depth > _DEEPEST:
            raise _refusal(place, "something that is nested too deeply", "Use a hash of it")
        case _:
            return _checked_object(value, place, depth)


def _checked_object(value: object, place: _Place, depth: int) -> object:
    match value:
        case bytes() | bytearray() | memoryview() | range():
            raise _refusal(place, kind(value), _instead(value))
        case Mapping():
            return {
                _checked_key(key, place): _checked(item, _inside(place, key, depth), depth + 1)
                for key, item in value.items()
            }
        case Sequence():
            return [_checked(item, place, depth + 1) for item in value]
        case Awaitable() if not isinstance(value, pulumi.Resource):
            return _checked_later(value, place, depth)
        case _ if pulumi.contains_unknowns(value):
            return value
        case _:
            raise _refusal(place, kind(value), _instead(value))


async def _checked_later(value: Awaitable[object], place: _Place, depth: int) -> object:
    return _checked(await value, place, depth)


def _checked_key(key: object, place: _Place) -> str:
    if isinstance(key, str) and _is_unicode(key):
        return key
    shown = describe(key) if place.part == "triggers" else kind(key)
    raise pulumi.RunError(
        f"{_named(place)} has a key that is {shown}, and must be a string. Nothing was sent."
    )


def _inside(place: _Place, key: object, depth: int) -> _Place:
    """Return the place of a member, for messages: of a trigger, or of a field that exists."""
    part = place.part
    is_shown = depth == 0 and (part == "triggers" or (part == "os_profile" and key in FIELDS))
    return place._replace(part=f"{part}.{key}") if is_shown else place


def _from_program_folder(name: str) -> str:
    """Return the name of a file as the provider finds it, so that one name always means one file.

    The provider runs in the folder of the program that Pulumi knows: `main` in Pulumi.yaml, or its folder
    (`getPwdMain` in https://github.com/pulumi/pulumi/blob/v3.274.1/pkg/engine/project.go). Pulumi starts a
    program in the same folder. A program of the Automation API that runs inside its caller has no root
    directory, and runs in the caller's folder.
    """
    is_there = pulumi.get_root_directory() is not None and Path.cwd() == _STARTED_IN
    return name if is_there or not name else str(Path(name).absolute())


def _refusal(place: _Place, found: str, instead: str) -> pulumi.RunError:
    return pulumi.RunError(f"{_named(place)} is or holds {found}. {instead}. Nothing was sent.")


def _named(place: _Place) -> str:
    return f"{place.title}: {redact(place.part, limit=_SHOWN)}"


def _instead(value: object) -> str:
    return next((hint for types, hint in _INSTEAD if isinstance(value, types)), _SENDABLE)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
