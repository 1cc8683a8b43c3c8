"""The schema of the package, which the plugin serves and which libraries for other languages come from."""

import json
from typing import Any

import pytest

from pulumi_azure_reimage.plugin import schema_file
from pulumi_azure_reimage.plugin.schema import OUTPUTS, make_schema
from pulumi_azure_reimage.plugin.schema_file import schema_text, semantic_version

SCHEMA = json.loads(schema_text())
COMPONENT = SCHEMA["resources"]["azure-reimage:index:VirtualMachineReimage"]
OS_PROFILE = SCHEMA["types"]["azure-reimage:index:OsProfile"]


def _kind(of: dict[str, Any]) -> Any:  # noqa: ANN401 - a string, or one in a list or a dict.
    """Return a short name of a type, as a list of its items or a dict of its values."""
    if "$ref" in of:
        return of["$ref"].rpartition("/")[2]
    if "items" in of:
        return [_kind(of["items"])]
    if "additionalProperties" in of:
        return {"": _kind(of["additionalProperties"])}
    if "oneOf" in of:
        return tuple(map(_kind, of["oneOf"]))
    return of["type"]


def test_the_committed_schema_is_that_of_the_component() -> None:
    """After a change of an input, an output or a docstring, `make schema` writes it again."""
    assert make_schema() == SCHEMA


def test_the_schema_has_the_types_of_the_inputs() -> None:
    """A timeout is a string there, because the schema has no union of two types. `90s` means 90."""
    assert {name: _kind(definition) for name, definition in COMPONENT["inputProperties"].items()} == {
        "vmId": "string",
        "triggers": {"": "Any"},
        "triggerFiles": {"": ("string", ["string"])},
        "exactVersion": "string",
        "tempDisk": "boolean",
        "osProfile": "azure-reimage:index:OsProfile",
        "timeout": "string",
        "reimageOnCreate": "boolean",
        "requireDeleteOption": "string",
        "allowedCauses": ["string"],
        "preventReimage": "boolean",
        "skipIfCurrent": "boolean",
        "preflight": "string",
    }
    assert list(OS_PROFILE["properties"]) == [
        "adminPassword",
        "adminPasswordEnv",
        "customData",
        "customDataFile",
    ]


def test_only_the_vm_is_required() -> None:
    """No input is plain, so each of them accepts an output."""
    inputs = [*COMPONENT["inputProperties"].values(), *OS_PROFILE["properties"].values()]

    assert COMPONENT["requiredInputs"] == ["vmId"]
    assert "required" not in OS_PROFILE
    assert [definition for definition in inputs if "plain" in definition] == []


def test_everything_has_a_description() -> None:
    """Inputs, outputs, fields of a profile, the component and the package have one, without Python names."""
    properties = [COMPONENT["inputProperties"], COMPONENT["properties"], OS_PROFILE["properties"]]
    described = [SCHEMA, COMPONENT, OS_PROFILE, *(one for several in properties for one in several.values())]
    names = [*COMPONENT["inputProperties"], *COMPONENT["properties"], *OS_PROFILE["properties"]]

    assert [one for one in described if not one.get("description")] == []
    assert [name for name in names if "_" in name] == []
    assert [
        one for one in described if any(f"`{name}`" in one["description"] for name in OUTPUTS if "_" in name)
    ] == []


def test_the_schema_has_the_types_of_the_outputs() -> None:
    """All outputs are there, and it is known which may be missing."""
    assert {name: _kind(definition) for name, definition in COMPONENT["properties"].items()} == {
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
    assert COMPONENT["required"] == ["causes", "recovered", "status"]


def test_the_parts_of_a_profile_that_hold_secrets_are_secret() -> None:
    """The names of a variable and of a file are not, but the component makes the whole profile secret."""
    secret = [name for name, definition in OS_PROFILE["properties"].items() if definition.get("secret")]

    assert secret == ["adminPassword", "customData"]
    assert COMPONENT["inputProperties"]["osProfile"]["secret"] is True


@pytest.mark.parametrize(
    ("python", "semantic"),
    [
        ("0.2.0", "0.2.0"),
        ("1.10.3", "1.10.3"),
        ("0.2.0a1", "0.2.0-alpha.1"),
        ("0.2.0b2", "0.2.0-beta.2"),
        ("0.2.0rc1", "0.2.0-rc.1"),
        ("0.2.0.dev3", "0.2.0-dev.3"),
    ],
)
def test_a_python_version_becomes_a_pulumi_version(python: str, semantic: str) -> None:
    """Pulumi refuses a schema whose version is not a semantic version."""
    assert semantic_version(python) == semantic


def test_a_version_that_pulumi_cannot_read_is_an_error() -> None:
    """It is found before it is released."""
    with pytest.raises(ValueError, match=r"^Pulumi cannot express the version 1!2\.0\.$"):
        semantic_version("1!2.0")


def test_the_schema_has_the_version_of_the_package() -> None:
    """Generated libraries request the plugin of that version from Pulumi."""
    assert SCHEMA["version"] == schema_file.package_version()
