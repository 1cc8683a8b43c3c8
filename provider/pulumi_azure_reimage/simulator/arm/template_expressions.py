"""The expressions of a template: `[function(arguments).member]`. Nothing is guessed.

Rule 1: a string is an expression if it begins with `[` and ends with `]`. One that begins with `[[` is plain
text. Rule 2: a function that `template_functions` does not have is refused by name, because its result would
be a guess. Source: Microsoft Learn, "Syntax and expressions in ARM templates".
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from .errors import ArmError
from .template_functions import FUNCTIONS, Scope, WrongArgumentsError

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?[0-9]{1,18})|(?P<name>[A-Za-z_]\w*)|(?P<mark>[(),.\[\]]))"
)
# Deep enough for any program's template, and far from the interpreter's own limit.
_MAX_DEPTH = 32
_MAX_NESTING = 100


def evaluated(value: Any, scope: Scope, depth: int = 0) -> Any:  # noqa: ANN401 - a JSON document has no narrower type.
    """Return a part of a template, with its expressions evaluated and without null members.

    Args:
        value: The part.
        scope: What its functions read.
        depth: The number of objects and lists around it.

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
    """Refuse a template, with the reason in ARM's message."""
    return ArmError(400, "InvalidTemplate", f"Deployment template validation failed: '{message}'.")


class _Reader:
    """Reads one expression from left to right, and evaluates it at the same time."""

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
        function = FUNCTIONS.get(name.lower())
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
        except WrongArgumentsError as error:
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
