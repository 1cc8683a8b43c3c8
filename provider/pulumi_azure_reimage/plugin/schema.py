"""Creates the schema of the package from the component: `python -m pulumi_azure_reimage.plugin.schema FILE`.

The names, types and descriptions of inputs and outputs are only in component.py. Pulumi's own analyzer reads
the inputs. It reads outputs from annotations of a class, and their descriptions from strings below them. Our
outputs are properties, so the class that it reads is made from them, and has their docstrings.
"""

import inspect
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi.provider.experimental.analyzer import Analyzer
from pulumi.provider.experimental.schema import Property, generate_schema

from ..component import VirtualMachineReimage, VirtualMachineReimageArgs
from ..inputs.spelling import OTHERS, camel_case, respell
from ..provider import SETTINGS, ProviderArgs
from .schema_file import package_version

PACKAGE: Final = "azure-reimage"
_ABOUT: Final[Mapping[str, Any]] = {
    "displayName": "Azure VM Reimage",
    "description": "Reimage an Azure virtual machine once whenever a trigger or its image version changes.",
    "keywords": ["pulumi", "azure", "category/infrastructure", "kind/component"],
    "license": "Apache-2.0",
}
_EXAMPLE: Final = """

```yaml
resources:
  web:
    type: azure-reimage:VirtualMachineReimage
    properties:
      vmId: ${vm.id}
      triggers:
        image: ${imageVersion}
```"""
_PROVIDER: Final = """Signs in for the reimages whose options name it.

A change of its settings reimages nothing. A setting that is not given is read from the environment
(`ARM_CLIENT_ID` and so on), and not from the stack's configuration."""
_FILES: Final = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
# What the schema declares as secret. The component also makes the whole of `osProfile` secret.
_SECRET: Final = ("osProfile", "adminPassword", "customData")
OUTPUTS: Final[Mapping[str, property]] = {
    name: value for name, value in vars(VirtualMachineReimage).items() if isinstance(value, property)
}


class _Analyzed(VirtualMachineReimage):
    """The class that the analyzer reads, which needs `args`, and outputs as annotations."""

    __annotations__ = {name: value.fget.__annotations__["return"] for name, value in OUTPUTS.items()}

    def __init__(
        self, name: str, args: VirtualMachineReimageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts, **args)


def make_schema() -> dict[str, Any]:
    """Return the schema of the package.

    Source of its format: https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
    """
    analyzed = Analyzer(PACKAGE).analyze([_Analyzed])
    component = analyzed["component_definitions"][_Analyzed.__name__]
    component.name = VirtualMachineReimage.__name__
    component.description = _main_text(VirtualMachineReimage) + _EXAMPLE
    for name, output in OUTPUTS.items():
        component.outputs[camel_case(name)].description = inspect.getdoc(output)
    # Generated libraries add `Args` to the names of the types of inputs.
    types = {name.removesuffix("Args"): type_ for name, type_ in analyzed["type_definitions"].items()}
    components = {component.name: component}
    schema = generate_schema(PACKAGE, package_version(), None, components, types, []).to_json()
    del schema["dependencies"]
    tidied: dict[str, Any] = _tidy({**schema, **_ABOUT, "provider": _provider()})
    return tidied


def _provider() -> dict[str, Any]:
    """Return the provider that a program declares to sign in differently for some machines."""
    definitions, _ = Analyzer(PACKAGE).analyze_type(ProviderArgs, is_component_output=False)
    inputs = {
        _key(name): {
            **Property.from_definition(definitions[camel_case(name)]).to_json(),
            "secret": setting.secret or None,
        }
        for name, setting in SETTINGS.items()
    }
    return {"type": "object", "description": _PROVIDER, "inputProperties": inputs}


def _key(setting: str) -> str:
    return SETTINGS[setting].key.partition(":")[2]


def _main_text(of: type) -> str:
    """Return the docstring of a class without its example, which is in Python."""
    return inspect.cleandoc(of.__doc__ or "").partition("\n\nExample:")[0]


def _tidy(value: Any, key: str = "") -> Any:  # noqa: ANN401 - JSON in, JSON out.
    """Return JSON as the schema has it, with descriptions for other languages and without empty members."""
    match value:
        case dict():
            if key == "triggerFiles":
                # The analyzer does not support unions of two types.
                value = {**value, "additionalProperties": _FILES}
            secret = {"secret": True} if key in _SECRET and "additionalProperties" not in value else {}
            members = {name: _tidy(item, name) for name, item in value.items() if item is not None}
            for inner in ("items", "additionalProperties"):
                # The analyzer repeats the description of the whole here.
                members.get(inner, {}).pop("description", None)
            return {**members, **secret}
        case list():
            return [_tidy(item) for item in value]
        case str() if key == "description":
            return _other_names(respell(inspect.cleandoc(value), OTHERS))
        case str() if key == "$ref":
            return value.removesuffix("Args")
        case _:
            return value


def _other_names(text: str) -> str:
    """Return a description in which each output and each setting has its name from the schema."""
    names = {name: camel_case(name) for name in OUTPUTS} | {name: _key(name) for name in SETTINGS}
    for name, shown in names.items():
        text = text.replace(f"`{name}`", f"`{shown}`")
    return text


def main(file: Path) -> None:
    """Write the schema to a file."""
    file.write_text(json.dumps(make_schema(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
