"""Each story of the tables, replayed on the real engine: one for each class of outcomes."""

import pytest

from tests.engine.conftest import NewStack
from tests.engine.stories import interrupted
from tests.engine.stories.story import Story, replay

STORIES = interrupted.STORIES


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_story(new_stack: NewStack, story: Story) -> None:
    """Play it; the title is what is promised."""
    replay(story, new_stack)
