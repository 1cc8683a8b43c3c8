"""`make mutate ROOM=inputs`: changes a room in small ways; each change must make a test fail.

It is no part of `make test`, because a room needs minutes to an hour. `survivors.toml` has the reasons of the
changes that no test finds; every other survivor is printed, and is a test that is missing.
"""

from __future__ import annotations

import argparse
import random
import sys
import tomllib
from functools import partial
from typing import TYPE_CHECKING

import pytest

from .runner import ROOT, MutationRun

if TYPE_CHECKING:
    from .mutations import Mutation

SURVIVORS = ROOT / "tests" / "mutation" / "survivors.toml"
# The tests of a room come first. What survives them meets those of the rooms above it.
SUITES = {
    "auth": ("tests/unit/auth", "tests/signin"),
    "inputs": ("tests/unit/inputs", "tests/unit/reimage", "tests/unit/dynamic"),
    "reimage": ("tests/unit/reimage", "tests/unit/dynamic"),
}


def main(arguments: list[str]) -> int:
    """Run the changes of a room, print how they ended, and return 1 if one survived without a reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("room", help="a room, such as inputs")
    parser.add_argument("words", nargs="*", help="only changes whose names contain one of these")
    parser.add_argument("--most", type=int, help="so many changes, chosen by chance but always the same")
    parser.add_argument("--suite", nargs="+", help="the tests to run, instead of those of the room")
    options = parser.parse_intermixed_args(arguments)
    run = MutationRun(options.room, partial(_choose, words=options.words, most=options.most))
    # Without capture, each fork can be silent. A failure is only counted.
    quiet = ["-q", "-s", "--tb=no", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist"]
    suite = options.suite or SUITES.get(options.room, (f"tests/unit/{options.room}",))
    pytest.main([*quiet, *suite], plugins=[run])
    explained = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))
    without_reason = [name for name in run.result.survived if name not in explained]
    total = run.result.killed + len(run.result.survived)
    print(  # noqa: T201 - a command.
        f"{options.room}: {run.result.killed} of {total} changes killed, {len(run.result.survived)} survived "
        f"({len(without_reason)} without a reason)"
    )
    return int(bool(without_reason))


def _choose(
    found: list[tuple[str, Mutation]], *, words: list[str], most: int | None
) -> list[tuple[str, Mutation]]:
    named = [
        (name, mutation)
        for name, mutation in found
        if not words or any(word in f"{name}.{mutation.name}" for word in words)
    ]
    if most is None or most >= len(named):
        return named
    return random.Random(1).sample(named, most)  # noqa: S311 - the same ones each time.


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
