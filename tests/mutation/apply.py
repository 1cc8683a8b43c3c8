"""Applies a change to the loaded modules, so that each module that imported a function runs the mutant."""

from __future__ import annotations

import ast
import gc
import sys
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .mutations import Mutation

PACKAGE = "pulumi_azure_reimage"

Place = tuple[str, str]
"""The file of a function, and its qualified name."""


def live_functions() -> dict[Place, list[FunctionType]]:
    """Return all loaded functions by their place, including those that a decorator has wrapped."""
    found: dict[Place, list[FunctionType]] = {}
    for candidate in gc.get_objects():
        if isinstance(candidate, FunctionType):
            code = candidate.__code__
            found.setdefault((code.co_filename, code.co_qualname), []).append(candidate)
    return found


def apply(mutation: Mutation, module: ModuleType, functions: dict[Place, list[FunctionType]]) -> bool:
    """Change what is loaded, and return whether anything was changed."""
    file = module.__file__ or ""
    live = functions.get((file, mutation.where), [])
    if not live:
        return _change_constants(mutation, module)
    compiled = compile(mutation.tree, file, "exec", dont_inherit=True)
    codes = {code.co_qualname: code for code in _codes(compiled)}
    for function in live:
        function.__code__ = codes[mutation.where]
    return True


def readers(mutation: Mutation, module: ModuleType, functions: dict[Place, list[FunctionType]]) -> set[Place]:
    """Return the places where a change can be seen: its function, or the functions that read its constant.

    Returns:
        An empty set if it is not known where.
    """
    place = (module.__file__ or "", mutation.where)
    if place in functions:
        return {place}
    names = {name for name, _ in _computed(mutation)}
    return {
        (code.co_filename, code.co_qualname)
        for (file, _), live in functions.items()
        if PACKAGE in file
        for code in _codes_of(live[0])
        if names.intersection(code.co_names)
    }


def _codes_of(function: FunctionType) -> Iterator[CodeType]:
    yield function.__code__
    yield from _codes(function.__code__)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _change_constants(mutation: Mutation, module: ModuleType) -> bool:
    """Change a constant and those computed from it, in their module and in each that has imported them."""
    computed = _computed(mutation)
    for name, value in computed:
        if name not in vars(module):
            return False
        old = vars(module)[name]
        new = eval(compile(ast.Expression(value), name, "eval"), vars(module))  # noqa: S307 - our own source.
        for other in list(sys.modules.values()):
            if other.__name__.startswith(PACKAGE) and vars(other).get(name) is old:
                setattr(other, name, new)
    return bool(computed)


def _computed(mutation: Mutation) -> list[tuple[str, ast.expr]]:
    """Return the constants that a change reaches, in the order of their module, and what they are now."""
    names = {mutation.where}
    found: list[tuple[str, ast.expr]] = []
    for node in mutation.tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if name == mutation.where or _reads(value, {*names, "globals"}):
                names.add(name)
                found.append((name, value))
            case _:
                pass
    return found


def _reads(value: ast.expr, names: set[str]) -> bool:
    return any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(value))
