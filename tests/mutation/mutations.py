"""The changes: one small mistake at a time, in a function or in a constant of a module.

Texts are not changed, because people decide what a message says, and a test of each would only copy it.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
# How long a text may be when it is shown.
_MATTERS_OF_TASTE = frozenset({"_SHOWN"})
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of a module.

    Attributes:
        where: The function, or the constant, with its class.
        line: Its line in the file.
        before: The source of the smallest part that differs.
        after: The same, changed.
        tree: The whole module, changed.
    """

    where: str
    line: int
    before: str
    after: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Its name in a list, which does not depend on its line."""
        return f"{self.where}: {self.before} -> {self.after}"


def mutations(source: str) -> Iterator[Mutation]:
    """Yield each change of a module, in the order of its lines."""
    module = ast.parse(source)
    for where, body in _places(module, ""):
        for node in _changeable(body):
            for changed in _changed(node):
                yield Mutation(
                    where,
                    getattr(node, "lineno", 0),
                    _shown(node),
                    _shown(changed),
                    _replaced(module, node, changed),
                )


def _places(parent: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, ast.AST]]:
    """Yield the functions of a module and of its classes, and the constants of the module."""
    for node in parent.body:
        match node:
            case ast.FunctionDef(name=name):
                yield f"{prefix}{name}", node
            case ast.ClassDef(name=name):
                yield from _places(node, f"{prefix}{name}.")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if (
                not prefix and name not in _MATTERS_OF_TASTE
            ):
                yield name, node
            case _:
                pass


def _changeable(place: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a place, without its annotations, defaults and decorators."""
    match place:
        case ast.FunctionDef(body=body):
            parts: list[ast.AST] = list(body)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            parts = [value]
        case _:
            parts = []
    for part in parts:
        yield from _walk(part)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "format_spec"):
            continue
        for child in value if isinstance(value, list) else [value]:
            # The length to which a text is cut is a matter of taste.
            if isinstance(child, ast.AST) and not (isinstance(child, ast.keyword) and child.arg == "limit"):
                yield from _walk(child)


def _changed(node: ast.AST) -> Iterator[ast.AST]:  # noqa: C901, PLR0912 - one case for each kind of mistake.
    match node:
        case ast.Compare(ops=[op], left=left, comparators=right) if type(op) in _COMPARISONS:
            yield ast.Compare(left, [_COMPARISONS[type(op)]()], right)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC and not _is_text(node):
            yield ast.BinOp(left, _ARITHMETIC[type(op)](), right)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as number) if number + 1 != number:
            yield ast.Constant(number + 1)
        case ast.If(test=test, body=body, orelse=orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.Name(id=name) if name in _NAMES:
            yield ast.Name(_NAMES[name], node.ctx)
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.AugAssign() | ast.Raise():
            yield ast.Pass()
        case ast.comprehension(target=target, iter=over, ifs=[_, *others]):
            yield ast.comprehension(target, over, others, node.is_async)
        case ast.match_case(pattern=pattern, guard=ast.expr(), body=body):
            yield ast.match_case(pattern, None, body)
        case _:
            pass


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(part, ast.JoinedStr | ast.Constant | ast.List | ast.Tuple) and not _is_number(part)
        for part in (node.left, node.right)
    )


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _shown(node: ast.AST) -> str:
    """Return the first line of a part's source."""
    match node:
        case ast.If(test=test):
            return f"if {ast.unparse(test)}"
        case ast.match_case(pattern=pattern, guard=guard):
            return f"case {ast.unparse(pattern)}{f' if {ast.unparse(guard)}' if guard else ''}"
        case ast.comprehension(target=target, ifs=ifs):
            return f"for {ast.unparse(target)}{''.join(f' if {ast.unparse(test)}' for test in ifs)}"
        case _:
            return ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).splitlines()[0]


class _Replacement(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self._old:
            return ast.copy_location(self._new, node) if hasattr(node, "lineno") else self._new
        return super().generic_visit(_copied(node))


def _copied(node: ast.AST) -> ast.AST:
    """Return a copy whose lists may be changed."""
    new = copy.copy(node)
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            setattr(new, name, list(value))
    return new


def _replaced(module: ast.Module, old: ast.AST, new: ast.AST) -> ast.Module:
    tree = _Replacement(old, new).visit(module)
    assert isinstance(tree, ast.Module)
    return ast.fix_missing_locations(tree)
