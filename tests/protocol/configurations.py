"""Which stories are explored: each configuration bounds how often something hinders."""

from .configuration import Configuration
from .world import Bounds

USUAL = (
    Configuration("managed, two kills and a fault", Bounds(kills=2, faults=1)),
    Configuration("managed, a stranger", Bounds(kills=1, faults=1, strangers=1)),
    Configuration("managed, changed twice", Bounds(kills=2, changes=2), values="AC"),
    Configuration("managed, changed, a fault", Bounds(kills=1, faults=1, changes=1), values="AC"),
    Configuration("managed, failures", Bounds(kills=1, bads=2, refreshes=1)),
    Configuration("managed, many failures", Bounds(bads=4)),
    Configuration("managed, a failure and a change", Bounds(kills=1, bads=1, changes=1), values="AC"),
    Configuration("managed, a failure and a fault", Bounds(kills=1, bads=1, faults=1)),
    Configuration("managed, nothing of a failure is kept", Bounds(kills=1, bads=1), partial=False),
    Configuration("managed, a late view", Bounds(kills=1, lates=1, faults=1)),
    Configuration("managed, a guard", Bounds(kills=1, guards=2, faults=1)),
    Configuration("managed, left as it is", Bounds(kills=1, leaves=1, changes=1), values="C"),
    Configuration("managed, left as it is, reimage_on_create", Bounds(leaves=1), on_create=True),
    Configuration("managed, a target", Bounds(kills=1, skips=1, changes=1), values="AC"),
    Configuration("managed, a hook repeats", Bounds(kills=1, retries=1, long=1)),
    Configuration("managed, exact version", Bounds(kills=1, strangers=1, changes=1), exact=True),
    Configuration("ephemeral, kills and a fault", Bounds(kills=1, faults=1, lates=1), ephemeral=True),
    Configuration("ephemeral, activity and a stranger", Bounds(kills=1, acts=1, strangers=1), ephemeral=True),
    Configuration("ephemeral, failures", Bounds(kills=1, bads=1, faults=1), ephemeral=True),
    Configuration("managed, 200", Bounds(kills=1, dones=1, faults=1)),
    Configuration("ephemeral, 200", Bounds(kills=1, dones=1, faults=1), ephemeral=True),
    Configuration("managed, created again", Bounds(kills=1, recreations=1, faults=1)),
    Configuration("managed, created again as a version", Bounds(kills=1, recreations=1), exact=True),
    Configuration("managed, busy", Bounds(kills=1, busys=1, strangers=1)),
    Configuration("managed, activity", Bounds(kills=1, acts=2)),
    Configuration("ephemeral, activity", Bounds(kills=1, acts=1, faults=1), ephemeral=True),
    Configuration("managed, elsewhere", Bounds(elsewhere=1, kills=1, faults=1, exports=1)),
    Configuration("managed, targets", Bounds(skips=2, kills=1)),
    Configuration("managed, targets and a change", Bounds(skips=1, faults=1, changes=1), values="AC"),
    Configuration("managed, an empty stack", Bounds(kills=1, faults=1, changes=1), values="C", empty=True),
    Configuration("managed, created and reimaged", Bounds(kills=2, faults=1), on_create=True, empty=True),
    Configuration("managed, creations fail", Bounds(kills=1, bads=1, faults=1), on_create=True, empty=True),
    Configuration("managed, the log, kills and a fault", Bounds(kills=1, faults=1), readable=True),
    Configuration("managed, the log, a stranger", Bounds(kills=1, strangers=1), readable=True),
    Configuration("managed, the log, failures", Bounds(kills=1, bads=1), readable=True),
    Configuration("managed, the log, a change", Bounds(kills=1, changes=1), values="A", readable=True),
    Configuration("ephemeral, the log", Bounds(kills=1, faults=1), ephemeral=True, readable=True),
)
DEEP = (
    *USUAL,
    Configuration("managed, two kills and two faults", Bounds(kills=2, faults=2)),
    Configuration("managed, a stranger and a change", Bounds(kills=2, faults=1, strangers=1, changes=1)),
    Configuration("managed, changed twice, a fault", Bounds(kills=2, faults=1, changes=2), values="AC"),
    Configuration("managed, failures and late views", Bounds(kills=1, faults=1, bads=1, lates=2)),
    Configuration(
        "managed, guards, targets, leaving", Bounds(kills=1, faults=1, guards=1, skips=1, leaves=1)
    ),
    Configuration(
        "ephemeral, everything", Bounds(kills=1, faults=1, acts=1, strangers=1, lates=1), ephemeral=True
    ),
)
