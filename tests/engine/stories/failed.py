"""Stories of reimages that Azure accepted and that failed."""

from tests.engine.stories.kills import Kill
from tests.engine.stories.points import Point
from tests.engine.stories.steps import BOTH_WAYS, Calm, Preview, Refresh, RetryOnError, Up, trigger
from tests.engine.stories.story import Story
from tests.engine.stories.world import Heals, fault

# simulator/faults/aftermath.py has the simulator's reading of what each code leaves.
HALF_BUILT = fault('reimage web: fail AllocationFailed "No capacity."')
REBUILT = fault('reimage web: fail OSProvisioningTimedOut "Too slow."')
BAD_EXTENSION = fault('reimage every web: fail VMExtensionProvisioningError "It exited with 1."')

STORIES = (
    Story(
        "a reimage that ended half built is repeated by the next `up`, and a refresh does not prevent that",
        (
            trigger("2"),
            HALF_BUILT,
            Up(ok=False, sends=1, says=("No capacity.", "attempt 2 of 3", *BOTH_WAYS)),
            Refresh(),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "after three attempts nothing is sent automatically, and both ways out are named each time",
        (
            trigger("2"),
            fault('reimage 1-3 web: fail AllocationFailed "No capacity."'),
            Up(ok=False, sends=1, says=BOTH_WAYS),
            Up(ok=False, sends=1, says=BOTH_WAYS),
            Up(ok=False, sends=1, says=("No capacity.", *BOTH_WAYS)),
            Up(ok=False, says=("No capacity.", *BOTH_WAYS)),
            Preview(says=("No capacity.", *BOTH_WAYS)),
            trigger("3"),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "a VM that was rebuilt and is healthy later is not wiped again",
        (
            trigger("2"),
            REBUILT,
            Up(ok=False, sends=1, says=("The OS disk was rebuilt", *BOTH_WAYS)),
            Heals(),
            Up(),
            Calm(),
        ),
    ),
    Story(
        "a repeat that Azure had taken when its run was killed is not sent again",
        (
            trigger("2"),
            HALF_BUILT,
            Up(ok=False, sends=1),
            Kill(Point.TAKEN, "what it held", sends=1),
            Up(ok=False, says=("Nothing was sent.", *BOTH_WAYS)),
        ),
    ),
    Story(
        "a repeat that was killed before it arrived is sent by the next `up`",
        (
            trigger("2"),
            HALF_BUILT,
            Up(ok=False, sends=1),
            Kill(Point.POSTING, "what it held", request="is lost"),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "a VM that was repaired by hand is left, and nothing is sent",
        (
            trigger("2"),
            HALF_BUILT,
            Up(ok=False, sends=1, says=BOTH_WAYS),
            Heals(),
            Up(leaves_it=True),
            Calm("Baseline"),
        ),
    ),
    Story(
        "an on_error hook that repeats the wait for a failure sends nothing",
        (
            RetryOnError("ReimageResult"),
            trigger("2"),
            BAD_EXTENSION,
            Up(ok=False, sends=1, says=("The OS disk was rebuilt", *BOTH_WAYS)),
        ),
    ),
)
