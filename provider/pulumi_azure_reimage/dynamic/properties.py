"""The properties of a resource as the provider host passes them, and the contents of ours."""

from __future__ import annotations

from typing import Any

import pulumi

from ..arm.resource_id import VirtualMachineId
from ..inputs.ignored import keep_ignored
from ..inputs.unknown import UNKNOWN
from ..json_reading import get_list, get_str

# Values arrive as plain JSON, and unknown ones as new objects of one of Pulumi's types.
Properties = dict[str, Any]

PROVIDER_KEY = "__provider"
# The paths of triggers and of `exact_version` that `ignore_changes` of the component names.
IGNORED = "ignore_changes"
# The names of the hooks around a reimage that the component has.
HOOKS = "hooks"
# How the program spells names, if it is in another language; see callers.py.
SPELLING = "spelling"
OURS = frozenset({"component_urn", IGNORED, HOOKS, SPELLING})
"""What the component passes to its children in addition to the inputs of the program."""


def translate_unknowns(value: Any) -> Any:  # noqa: ANN401 - plain JSON in, plain JSON out.
    """Return a value with `UNKNOWN` in place of each value that a preview does not know yet."""
    match value:
        case dict():
            return {key: translate_unknowns(item) for key, item in value.items()}
        case list():
            return [translate_unknowns(item) for item in value]
        case _:
            return UNKNOWN if pulumi.contains_unknowns(value) else value


def own(props: Properties) -> Properties:
    """Return the properties without the one that the host adds, and adds again to outputs."""
    return {key: value for key, value in props.items() if key != PROVIDER_KEY}


def heeded(olds: Properties, news: Properties) -> Properties:
    """Return the inputs, in which what `ignore_changes` names has the value that was last decided on.

    Args:
        olds: The outputs in state.
        news: The inputs.
    """
    paths = [path for path in get_list(news, IGNORED) if isinstance(path, str)]
    return keep_ignored(olds, translate_unknowns(news), paths) if paths else news


def vm_id_of(props: Properties) -> VirtualMachineId:
    """Return the VM of a resource.

    Raises:
        InvalidInputError: it is not the id of a VM.
    """
    return VirtualMachineId.parse(props.get("vm_id"))


def vm_key(props: Properties) -> str:
    """Return a text that is the same for every spelling of the VM; empty if it is not known yet."""
    return vm_id_of(props).key if get_str(props, "vm_id") else ""


def component_urn(props: Properties) -> str:
    """Return the URN of the component of a resource, which the component passes to it."""
    return get_str(props, "component_urn") or ""


def kept_of_component(props: Properties) -> Properties:
    """Return what outputs keep about the component. A refresh gets nothing else about it."""
    spelling = {SPELLING: props[SPELLING]} if props.get(SPELLING) else {}
    return {"component_urn": component_urn(props), **spelling}


def child_urn(component: str, child: str) -> str:
    """Return the URN of a component's child, such as its `ReimageRequest`."""
    qualified, _, name = component.rpartition("::")
    return f"{qualified}$pulumi-python:dynamic/azure-reimage:{child}::{name}"
