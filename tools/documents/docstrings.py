"""What the source says about inputs and outputs: their names, types and docstrings."""

from __future__ import annotations

import ast
import itertools
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi_azure_reimage

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPONENT = Path(pulumi_azure_reimage.__file__).parent / "component.py"


@dataclass(frozen=True, slots=True)
class Described:
    """An input or an output.

    Attributes:
        name: As Python spells it.
        type: Its type without what only Pulumi and type checkers need, such as `Mapping[str, Any]`.
        required: Whether a program must give it; of an output, whether it always has a value.
        meaning: Its docstring on one line.
    """

    name: str
    type: str
    required: bool
    meaning: str


def described_inputs(class_name: str) -> list[Described]:
    """Return the fields of a TypedDict of component.py, in its order."""
    body = _class(class_name).body
    return [
        Described(
            ast.unparse(field.target),
            _for_programs(_plain(ast.unparse(field.annotation))),
            "NotRequired" not in ast.unparse(field.annotation),
            _one_line(after.value.value),
        )
        for field, after in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
        and isinstance(after.value.value, str)
    ]


def described_outputs() -> list[Described]:
    """Return the properties of VirtualMachineReimage, in its order."""
    return [
        Described(
            method.name,
            _plain(ast.unparse(method.returns)),
            "None" not in ast.unparse(method.returns),
            _one_line(ast.get_docstring(method) or ""),
        )
        for method in _properties(_class("VirtualMachineReimage"))
        if method.returns
    ]


def _properties(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and any(
            ast.unparse(decorator) == "property" for decorator in method.decorator_list
        ):
            yield method


def _for_programs(annotation: str) -> str:
    """Return a type as type checkers see `Timeout` and `Files`, which are narrower in the schema."""
    for name in ("Timeout", "Files"):
        assigned = next(
            node
            for node in ast.walk(_source())
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
        )
        annotation = re.sub(rf"\b{name}\b", _plain(ast.unparse(assigned.value)), annotation)
    return annotation


@cache
def _source() -> ast.Module:
    return ast.parse(_COMPONENT.read_text(encoding="utf-8"))


@cache
def _class(name: str) -> ast.ClassDef:
    for node in ast.walk(_source()):
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node
    raise LookupError(f"component.py has no class {name}")


def _plain(annotation: str) -> str:
    """Return a type without `NotRequired`, `Input`, `Output` and `None`."""
    before, plain = "", annotation.replace(" | None", "")
    while plain != before:
        before, plain = (
            plain,
            re.sub(r"\b(?:NotRequired|Input|Output)\[([^\[\]]*(?:\[[^\[\]]*\])*[^\[\]]*)\]", r"\1", plain),
        )
    return plain


def _one_line(docstring: str) -> str:
    return " ".join(docstring.split())
