"""Each story in the tables, replayed on the real engine: one for each class of outcomes."""

import pytest

from tests.engine.conftest import NewStack
from tests.engine.stories import choices, failed, interrupted, logged, lost, others
from tests.engine.stories.story import Story, replay

_TABLES = (interrupted, failed, lost, others, choices, logged)
STORIES = [story for table in _TABLES for story in table.STORIES]


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_story(new_stack: NewStack, story: Story) -> None:
    """Play it. The title is the promise."""
    replay(story, new_stack)
