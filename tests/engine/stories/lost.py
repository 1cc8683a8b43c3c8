"""Stories of answers that were lost, requests that were refused, and polls that went wrong."""

from tests.engine.stories.steps import BOTH_WAYS, Calm, Up, trigger
from tests.engine.stories.story import Story
from tests.engine.stories.world import fault

STORIES = (
    Story(
        "a lost answer of a request that Azure took is recovered by looking at the VM",
        (
            trigger("2"),
            fault("POST web: drop after send"),
            Up(sends=1, says=("was lost",)),
            Calm(),
        ),
    ),
    Story(
        "a request that was lost on its way is sent again in the same step",
        (trigger("2"), fault("POST web: drop on the way"), Up(sends=1, says=("was lost",)), Calm()),
    ),
    Story(
        "a refused request is saved as such, and the next `up` looks before it sends",
        (
            trigger("2"),
            fault('POST web: 409 RequestDisallowedByPolicy "Not on Mondays."'),
            Up(ok=False, says=("Not on Mondays.", "The disk was not touched.")),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "a lost answer on a VM that cannot be read leaves a doubt, and both ways out",
        (
            trigger("2"),
            fault("POST web: drop after send"),
            Up(ok=False, sends=1, blind_after_post=True, says=BOTH_WAYS),
            Up(ok=False, says=("Nothing was sent.", *BOTH_WAYS)),
        ),
    ),
)
