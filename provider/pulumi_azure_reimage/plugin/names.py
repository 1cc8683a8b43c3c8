"""The names of inputs and outputs in other languages, and the inputs under their Python names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pulumi
from pulumi import Output

from ..component import OsProfileArgs, VirtualMachineReimageArgs
from ..inputs.spelling import camel_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_OS_PROFILE = "os_profile"
_ALLOWED_CAUSES = "allowed_causes"


def in_python(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a program under their Python names.

    A name that the schema does not have is not changed, so that the check of the inputs refuses it by that
    name.

    Raises:
        RunError: an input is given under both of its names.
    """
    renamed = _renamed(inputs, _INPUTS)
    for name, translate in ((_OS_PROFILE, _fields_in_python), (_ALLOWED_CAUSES, _causes_in_python)):
        if name in renamed:
            renamed[name] = _translated(renamed[name], translate)
    return renamed


def _translated(value: object, translate: Callable[[object], object]) -> object:
    if isinstance(value, Output):
        # Including what is unknown in it, so that the rest stays known.
        return value.apply(translate, run_with_unknowns=True)
    return translate(value)


def _fields_in_python(value: object) -> object:
    return _renamed(value, _FIELDS) if isinstance(value, Mapping) else value


def _causes_in_python(value: object) -> object:
    """Return causes by their Python names, so that another language of the program changes no input."""
    if not isinstance(value, list):
        return value
    return [_INPUTS.get(cause, cause) if isinstance(cause, str) else cause for cause in value]


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
