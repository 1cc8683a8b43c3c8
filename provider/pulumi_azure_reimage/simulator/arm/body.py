"""The body of a request, which must be a JSON object with the types that ARM requires."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .errors import ArmError, bad_request, invalid_parameter

Members = Mapping[str, type]


# The members of every ARM resource.
_ENVELOPE = {"location": str, "tags": dict, "properties": dict}


def read_object(body: bytes, content_type: str | None) -> Mapping[str, Any]:
    """Read a body that must be a JSON object.

    Raises:
        ArmError: It is not one, or its media type is wrong.
    """
    if content_type is not None and content_type.split(";")[0].strip().lower() != "application/json":
        raise ArmError(
            415,
            "UnsupportedMediaType",
            f"The content media type '{content_type}' is not supported. "
            "Only 'application/json' is supported.",
        )
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except RecursionError:
        raise bad_request("The request content is nested too deeply.") from None
    except ValueError as error:  # Bad UTF-8 too.
        raise ArmError(
            400,
            "InvalidRequestContent",
            f"The request content was invalid and could not be deserialized: '{error}'.",
        ) from error
    if not isinstance(value, Mapping):
        raise bad_request("The request content must be a JSON object.")
    for key, expected in _ENVELOPE.items():
        if value.get(key) is not None and not isinstance(value[key], expected):
            raise _wrong_type(key, expected)
    return value


def check_members(value: Mapping[str, Any], model: str, members: Members, prefix: str = "") -> None:
    """Check that a JSON object has only members of its model, each of the right type or null.

    Raises:
        ArmError: It does not.
    """
    for key, item in value.items():
        path = f"{prefix}{key}"
        if key not in members:
            # The compute service's message for an unknown member (Azure/azure-cli issues quote it for VMs).
            raise bad_request(
                f"Could not find member '{key}' on object of type '{model}'. Path '{path}'.", path
            )
        if item is not None and not isinstance(item, members[key]):
            raise _wrong_type(path, members[key])


def member(value: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
    """Return what is at a path such as `osDisk.managedDisk.id`, or None.

    Raises:
        ArmError: Something on the path is not an object.
    """
    found: Any = value
    for key in path.split("."):
        if found is None:
            return None
        if not isinstance(found, Mapping):
            raise invalid_parameter(path)
        found = found.get(key)
    return found


def text(value: Mapping[str, Any], path: str) -> str | None:
    """Return the text at a path, or None.

    Raises:
        ArmError: There is something else.
    """
    found = member(value, path)
    if found is not None and not isinstance(found, str):
        raise _wrong_type(path, str)
    return found


def inner_object(value: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Return the JSON object at a path; empty if absent.

    Raises:
        ArmError: There is something else.
    """
    found = member(value, path)
    if found is not None and not isinstance(found, Mapping):
        raise _wrong_type(path, dict)
    return found or {}


def objects(value: Mapping[str, Any], path: str) -> list[Mapping[str, Any]]:
    """Return the list of JSON objects at a path; empty if absent.

    Raises:
        ArmError: There is something else.
    """
    found = member(value, path)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise _wrong_type(path, list)
    return found


def required_text(value: Mapping[str, Any], path: str, name: str | None = None) -> str:
    """Return the text at a path. `name` is its name in the refusal, if not the path.

    Raises:
        ArmError: There is none.
    """
    found = text(value, path)
    if found:
        return found
    raise missing(name or path)


def required_location(value: Mapping[str, Any]) -> str:
    """Return the `location` of a resource, which ARM itself requires.

    Raises:
        ArmError: There is none.
    """
    found = text(value, "location")
    if found:
        return found
    raise ArmError(400, "LocationRequired", "The location property is required for this definition.")


def _wrong_type(path: str, expected: type) -> ArmError:
    name = expected.__name__
    return bad_request(f"Error converting the value of '{path}' to type '{name}'. Path '{path}'.", path)


def missing(name: str) -> ArmError:
    """Refuse a body without a parameter (message quoted in issues of Azure/azure-powershell)."""
    return ArmError(400, "InvalidParameter", f"Required parameter '{name}' is missing (null).", target=name)
