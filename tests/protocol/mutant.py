"""A mutant: product code with one changed line, which must break an invariant in the exploration."""

from __future__ import annotations

import inspect
import textwrap
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from pulumi_azure_reimage.reimage import run

from .explore import Findings, explore
from .mutant_stories import KILLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FunctionType, ModuleType

    from .configuration import Configuration


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed line.

    Attributes:
        function: The function that has the line.
        invariant: The invariant that must break.
        configuration: The stories in which it must break.
    """

    name: str
    function: Callable[..., object]
    line: str
    changed: str
    invariant: str
    configuration: Configuration

    def changed_source(self) -> str:
        """Return the source of the function with the line changed. The line must be there exactly once."""
        source = textwrap.dedent(inspect.getsource(self.function))
        assert source.count(self.line) == 1, f"{self.name}: the line is there {source.count(self.line)} times"
        return source.replace(self.line, self.changed)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Change the function in place, so that every module that has imported it runs the mutant."""
        function = cast("FunctionType", self.function)
        kept = function.__code__
        function.__code__ = self._compile(function, self.changed_source()).__code__
        try:
            yield
        finally:
            function.__code__ = kept

    def _compile(self, function: FunctionType, source: str) -> FunctionType:
        names: dict[str, FunctionType] = {}
        source = "from __future__ import annotations\n" + source
        exec(compile(source, f"<{self.name}>", "exec"), function.__globals__, names)  # noqa: S102 - our own source.
        return names[function.__name__]


@dataclass(frozen=True, slots=True)
class ChangedConstant:
    """A changed line of a constant, in each module that has imported it.

    Attributes:
        modules: The module that defines it, and those that have imported it.
    """

    name: str
    modules: tuple[ModuleType, ...]
    constant: str
    changed: object
    invariant: str
    configuration: Configuration

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Change the constant."""
        kept = [vars(module)[self.constant] for module in self.modules]
        for module in self.modules:
            vars(module)[self.constant] = self.changed
        try:
            yield
        finally:
            for module, value in zip(self.modules, kept, strict=True):
                vars(module)[self.constant] = value


@dataclass(frozen=True, slots=True)
class ConstantHostId:
    """A host id that two runs share, as a process id can be."""

    name: str = "a process id as host id"
    invariant: str = "once"
    configuration: Configuration = KILLS

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Give each run the same id."""
        kept = vars(run)["uuid"]
        vars(run)["uuid"] = SimpleNamespace(uuid4=lambda: "4711")
        try:
            yield
        finally:
            vars(run)["uuid"] = kept


AnyMutant = Mutant | ChangedConstant | ConstantHostId


def kill(mutant: AnyMutant) -> tuple[str, Findings]:
    """Return how a mutant ended: killed, killed by another invariant, or alive.

    Without the mutant, its stories break nothing, because they are among those of the usual configurations.
    """
    with mutant.applied():
        found = explore(mutant.configuration, until=mutant.invariant)
    if any(name.startswith(mutant.invariant) for name in found.broken):
        return "killed", found
    return (f"killed by {sorted(found.broken)}" if found.broken else "ALIVE"), found
