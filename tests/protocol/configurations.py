"""The stories that are explored: each configuration bounds how often each disturbance happens.

The large ones come first, so that two cores finish at about the same time.
"""

from .configuration import Configuration
from .world import Bounds

_MANAGED = (
    Configuration("a stranger", Bounds(kills=1, faults=1, strangers=1)),
    Configuration("changed twice, a fault", Bounds(kills=1, faults=1, changes=2), values="AC"),
    Configuration("changed twice", Bounds(kills=2, changes=2), values="AC"),
    Configuration("activity", Bounds(kills=1, acts=2)),
    Configuration("created again", Bounds(kills=1, recreations=1, faults=1)),
    Configuration("a failure and a fault", Bounds(kills=1, bads=1, faults=1)),
    Configuration("exact version", Bounds(kills=1, strangers=1, changes=1), exact=True),
    Configuration("a late view", Bounds(kills=1, lates=1, faults=1)),
    Configuration("a failure and a change", Bounds(kills=1, bads=1, changes=1), values="AC"),
    Configuration("elsewhere", Bounds(elsewhere=1, kills=1, faults=1, exports=1)),
    Configuration("a target", Bounds(kills=1, skips=1, changes=1), values="AC"),
    Configuration("targets, a fault", Bounds(skips=1, faults=1, changes=1), values="AC"),
    Configuration("targets", Bounds(skips=2, kills=1)),
    Configuration("failures", Bounds(kills=1, bads=2, refreshes=1)),
    Configuration("a guard", Bounds(kills=1, guards=2, faults=1)),
    Configuration("two kills and a fault", Bounds(kills=2, faults=1)),
    Configuration("busy", Bounds(kills=1, busys=1, strangers=1)),
    Configuration("200", Bounds(kills=1, dones=1, faults=1)),
    Configuration("left as it is", Bounds(kills=1, leaves=1, changes=1), values="C"),
    Configuration("left as it is, long operations", Bounds(kills=1, leaves=1, long=1)),
    Configuration("failures and a late view", Bounds(bads=1, lates=1)),
    Configuration("created again, as a version", Bounds(kills=1, recreations=1), exact=True),
    Configuration("current", Bounds(kills=1, changes=2), values="AC", exact=True, current=True),
    Configuration("nothing of a failure is kept", Bounds(kills=1, bads=1), partial=False),
    Configuration("a hook repeats", Bounds(kills=1, retries=1, long=1)),
    Configuration("many failures", Bounds(bads=4)),
    Configuration("left as it is, reimage_on_create", Bounds(leaves=1), on_create=True),
)
_EPHEMERAL = (
    Configuration("ephemeral, failures", Bounds(kills=1, bads=1, faults=1), ephemeral=True),
    Configuration("ephemeral, a stranger", Bounds(kills=1, acts=1, strangers=1), ephemeral=True),
    Configuration("ephemeral, kills and a fault", Bounds(kills=1, faults=1, lates=1), ephemeral=True),
    Configuration("ephemeral, activity and a fault", Bounds(acts=1, faults=1), ephemeral=True),
    Configuration("ephemeral, 200", Bounds(kills=1, dones=1, faults=1), ephemeral=True),
)
_LOGGED = (
    Configuration("ephemeral, the log", Bounds(kills=1, faults=1), ephemeral=True, readable=True),
    Configuration("the log, a stranger", Bounds(kills=1, strangers=1), readable=True),
    Configuration("the log, a fault", Bounds(kills=1, faults=1), readable=True),
    Configuration("the log, failures", Bounds(kills=1, bads=1), readable=True),
    Configuration("the log, a stranger and a fault", Bounds(faults=1, strangers=1), readable=True),
    Configuration("the log, quick", Bounds(kills=1, quick_logs=2), readable=True),
    Configuration("the log, a change", Bounds(kills=2, changes=1), values="A", readable=True),
)
_CREATED = (
    Configuration("creations fail", Bounds(kills=1, bads=1, faults=1), on_create=True, empty=True),
    Configuration("created and reimaged", Bounds(kills=2, faults=1), on_create=True, empty=True),
    Configuration("created and changed", Bounds(kills=1, changes=1), values="C", on_create=True, empty=True),
    Configuration("an empty stack", Bounds(kills=1, faults=1, changes=1), values="C", empty=True),
)
USUAL = (
    *_MANAGED[:7],
    *_EPHEMERAL[:3],
    *_LOGGED[:3],
    *_CREATED,
    *_MANAGED[7:],
    *_EPHEMERAL[3:],
    *_LOGGED[3:],
)
DEEP = (
    Configuration("a stranger and a change", Bounds(kills=2, faults=1, strangers=1, changes=1)),
    Configuration("failures and late views", Bounds(kills=1, faults=1, bads=1, lates=2)),
    Configuration("two kills and two faults", Bounds(kills=2, faults=2)),
    Configuration("changed twice, two kills", Bounds(kills=2, faults=1, changes=2), values="AC"),
    Configuration("guards, targets, leaving", Bounds(kills=1, faults=1, guards=1, skips=1, leaves=1)),
    Configuration(
        "an activity and a late view", Bounds(kills=1, acts=1, strangers=1, lates=1), ephemeral=True
    ),
    Configuration("the log, failures and a stranger", Bounds(kills=1, bads=1, strangers=1), readable=True),
    Configuration("a failure, a fault and a stranger", Bounds(bads=1, faults=1, strangers=1)),
    Configuration(
        "the log, a failure, a fault and a stranger", Bounds(bads=1, faults=1, strangers=1), readable=True
    ),
    Configuration("the log, two changes", Bounds(kills=2, changes=2), values="A", readable=True),
    *USUAL,
)
