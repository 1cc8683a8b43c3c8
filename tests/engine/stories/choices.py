"""Stories of what a user does between two runs: taking a change back, a guard, targets, leaving the VM."""

from tests.engine.stories.kills import Kill
from tests.engine.stories.points import Point
from tests.engine.stories.steps import (
    BOTH_WAYS,
    Calm,
    Change,
    MoveState,
    Preview,
    RetryOnError,
    Up,
    trigger,
)
from tests.engine.stories.story import FENCE_OF_FIVE_SECONDS, Story
from tests.engine.stories.world import Stranger

STORIES = (
    Story(
        "a change that was taken back before it was sent sends nothing",
        (
            trigger("2"),
            Kill(Point.DECIDED, "a decision"),
            trigger("1"),
            Preview(never=("VM web will be reimaged",)),
            Up(says=("was taken back",)),
            Calm("Baseline"),
        ),
    ),
    Story(
        "a change that was taken back after Azure took it is a doubt, and nothing is sent",
        (
            trigger("2"),
            Kill(Point.TAKEN, "a decision", sends=1),
            trigger("1"),
            Up(ok=False, says=("Nothing was sent.", *BOTH_WAYS)),
            Up(leaves_it=True),
            Calm("Baseline"),
        ),
    ),
    Story(
        "a guard that is set after a crash forbids what would be sent again",
        (
            trigger("2"),
            Kill(Point.DECIDED, "a decision"),
            Change({"prevent_reimage": True}),
            Preview(ok=False, says=("prevent_reimage",)),
            Up(ok=False, says=("prevent_reimage",)),
            Change({"prevent_reimage": None}),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "an update of ReimageRequest alone decides, and the next run sends",
        (trigger("2"), Up(target="ReimageRequest"), Up(sends=1), Calm()),
    ),
    Story(
        "an update of ReimageOperation alone sends nothing that was not decided",
        (trigger("2"), Up(target="ReimageOperation"), Up(sends=1), Calm()),
    ),
    Story(
        "an update of ReimageResult alone resumes the wait",
        (
            trigger("2"),
            Kill(Point.WAITING, "an operation", sends=1),
            Up(target="ReimageResult"),
            Calm(),
        ),
    ),
    Story(
        "leaving it records a baseline, even with reimage_on_create",
        (
            Change({"reimage_on_create": True}),
            trigger("2"),
            Kill(Point.TAKEN, "a decision", sends=1),
            Up(ok=False, says=BOTH_WAYS),
            Up(leaves_it=True),
            Calm("Baseline"),
        ),
    ),
    Story(
        "leaving it while our reimage is running waits for its end",
        (
            trigger("2"),
            Kill(Point.TAKEN, "a decision", sends=1),
            Preview(says=BOTH_WAYS),
            Up(leaves_it=True),
            Calm("Baseline"),
        ),
        seconds=8.0,
    ),
    Story(
        "a request that arrives while its VM is left is not mistaken for the next one",
        (
            trigger("2"),
            Kill(Point.POSTING, "a decision", request="is on the way"),
            Preview(says=BOTH_WAYS),
            Up(leaves_it=True, sends=1, arrives_in_fence=True),
            trigger("3"),
            Up(sends=1),
            Calm(),
        ),
        time_scale=FENCE_OF_FIVE_SECONDS,
    ),
    Story(
        "a step that cannot read the VM sends nothing, nor does an on_error hook, and the next `up` does",
        (
            RetryOnError("ReimageResult"),
            trigger("2"),
            Up(ok=False, stumbles_at=Point.DECIDED, says=("Cannot read VM web", "Nothing was sent")),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "a reimage on creation whose run was killed when Azure had taken it is not sent twice",
        (
            Change({"reimage_on_create": True}),
            Kill(Point.TAKEN, "a decision", sends=1),
            Up(ok=False, says=("Nothing was sent.", *BOTH_WAYS)),
        ),
        has_baseline=False,
    ),
    Story(
        "state that was exported and imported after a kill still says what may have been sent",
        (
            trigger("2"),
            Kill(Point.TAKEN, "a decision", sends=1),
            MoveState(),
            Up(ok=False, says=("Nothing was sent.", *BOTH_WAYS)),
        ),
    ),
    Story(
        "a trigger that changes again after a kill is sent last, behind the fence of the older request",
        (
            trigger("2"),
            Kill(Point.POSTING, "a decision", request="is on the way"),
            trigger("3"),
            # The older request wipes the disk once, and then the newer one wipes it.
            Up(sends=2, arrives_in_fence=True),
            Calm(),
        ),
        time_scale=FENCE_OF_FIVE_SECONDS,
    ),
    Story(
        "a stranger who works on the VM is waited for",
        (Stranger("reimage"), trigger("2"), Up(sends=1), Calm()),
        seconds=3.0,
    ),
)
