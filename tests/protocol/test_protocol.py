"""Every story up to a bound, on the shipped providers, keeps every invariant of the protocol.

`pytest tests/protocol -s` prints the numbers; `--protocol=deep` explores further.
"""

from __future__ import annotations

import pytest

from .choices import Choices, siblings
from .configuration import Configuration
from .configurations import DEEP, USUAL
from .explore import explore
from .key import key_of
from .mutant import kill
from .mutants import MUTANTS
from .steps import run
from .world import Bounds


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the configurations."""
    if "configuration" in metafunc.fixturenames:
        deep = metafunc.config.getoption("--protocol") == "deep"
        chosen = DEEP if deep else USUAL
        metafunc.parametrize("configuration", chosen, ids=[one.name for one in chosen])


def test_no_story_breaks_an_invariant(
    configuration: Configuration, capsys: pytest.CaptureFixture[str]
) -> None:
    """Explore a configuration, print how large it is, and print each broken invariant as a story."""
    found = explore(configuration)
    with capsys.disabled():
        print(f" {configuration.name}: {found.situations} situations, {found.transitions} transitions")  # noqa: T201 - the numbers.
    stories = [f"{name}\n    " + "\n    ".join(story) for name, story in found.broken.items()]
    assert not stories, "\n".join(stories)


def test_providers_hold_nothing_between_steps() -> None:
    """Play each run twice: with providers that are rebuilt at each step, and with the same ones."""
    start = Configuration("", Bounds(faults=1, bads=1)).start()
    waiting: list[tuple[int, ...]] = [()]
    played = 0
    while waiting:
        prefix = waiting.pop()
        choices = Choices(prefix)
        rebuilt, kept = run(start, choices), run(start, Choices(prefix), keep=True)
        assert key_of(rebuilt) == key_of(kept), choices.story
        waiting += siblings(choices, len(prefix))
        played += 1
    assert played > 20


@pytest.mark.parametrize("name", ["no fence", "no Withdrawn"])
def test_an_exploration_finds_a_fault(name: str) -> None:
    """Kill two mutants; `make mutants` kills them all."""
    how, _ = kill(next(mutant for mutant in MUTANTS if mutant.name == name))
    assert how == "killed"
