"""The names of inputs and outputs in other languages, and the inputs under their names in Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pulumi
from pulumi import Output

from ..component import OsProfileArgs, VirtualMachineReimageArgs
from ..inputs.spelling import camel_case

if TYPE_CHECKING:
    from collections.abc import Iterable

_OS_PROFILE = "os_profile"


def in_python(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a program under their names in Python.

    A name that the schema does not have stays, so that the check of the inputs refuses it by that name.

    Raises:
        RunError: an input is given under both of its names.
    """
    renamed = _renamed(inputs, _INPUTS)
    if _OS_PROFILE in renamed:
        renamed[_OS_PROFILE] = _fields_in_python(renamed[_OS_PROFILE])
    return renamed


def _fields_in_python(value: object) -> object:
    match value:
        case Output():
            # With what is unknown in it, so that the rest stays known.
            return value.apply(_fields_in_python, run_with_unknowns=True)
        case Mapping():
            return _renamed(value, _FIELDS)
        case _:
            return value


def _renamed(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for name, value in given.items():
        if names.get(name, name) in renamed:
            raise pulumi.RunError(f"An input is given twice: {camel_case(name)} and {name}.")
        renamed[names.get(name, name)] = value
    return renamed


def _by_schema(names: Iterable[str]) -> dict[str, str]:
    return {camel_case(name): name for name in names}


_INPUTS: Final = _by_schema(VirtualMachineReimageArgs.__annotations__)
_FIELDS: Final = _by_schema(OsProfileArgs.__annotations__)
