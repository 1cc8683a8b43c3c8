"""The expressions of a template: `[function(arguments).member]`, and nothing that is guessed.

Rule 1: a text is an expression when it begins with `[` and ends with `]`; one that begins with `[[` is text.
Rule 2: a function that is not in the table below is refused by name, because the result would be a guess.
Source: Microsoft Learn, "Syntax and expressions in ARM templates". The functions are those that azure-cli
writes for `az vm create`, and those that lead to names and ids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from .errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?[0-9]{1,18})|(?P<name>[A-Za-z_]\w*)|(?P<mark>[(),.\[\]]))"
)
# Deep enough for any program's template, and far from the interpreter's own limit.
_MAX_DEPTH = 32
_MAX_NESTING = 100


@dataclass(frozen=True, slots=True)
class Scope:
    """What the functions of a template read.

    Attributes:
        parameters: The values of the parameters, by lower-case name.
        variables: The values of the variables, by lower-case name, already evaluated.
        group: The resource group as `resourceGroup()` shows it: its `id`, `name` and `location`.
    """

    subscription_id: str
    group: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)


def evaluated(value: Any, scope: Scope, depth: int = 0) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
    """Return a part of a template with its expressions replaced by their values; null members are left out.

    Args:
        value: The part.
        scope: What its functions read.
        depth: In how many objects and lists of the template it is.

    Raises:
        ArmError: An expression is not understood.
    """
    if depth > _MAX_NESTING:
        raise invalid_template("The template is nested too deeply")
    if isinstance(value, dict):
        # Microsoft Learn, "Template functions": a property that is null counts as absent.
        items = ((key, evaluated(item, scope, depth + 1)) for key, item in value.items())
        return {key: item for key, item in items if item is not None}
    if isinstance(value, list):
        return [evaluated(item, scope, depth + 1) for item in value]
    return _evaluated_text(value, scope) if isinstance(value, str) else value


def _evaluated_text(text: str, scope: Scope) -> Any:  # noqa: ANN401 - as above.
    if text.startswith("[["):
        return text[1:]
    if not (text.startswith("[") and text.endswith("]")):
        return text
    return _Reader(text, scope).read()


def invalid_template(message: str) -> ArmError:
    """Refuse a template, in ARM's words around the reason."""
    return ArmError(400, "InvalidTemplate", f"Deployment template validation failed: '{message}'.")


class _Reader:
    """Reads one expression from left to right, and evaluates it while it reads."""

    def __init__(self, text: str, scope: Scope) -> None:
        """Split an expression into its tokens."""
        self._text = text
        self._scope = scope
        self._tokens = self._split(text[1:-1])
        self._depth = 0

    def read(self) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
        """Evaluate the whole expression."""
        value = self._value()
        if self._tokens:
            self.refuse(f"'{self._tokens[0]}' is not expected")
        return value

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the expression."""
        raise invalid_template(
            f"The template language expression '{self._text}' is not valid: {reason}. "
            "Please see https://aka.ms/arm-template-expressions for usage details."
        )

    def _split(self, text: str) -> list[str]:
        tokens: list[str] = []
        end = 0
        text = text.rstrip()
        while end < len(text):
            found = _TOKEN.match(text, end)
            if found is None:
                self.refuse(f"the character '{text[end:].lstrip()[:1]}' is not expected")
            tokens.append(found[0].strip())
            end = found.end()
        return tokens

    def _next(self) -> str:
        if not self._tokens:
            self.refuse("it ends too early")
        return self._tokens.pop(0)

    def _take(self, mark: str) -> bool:
        if self._tokens and self._tokens[0] == mark:
            self._tokens.pop(0)
            return True
        return False

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            self.refuse(f"'{mark}' is missing")

    def _value(self) -> Any:  # noqa: ANN401 - as above.
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self.refuse("it is nested too deeply")
        token = self._next()
        if token.startswith("'"):
            value: Any = token[1:-1].replace("''", "'")
        elif token.lstrip("-").isdecimal():
            value = int(token)
        else:
            value = self._accessed(self._call(token))
        self._depth -= 1
        return value

    def _call(self, name: str) -> Any:  # noqa: ANN401 - as above.
        function = _FUNCTIONS.get(name.lower())
        if function is None:
            self.refuse(f"the template function '{name}' is not one that the simulator knows")
        self._expect("(")
        arguments: list[Any] = []
        while not self._take(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._value())
        try:
            return function(self._scope, arguments)
        except _WrongArgumentsError as error:
            self.refuse(f"{name}: {error}")

    def _accessed(self, value: Any) -> Any:  # noqa: ANN401 - as above.
        while True:
            if self._take("."):
                value = self._member(value, self._next())
            elif self._take("["):
                value = self._member(value, self._value())
                self._expect("]")
            else:
                return value

    def _member(self, value: Any, key: Any) -> Any:  # noqa: ANN401 - as above.
        if isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            return value[key]
        if isinstance(value, dict) and isinstance(key, str):
            for name, item in value.items():
                if name.lower() == key.lower():
                    return item
        return self.refuse(f"the language expression property '{key}' doesn't exist")


class _WrongArgumentsError(Exception):
    """A function cannot be called with these arguments."""


def _texts(arguments: Sequence[Any]) -> list[str]:
    if not all(isinstance(argument, str) for argument in arguments):
        raise _WrongArgumentsError("each argument must be a string")
    return list(arguments)


def _named(found: Mapping[str, Any], arguments: Sequence[Any], kind: str) -> Any:  # noqa: ANN401 - as above.
    names = _texts(arguments)
    if len(names) != 1 or names[0].lower() not in found:
        raise _WrongArgumentsError(f"the template {kind} '{', '.join(names)}' is not found")
    return found[names[0].lower()]


def _concat(_: Scope, arguments: Sequence[Any]) -> Any:  # noqa: ANN401 - as above.
    if arguments and all(isinstance(argument, list) for argument in arguments):
        return [item for argument in arguments for item in argument]
    if not all(isinstance(argument, str | int) and not isinstance(argument, bool) for argument in arguments):
        raise _WrongArgumentsError("the arguments must be strings and numbers, or arrays only")
    return "".join(map(str, arguments))


def resource_path(group: str, resource_type: str, name: str) -> str | None:
    """Return the resource id of a type and a name of as many parts, or None where they do not fit."""
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
        raise _WrongArgumentsError("a resource type is required")
    before, resource_type, names = texts[:position], texts[position], texts[position + 1 :]
    group = str(scope.group["id"])
    if before:
        subscription = before[0] if len(before) > 1 else scope.subscription_id
        group = f"/subscriptions/{subscription}/resourceGroups/{before[-1]}"
    found = resource_path(group, resource_type, "/".join(names))
    if found is None:
        raise _WrongArgumentsError(f"the type '{resource_type}' needs one name for each of its parts")
    return found


def _without_arguments(arguments: Sequence[Any], value: Any) -> Any:  # noqa: ANN401 - as above.
    if arguments:
        raise _WrongArgumentsError("it has no arguments")
    return value


_FUNCTIONS: Mapping[str, Callable[[Scope, Sequence[Any]], Any]] = {
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
