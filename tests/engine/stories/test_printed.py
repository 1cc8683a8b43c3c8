"""Stories in the words of tests/protocol, on the real engine: each run ends as it does in the exploration."""

from pathlib import Path

import pytest

from tests.engine.conftest import NewStack
from tests.engine.stories.kills import Kill
from tests.engine.stories.points import Point
from tests.engine.stories.printed import UntranslatableError, read_story
from tests.engine.stories.steps import Up
from tests.engine.stories.story import replay

PRINTED = {
    "killed before the decision, then refused": """
        idle
        R (KILLED before the save) -> killed
        idle
        R
        O (refused (4xx))
        Z -> Azure refused to reimage web: No.
        idle
        R
        O
        Z -> ok
    """,
    "the orphan's request arrives, and a change supersedes it": """
        idle
        R
        O (KILLED, the orphan sends) -> killed
        idle (change to C)
        R (nothing)
        O (a POST arrives, operation ends well)
        Z -> ok
    """,
    "killed in the wait, half built, repeated": """
        idle
        R
        O
        Z (operation runs on, KILLED at poll) -> killed
        idle
        R
        O
        Z (operation ends half built) -> Azure ended the reimage of web with Failed: It ended half.
        idle
        R
        O
        Z -> ok
    """,
    "the answer is lost, the state is moved, the change is taken back": """
        idle
        R
        O (answer lost, taken)
        Z -> ok
        idle (export and import the state)
        idle (change to A)
        R
        O (KILLED before O) -> killed
        idle (change to B)
        R
        O
        Z -> ok
    """,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the stories: those above, or the one in `--story`."""
    if "printed" in metafunc.fixturenames:
        file = metafunc.config.getoption("--story")
        chosen = PRINTED if file is None else {file: Path(file).read_text()}
        metafunc.parametrize("printed", chosen.values(), ids=chosen)


def test_a_printed_story_ends_on_the_real_engine_as_in_the_exploration(
    new_stack: NewStack, printed: str
) -> None:
    """Each line is in the words in which the exploration prints it."""
    replay(read_story("as printed", printed.strip().splitlines()), new_stack)


def test_a_fault_of_an_operation_is_set_before_the_run_that_sends_it() -> None:
    """The exploration names the end of an operation when it ends. The simulator needs it before it begins."""
    story = read_story("", PRINTED["killed in the wait, half built, repeated"].strip().splitlines())

    kinds = [type(step).__name__ for step in story.steps]
    kill = next(step for step in story.steps if isinstance(step, Kill))
    assert kinds == ["Change", "Up", "Change", "Fault", "Kill", "Up", "Up"]
    assert kill.at is Point.WAITING
    assert [step.ok for step in story.steps if isinstance(step, Up)] == [True, False, True]


@pytest.mark.parametrize("line", ["O (not written in 2 s)", "Z (timeout comes first)", "no line"])
def test_what_cannot_be_replayed_is_reported(line: str) -> None:
    """A word that has no counterpart must not be left out."""
    with pytest.raises(UntranslatableError):
        read_story("", ["idle", "R", line])
