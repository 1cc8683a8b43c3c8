"""Runs the tests that call a changed function, in a fork for each change, until one of them fails.

The tests are imported and collected once. A first fork runs them all, and records how long each of them takes
and which functions it calls. So a change meets only the tests that can see it. First come those that are
likely to find it: the tests of its own module, then those that call few functions.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .apply import PACKAGE, Place, apply, live_functions, readers
from .mutations import Mutation, mutations

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence
    from types import FrameType

    import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "provider" / PACKAGE

# A run of tests counts as endless after this many times its usual time plus this many seconds: first of CPU
# time, then of wall-clock time, which other work on the machine stretches.
_ENDLESS, _ENDLESS_WAIT = (2, 5), (10, 60)

_PASSED, _FAILED = 0, 1


@dataclass(slots=True)
class Result:
    """How the changes of a room ended.

    Attributes:
        killed: How many made a test fail or never end.
        explained: How many of the others have a reason.
        survived: The names of those that have none.
    """

    killed: int = 0
    explained: int = 0
    survived: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Run:
    """How a test ran without a change: which functions of the package it called, and for how many seconds."""

    called: frozenset[Place]
    seconds: float


class MutationRun:
    """A pytest plug-in that runs the collected tests once for each change."""

    def __init__(self, changes: Sequence[tuple[str, Mutation]], reasons: Container[str]) -> None:
        """Store the arguments.

        Args:
            changes: The changes, each with the name of its module.
            reasons: The names of those that need not be found.
        """
        self.result = Result()
        self._changes = changes
        self._reasons = reasons

    def pytest_collection(self) -> None:
        """Make property tests report the same failure each time, without shrinking it."""
        from hypothesis import Phase, settings  # noqa: PLC0415 - pytest rewrites it when it loads its plug-ins.

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile(
            "mutation", max_examples=100, derandomize=True, database=None, phases=phases
        )
        settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests for each change instead of once."""
        runs = _observed(session.items)
        functions = live_functions()
        gc.freeze()  # Then no fork copies memory that it does not change.
        for name, mutation in self._changes:
            module = import_module(name)
            places = readers(mutation, module, functions)
            items = [item for item in session.items if not places or places & runs[item.nodeid].called]
            items.sort(key=lambda item, mod=name: _how_late(item, runs[item.nodeid], mod))  # type: ignore[misc]
            killed = _ended_badly(
                lambda m=mutation, mod=module: apply(m, mod, functions),  # type: ignore[misc]
                items,
                sum(runs[item.nodeid].seconds for item in items),
            )
            self._note(full_name(name, mutation), mutation.line, killed=killed)
        return True

    def _note(self, name: str, line: int, *, killed: bool) -> None:
        if killed:
            self.result.killed += 1
        elif name in self._reasons:
            self.result.explained += 1
        else:
            self.result.survived.append(name)
            sys.__stdout__.write(f"survived, line {line}: {name}\n")  # type: ignore[union-attr]
            sys.__stdout__.flush()  # type: ignore[union-attr]


def full_name(module: str, mutation: Mutation) -> str:
    """Return the name of a change in a list of all rooms."""
    return f"{module.removeprefix(f'{PACKAGE}.')}.{mutation.name}"


def room_mutations(room: str) -> Iterator[tuple[str, Mutation]]:
    """Yield each change of a room with the name of its module."""
    for file in sorted((SOURCES / room).glob("*.py")):
        for mutation in mutations(file.read_text(encoding="utf-8")):
            yield f"{PACKAGE}.{room}.{file.stem}", mutation


def _how_late(item: pytest.Item, run: Run, module: str) -> tuple[bool, float]:
    """Return the sort key of a test. One that calls few functions is likely to find a change of each."""
    return not item.path.stem.startswith(f"test_{module.rpartition('.')[2]}"), len(run.called) * run.seconds


def _observed(items: list[pytest.Item]) -> dict[str, Run]:
    """Return how each test ran without a change."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        _be_silent()
        caches = [
            made
            for made in gc.get_objects()
            if isinstance(made, _lru_cache_wrapper) and made.__module__.startswith(PACKAGE)
        ]
        runs = {item.nodeid: _profiled(item, after, caches) for item, after in _pairs(items)}
        with os.fdopen(writer, "wb") as stream:
            pickle.dump((runs, items[0].session.testsfailed), stream)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        seen: dict[str, Run]
        seen, failed = pickle.load(stream)  # noqa: S301 - of our own fork.
    os.waitpid(child, 0)
    assert not failed, f"{failed} tests fail without any change"
    return seen


def _profiled(item: pytest.Item, after: pytest.Item | None, caches: list[_lru_cache_wrapper[object]]) -> Run:
    seen: set[Place] = set()
    for cache in caches:
        # Otherwise only the first test would call the cached function.
        cache.cache_clear()

    def note(frame: FrameType, event: str, _: Any) -> None:  # noqa: ANN401 - as sys.setprofile passes it.
        if event == "call":
            seen.add((frame.f_code.co_filename, frame.f_code.co_qualname))

    began = time.perf_counter()
    threading.setprofile(note)
    sys.setprofile(note)
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
    sys.setprofile(None)
    threading.setprofile(None)
    called = frozenset(place for place in seen if place[0].startswith(str(SOURCES)))
    return Run(called, time.perf_counter() - began)


def _ended_badly(change: Callable[[], object], items: list[pytest.Item], usual: float) -> bool:
    """Return whether a test fails, does not end, or ends the process after a change."""
    if not items:
        return False
    if (child := os.fork()) == 0:
        _be_silent()
        signal.setitimer(signal.ITIMER_PROF, _ENDLESS[0] * usual + _ENDLESS[1])
        signal.setitimer(signal.ITIMER_REAL, _ENDLESS_WAIT[0] * usual + _ENDLESS_WAIT[1])
        os._exit(_run(change, items))
    return os.waitpid(child, 0)[1] != _PASSED


def _run(change: Callable[[], object], items: list[pytest.Item]) -> int:
    try:
        assert change(), "nothing was changed"
        for item, after in _pairs(items):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if item.session.testsfailed:
                return _FAILED
    except BaseException:  # noqa: BLE001 - the fork must never continue as its parent.
        return _FAILED
    return _PASSED


def _pairs(items: list[pytest.Item]) -> Iterable[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)


def _be_silent() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
