"""What Pulumi's schema analyzer reads from the component: what a plugin for other languages would offer.

The annotations here are no strings, because the analyzer does not resolve them.
"""

import inspect
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import (
    Analyzer,
    ComponentDefinition,
    PropertyDefinition,
    TypeDefinition,
)

from pulumi_azure_reimage import VirtualMachineReimage, VirtualMachineReimageArgs

OUTPUTS: dict[str, Any] = {
    name: value for name, value in vars(VirtualMachineReimage).items() if isinstance(value, property)
}


class Component(VirtualMachineReimage):
    """The component as a plugin would declare it: the analyzer requires `args`, and the host passes it."""

    # The analyzer reads the outputs from annotations. Those of the properties are the same.
    __annotations__ = {name: inspect.get_annotations(value.fget)["return"] for name, value in OUTPUTS.items()}

    def __init__(
        self, name: str, args: VirtualMachineReimageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts, **args)


@pytest.fixture(scope="module")
def types() -> dict[str, TypeDefinition]:
    """The types of the schema."""
    return _analyzed()[1]


@pytest.fixture(scope="module")
def component() -> ComponentDefinition:
    """The component of the schema."""
    return _analyzed()[0]


def _analyzed() -> tuple[ComponentDefinition, dict[str, TypeDefinition]]:
    analyzer = Analyzer("azure-reimage")
    result = analyzer.analyze([Component])
    return result["component_definitions"]["Component"], result["type_definitions"]


def _kind(of: PropertyDefinition | None) -> Any:  # noqa: ANN401 - a text, or one in a list or a dict.
    """Return a short name of a type, as a list of its items or a dict of its values."""
    if of is None:
        return None
    if of.ref is not None:
        return of.ref.rpartition("/")[2]
    if of.items is not None:
        return [_kind(of.items)]
    if of.additional_properties is not None:
        return {"": _kind(of.additional_properties)}
    return of.type.value if of.type else None


def test_the_schema_has_the_types_of_the_inputs(component: ComponentDefinition) -> None:
    """A timeout is a text there, because the analyzer refuses a union: `90s` says what 90 says."""
    assert {name: _kind(definition) for name, definition in component.inputs.items()} == {
        "vmId": "string",
        "triggers": {"": "Any"},
        "exactVersion": "string",
        "tempDisk": "boolean",
        "osProfile": "azure-reimage:index:OsProfileArgs",
        "timeout": "string",
        "reimageOnCreate": "boolean",
        "requireDeleteOption": "string",
        "allowedCauses": ["string"],
        "preventReimage": "boolean",
        "skipIfCurrent": "boolean",
        "preflight": "string",
    }


def test_only_the_vm_is_required(component: ComponentDefinition, types: dict[str, TypeDefinition]) -> None:
    """No input is plain: an output may be given for each of them."""
    inputs = [*component.inputs.items(), *types["OsProfileArgs"].properties.items()]

    assert [name for name, definition in inputs if not definition.optional] == ["vmId"]
    assert [name for name, definition in inputs if definition.plain] == []
    assert [name for name, definition in inputs if not definition.description] == []


def test_the_schema_has_the_types_of_the_outputs(component: ComponentDefinition) -> None:
    """All of them, with what may be missing."""
    assert {name: _kind(definition) for name, definition in component.outputs.items()} == {
        "status": "string",
        "causes": ["string"],
        "requestedAt": "string",
        "startedAt": "string",
        "completedAt": "string",
        "durationSeconds": "number",
        "operationId": "string",
        "correlationId": "string",
        "osDiskId": "string",
        "osDiskIdBefore": "string",
        "imageVersion": "string",
        "imageVersionBefore": "string",
        "retainedOsDiskId": "string",
        "recovered": "boolean",
    }
    required = {name for name, definition in component.outputs.items() if not definition.optional}
    assert required == {"status", "causes", "recovered"}


def test_every_output_says_what_it_is() -> None:
    """In its docstring, which editors show."""
    assert [name for name, value in OUTPUTS.items() if not value.__doc__] == []
