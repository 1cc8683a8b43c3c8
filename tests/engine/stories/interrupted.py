"""Stories of runs that were killed, at each boundary and in each part of a run."""

from tests.engine.stories.kills import Kill
from tests.engine.stories.points import Point
from tests.engine.stories.steps import BOTH_WAYS, Calm, Preview, Up, trigger
from tests.engine.stories.story import FENCE_OF_FIVE_SECONDS, Story
from tests.engine.stories.world import Stranger

STORIES = (
    Story(
        "a run that was killed before it decided leaves nothing behind, and the next sends once",
        (trigger("2"), Kill(Point.DECIDING, "what it held"), Up(sends=1), Calm()),
    ),
    Story(
        "a run that was killed after it decided has sent nothing, and the next waits for the fence and sends",
        (
            trigger("2"),
            Kill(Point.DECIDED, "a decision"),
            Preview(says=("may be reimaged: an earlier run may have requested it",)),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "a POST of a killed run that never arrives is sent by the next",
        (
            trigger("2"),
            Kill(Point.POSTING, "a decision", request="is lost"),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "a POST of a killed run that arrives during the fence of the next is not sent twice",
        (
            trigger("2"),
            Kill(Point.POSTING, "a decision", request="is on the way"),
            Up(ok=False, sends=1, arrives_in_fence=True, says=("Nothing was sent.", *BOTH_WAYS)),
            Up(leaves_it=True),
            Calm("Baseline"),
        ),
        time_scale=FENCE_OF_FIVE_SECONDS,
    ),
    Story(
        "a run that was killed when Azure had taken its POST sends nothing again, and names both ways out",
        (
            trigger("2"),
            Kill(Point.TAKEN, "a decision", sends=1),
            Up(ok=False, says=("Nothing was sent.", *BOTH_WAYS)),
            Up(ok=False, says=BOTH_WAYS),
            trigger("3"),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "a CLI that was killed between the answer and its saving sends nothing again",
        (
            trigger("2"),
            Kill(Point.TAKEN, "a decision", freezes=True, sends=1),
            Up(ok=False, says=("Nothing was sent.", *BOTH_WAYS)),
            Up(leaves_it=True),
            Calm("Baseline"),
        ),
    ),
    Story(
        "a POST of a dynamic host that was killed when Azure had taken it is not sent twice",
        (
            trigger("2"),
            Kill(Point.TAKEN, "a decision", victim="host", sends=1),
            Up(ok=False, says=("Nothing was sent.", *BOTH_WAYS)),
        ),
    ),
    Story(
        "a run that was killed in the wait is resumed, and nothing is sent",
        (trigger("2"), Kill(Point.WAITING, "an operation", sends=1), Up(), Calm()),
    ),
    Story(
        "the wait of a CLI that was killed is resumed, whatever its orphaned host saw",
        (trigger("2"), Kill(Point.WAITING, "an operation", victim="CLI", sends=1), Up(), Calm()),
    ),
    Story(
        "the wait of a dynamic host that was killed is resumed",
        (trigger("2"), Kill(Point.WAITING, "an operation", victim="host", sends=1), Up(), Calm()),
    ),
    Story(
        "a run that was killed after the end and before its saving reads the end again",
        (trigger("2"), Kill(Point.CHECKING, "an operation", sends=1), Up(), Calm()),
    ),
    Story(
        "a stranger's reimage between a kill and the next run does not answer the request",
        (
            trigger("2"),
            Kill(Point.DECIDED, "a decision"),
            Stranger("reimage"),
            Up(ok=False, says=("Nothing was sent.", *BOTH_WAYS)),
            trigger("3"),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "a run that was killed twice before it sent anything sends once",
        (
            trigger("2"),
            Kill(Point.DECIDED, "a decision"),
            Kill(Point.POSTING, "what it held", request="is lost"),
            Up(sends=1),
            Calm(),
        ),
    ),
)
