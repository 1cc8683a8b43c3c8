"""The functions that the expressions of a template can call, and what they read.

They are the functions that azure-cli uses for `az vm create`, and those for names and ids. Source: Microsoft
Learn, "ARM template functions".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Scope:
    """What the functions of a template read.

    Attributes:
        parameters: The values of the parameters, by lower-case name.
        variables: The evaluated values of the variables, by lower-case name.
        group: The resource group as `resourceGroup()` shows it: its `id`, `name` and `location`.
    """

    subscription_id: str
    group: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)


class WrongArgumentsError(Exception):
    """A function cannot be called with these arguments."""


def _texts(arguments: Sequence[Any]) -> list[str]:
    if not all(isinstance(argument, str) for argument in arguments):
        raise WrongArgumentsError("each argument must be a string")
    return list(arguments)


def _named(found: Mapping[str, Any], arguments: Sequence[Any], kind: str) -> Any:  # noqa: ANN401 - as above.
    names = _texts(arguments)
    if len(names) != 1 or names[0].lower() not in found:
        raise WrongArgumentsError(f"the template {kind} '{', '.join(names)}' is not found")
    return found[names[0].lower()]


def _concat(_: Scope, arguments: Sequence[Any]) -> Any:  # noqa: ANN401 - as above.
    if arguments and all(isinstance(argument, list) for argument in arguments):
        return [item for argument in arguments for item in argument]
    if not all(isinstance(argument, str | int) and not isinstance(argument, bool) for argument in arguments):
        raise WrongArgumentsError("the arguments must be strings and numbers, or arrays only")
    return "".join(map(str, arguments))


def resource_path(group: str, resource_type: str, name: str) -> str | None:
    """Return the resource id of a type and a name with as many parts, or None if they do not fit."""
    namespace, *types = resource_type.split("/")
    names = name.split("/")
    if not types or len(types) != len(names) or not all((namespace, *types, *names)):
        return None
    pairs = "/".join(f"{kind}/{part}" for kind, part in zip(types, names, strict=True))
    return f"{group}/providers/{namespace}/{pairs}"


def _resource_id(scope: Scope, arguments: Sequence[Any]) -> str:
    """Return `resourceId([subscription], [group], type, name, …)`."""
    texts = _texts(arguments)
    position = next((number for number, text in enumerate(texts) if "/" in text), None)
    if position is None or position > 2:  # noqa: PLR2004 - a subscription and a group at most.
        raise WrongArgumentsError("a resource type is required")
    before, resource_type, names = texts[:position], texts[position], texts[position + 1 :]
    group = str(scope.group["id"])
    if before:
        subscription = before[0] if len(before) > 1 else scope.subscription_id
        group = f"/subscriptions/{subscription}/resourceGroups/{before[-1]}"
    found = resource_path(group, resource_type, "/".join(names))
    if found is None:
        raise WrongArgumentsError(f"the type '{resource_type}' needs one name for each of its parts")
    return found


def _without_arguments(arguments: Sequence[Any], value: Any) -> Any:  # noqa: ANN401 - as above.
    if arguments:
        raise WrongArgumentsError("it has no arguments")
    return value


FUNCTIONS: Mapping[str, Callable[[Scope, Sequence[Any]], Any]] = {
    "concat": _concat,
    "parameters": lambda scope, arguments: _named(scope.parameters, arguments, "parameter"),
    "resourcegroup": lambda scope, arguments: _without_arguments(arguments, scope.group),
    "resourceid": _resource_id,
    "subscription": lambda scope, arguments: _without_arguments(
        arguments,
        {"id": f"/subscriptions/{scope.subscription_id}", "subscriptionId": scope.subscription_id},
    ),
    "variables": lambda scope, arguments: _named(scope.variables, arguments, "variable"),
}
