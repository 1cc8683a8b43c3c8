"""`make mutate ROOM=inputs`: changes a room in small ways, and each change must make a test fail.

It is not part of `make test`, because a room needs from minutes to an hour. `survivors.toml` has the reasons
for the changes that no test finds. Every other survivor is printed, and shows that a test is missing.
"""

from __future__ import annotations

import argparse
import random
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from .runner import ROOT, MutationRun, full_name, room_mutations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .mutations import Mutation

SURVIVORS = ROOT / "tests" / "mutation" / "survivors.toml"
# The tests of a room come first. A change that survives them meets the tests of the rooms above it.
SUITES = {
    "arm": ("tests/unit/arm", "tests/unit/auth", "tests/unit/reimage"),
    "auth": ("tests/unit/auth", "tests/signin"),
    "inputs": ("tests/unit/inputs", "tests/unit/reimage", "tests/unit/dynamic"),
    "reimage": ("tests/unit/reimage", "tests/unit/dynamic"),
}


def main(arguments: list[str]) -> int:
    """Run the changes of a room, print how they ended, and return 1 if one survived without a reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("room", help="a room, such as inputs")
    parser.add_argument("words", nargs="*", help="only changes whose names contain one of these")
    parser.add_argument("--most", type=int, help="run only this many changes, always the same random sample")
    parser.add_argument("--suite", nargs="+", help="the tests to run, instead of those of the room")
    options = parser.parse_intermixed_args(arguments)
    changes = list(room_mutations(options.room))
    reasons = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))
    run = MutationRun(_choose(changes, words=options.words, most=options.most), reasons)
    # Without pytest's capture, each fork can silence its own output. A failure is only counted.
    quiet = ["-q", "-s", "--tb=no", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist"]
    suite = options.suite or SUITES.get(options.room, (f"tests/unit/{options.room}",))
    pytest.main([*quiet, *suite], plugins=[run])
    result = run.result
    print(  # noqa: T201 - a command.
        f"{options.room}: {result.killed} changes killed, {result.explained} survived with a reason, "
        f"{len(result.survived)} without one"
    )
    return int(bool(result.survived or _report_idle(options.room, changes, reasons)))


def _report_idle(room: str, changes: list[tuple[str, Mutation]], reasons: Iterable[str]) -> bool:
    """Print the reasons whose changes the source no longer allows, and return whether there are any."""
    names = {full_name(module, mutation) for module, mutation in changes}
    idle = [name for name in reasons if name.startswith(f"{room}.") and name not in names]
    for name in idle:
        print(f"no such change any more: {name}")  # noqa: T201 - a command.
    return bool(idle)


def _choose(
    found: list[tuple[str, Mutation]], *, words: list[str], most: int | None
) -> list[tuple[str, Mutation]]:
    """Return the changes whose names contain one of the words, or a sample of them."""
    named = [
        (module, mutation)
        for module, mutation in found
        if not words or any(word in full_name(module, mutation) for word in words)
    ]
    if most is None or most >= len(named):
        return named
    return random.Random(1).sample(named, most)  # noqa: S311 - the same sample each time.


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
