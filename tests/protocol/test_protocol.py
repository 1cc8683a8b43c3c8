"""No story up to a bound, played on the shipped providers, breaks an invariant of the protocol.

The size of each exploration is printed at the end. `--protocol=deep` explores further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .choices import Choices, siblings
from .configuration import Configuration
from .configurations import DEEP, USUAL
from .explore import explore
from .key import key_of
from .mutant import AnyMutant, kill
from .mutants import MUTANTS
from .steps import run
from .world import Bounds

if TYPE_CHECKING:
    from collections.abc import Callable


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the configurations."""
    if "configuration" in metafunc.fixturenames:
        deep = metafunc.config.getoption("--protocol") == "deep"
        chosen = DEEP if deep else USUAL
        metafunc.parametrize("configuration", chosen, ids=[one.name for one in chosen])


def test_no_story_breaks_an_invariant(
    configuration: Configuration, record_property: Callable[[str, object], None]
) -> None:
    """Explore a configuration, and print each broken invariant as a story."""
    found = explore(configuration)
    record_property("explored", (configuration.name, found.situations, found.transitions))
    assert found.complete
    stories = [f"{name}\n    " + "\n    ".join(story) for name, story in found.broken.items()]
    assert not stories, "\n".join(stories)


def test_providers_hold_nothing_between_steps() -> None:
    """Each run is played twice: with providers that are rebuilt for each step, and with the same ones."""
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


@pytest.mark.parametrize(
    "name",
    [
        "a process id as host id",
        "no fence",
        "a fence from the start of the CLI",
        "a retry after Rejected is not doubtful",
        "Unknown with a fresh look",
        "no Withdrawn",
        "the log's absence trusted early",
    ],
)
def test_the_exploration_finds_what_broke_an_earlier_draft(name: str) -> None:
    """Each mutant brings back a rule of an earlier draft of the protocol. `make mutants` has many more."""
    how, _ = kill(next(mutant for mutant in MUTANTS if mutant.name == name))
    assert how == "killed"


def test_the_stories_of_each_mutant_break_nothing_without_it() -> None:
    """A mutant is killed by its own change, because the usual configurations contain its stories."""
    for mutant in MUTANTS:
        assert any(one.contains(mutant.configuration) for one in USUAL), mutant.name


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_each_mutant_changes_a_line_that_is_there(mutant: AnyMutant) -> None:
    """Without its line, a mutant would only make `make mutants` fail."""
    with mutant.applied():
        pass
