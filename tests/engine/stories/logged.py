"""Stories in which the identity may read the activity log, which is the witness of a doubtful request.

Azure's log is up to 20 minutes late. These stories scale the time during which its silence proves nothing.
"""

from tests.engine.stories.kills import Kill
from tests.engine.stories.points import Point
from tests.engine.stories.steps import Calm, Up, trigger
from tests.engine.stories.story import Story
from tests.engine.stories.world import Stranger, fault

# The log's 21 minutes become one second.
_SHORT = "0.001"

STORIES = (
    Story(
        "the log shows that Azure took the request of a killed run, and nothing is sent",
        (
            trigger("2"),
            # Azure Monitor may list an event more than once.
            fault("activity every: twice"),
            Kill(Point.TAKEN, "a decision", sends=1),
            Up(),
            Calm(),
        ),
        time_scale=_SHORT,
        log_is_readable=True,
    ),
    Story(
        "the log's silence shows that a changed disk is a stranger's, and the request is sent",
        (
            trigger("2"),
            Kill(Point.POSTING, "a decision", request="is lost"),
            Stranger("reimage"),
            Up(sends=1),
            Calm(),
        ),
        time_scale=_SHORT,
        log_is_readable=True,
    ),
    Story(
        "an event of a refused request is no proof that Azure took it",
        (
            trigger("2"),
            fault('POST web: 409 RequestDisallowedByPolicy "Not on Mondays."'),
            Up(ok=False, says=("Not on Mondays.",)),
            Stranger("reimage"),
            Up(sends=1),
            Calm(),
        ),
        time_scale=_SHORT,
        log_is_readable=True,
    ),
    Story(
        "a change that was taken back after the log shows that Azure took it is sent as a change of its own",
        (
            trigger("2"),
            Kill(Point.TAKEN, "a decision", sends=1),
            trigger("1"),
            Up(sends=1),
            Calm(),
        ),
        time_scale=_SHORT,
        log_is_readable=True,
    ),
)
