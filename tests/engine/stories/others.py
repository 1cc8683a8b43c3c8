"""Stories in which a stranger works on the VM, or the VM has an ephemeral OS disk."""

from tests.engine.stories.kills import Kill
from tests.engine.stories.points import Point
from tests.engine.stories.steps import BOTH_WAYS, Calm, Change, Preview, Refresh, Up, trigger
from tests.engine.stories.story import Story
from tests.engine.stories.world import Stranger

EPHEMERAL = {"os_disk": "Ephemeral"}


STORIES = (
    Story(
        "a stranger's reimage is drift for a refresh, and does not satisfy a requested version",
        (
            Stranger("reimage"),
            Refresh(says=("reports that as drift, and sends nothing",)),
            Change({"exact_version": "1.0.0"}),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "a VM that was created again before this run is not fresh, and its reimage is sent",
        (
            Stranger("recreate"),
            trigger("2"),
            Preview(says=("is a different VM than before", "will be reimaged")),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "a deallocation between a kill and the next run does not hide that nothing was sent",
        (
            trigger("2"),
            Kill(Point.DECIDED, "a decision"),
            Stranger("deallocate"),
            Stranger("start"),
            Up(sends=1),
            Calm(),
        ),
    ),
    Story(
        "an ephemeral disk whose request never arrived is reimaged by the next run",
        (
            trigger("2"),
            Kill(Point.POSTING, "a decision", request="is lost"),
            Up(sends=1),
            Calm(),
        ),
        machine=EPHEMERAL,
    ),
    Story(
        "an ephemeral disk that Azure reimaged for a killed run is not wiped again",
        (
            trigger("2"),
            Kill(Point.TAKEN, "a decision", sends=1),
            Up(ok=False, says=("Nothing was sent.", *BOTH_WAYS)),
            Up(leaves_it=True),
            Calm("Baseline"),
        ),
        machine=EPHEMERAL,
    ),
    Story(
        "an ephemeral disk and a stranger's extension leave a doubt that only the user resolves",
        (
            trigger("2"),
            Kill(Point.DECIDED, "a decision"),
            Stranger("extension"),
            Up(ok=False, says=("Nothing was sent.", *BOTH_WAYS)),
            trigger("3"),
            Up(sends=1),
            Calm(),
        ),
        machine=EPHEMERAL,
    ),
)
