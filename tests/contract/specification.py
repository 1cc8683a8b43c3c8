"""Checks requests and answers against the Swagger of Microsoft.Compute 2024-07-01.

The files in `spec/` are Azure/azure-rest-api-specs, specification/compute/resource-manager/Microsoft.Compute/
ComputeRP/stable/2024-07-01 and common-types/v1, unchanged, so that they can be compared with their source.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry
from referencing._core import Resolver
from referencing.jsonschema import DRAFT4

_FOLDER = Path(__file__).parent / "spec"
_ROOT = "https://github.com/Azure/azure-rest-api-specs/Microsoft.Compute/"
# Where the files are at their source, so that the references between them hold.
_FILES = {
    "virtualMachine.json": f"{_ROOT}ComputeRP/stable/2024-07-01/virtualMachine.json",
    "computeRPCommon.json": f"{_ROOT}ComputeRP/stable/2024-07-01/computeRPCommon.json",
    "common.json": f"{_ROOT}common-types/v1/common.json",
}
VIRTUAL_MACHINE = f"{_FILES['virtualMachine.json']}#/definitions/VirtualMachine"
CLOUD_ERROR = f"{_FILES['common.json']}#/definitions/CloudError"

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the Swagger.

    Attributes:
        id: Its `operationId`.
        request: Where the schema of its body is, or None if it has no body.
        query: The names of its query parameters.
        answers: Where the schema of each answer is, by status or `default`; None if the answer has no body.
    """

    id: str
    request: str | None
    query: frozenset[str]
    answers: Mapping[str, str | None]

    def answer(self, status: int) -> str | None:
        """Return where the schema of the answer with this status is."""
        return self.answers.get(str(status), self.answers["default"])


def operation(method: str, path: str) -> Operation:
    """Return the operation that a request calls.

    Raises:
        LookupError: The Swagger has none.
    """
    file = _FILES["virtualMachine.json"]
    for template, methods in _load("virtualMachine.json")["paths"].items():
        pattern = "".join(
            "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", template)
        )
        found = methods.get(method.lower())
        if found is not None and re.fullmatch(pattern, path):
            parameters = [_contents(parameter, file) for parameter in found["parameters"]]
            bodies = [parameter["schema"] for parameter in parameters if parameter["in"] == "body"]
            return Operation(
                id=found["operationId"],
                request=_place(bodies[0], file) if bodies else None,
                query=frozenset(part["name"] for part in parameters if part["in"] == "query"),
                answers={
                    status: _place(answer["schema"], file) if "schema" in answer else None
                    for status, answer in found["responses"].items()
                },
            )
    raise LookupError(f"{method} {path}")


def api_version() -> str:
    """Return the API version of the Swagger."""
    return str(_load("virtualMachine.json")["info"]["version"])


def complaints(place: str, value: object) -> list[str]:
    """Return the violations of the schema at `place` in a value: wrong types, and undeclared keys."""
    validator = Draft4Validator({"$ref": place}, registry=_registry(), format_checker=_FORMATS)
    wrong = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
    return wrong + list(_undeclared({"$ref": place}, _registry().resolver(), value, "$"))


def _undeclared(schema: Any, resolver: Resolver[Any], value: object, path: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Find the keys that no schema names, which JSON Schema itself would accept."""
    if "$ref" in schema:
        found = resolver.lookup(schema["$ref"])
        schema, resolver = found.contents, found.resolver
    if isinstance(value, dict):
        known, others = dict(_properties(schema, resolver)), schema.get("additionalProperties")
        for key, item in value.items():
            if key in known:
                yield from _undeclared(*known[key], item, f"{path}.{key}")
            elif others is None:
                yield f"{path}.{key}: not in the Swagger"
            else:
                yield from _undeclared(others, resolver, item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _undeclared(schema.get("items", {}), resolver, item, f"{path}[{index}]")


def _properties(schema: Any, resolver: Resolver[Any]) -> Iterator[tuple[str, tuple[Any, Resolver[Any]]]]:  # noqa: ANN401 - JSON
    if "$ref" in schema:
        found = resolver.lookup(schema["$ref"])
        schema, resolver = found.contents, found.resolver
    for name, property_schema in schema.get("properties", {}).items():
        yield name, (property_schema, resolver)
    for part in schema.get("allOf", ()):
        yield from _properties(part, resolver)


def _place(schema: Mapping[str, str], file: str) -> str:
    return urljoin(file, schema["$ref"])


def _contents(parameter: Mapping[str, Any], file: str) -> Mapping[str, Any]:
    if "$ref" not in parameter:
        return parameter
    contents: Mapping[str, Any] = _registry().resolver(file).lookup(parameter["$ref"]).contents
    return contents


@cache
def _load(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((_FOLDER / name).read_text(), object_hook=_open_enums)


def _open_enums(schema: dict[str, Any]) -> dict[str, Any]:
    """Accept any text for an enumeration that is only a hint, as AutoRest does (`modelAsString`)."""
    if schema.get("x-ms-enum", {}).get("modelAsString"):
        return {key: value for key, value in schema.items() if key != "enum"}
    return schema


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resources(
        (uri, DRAFT4.create_resource(_load(name))) for name, uri in _FILES.items()
    )
