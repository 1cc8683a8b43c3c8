"""The stories that must find the mutants. They are small, so that `make mutants` takes minutes."""

from .configuration import Configuration
from .world import Bounds

KILLS = Configuration("kills and faults", Bounds(kills=1, faults=1))
KILLS_2 = Configuration("two kills and a fault", Bounds(kills=2, faults=1))
CHANGES = Configuration("changes", Bounds(kills=1, faults=1, changes=1), values="AC")
STRANGER = Configuration("a stranger", Bounds(kills=1, strangers=1))
FAILURES = Configuration("failures", Bounds(kills=1, bads=1))
FAILURES_4 = Configuration("many failures", Bounds(bads=4))
FAILURES_CHANGE = Configuration("failures and a change", Bounds(kills=1, bads=1, changes=1), values="C")
EPHEMERAL = Configuration("ephemeral", Bounds(kills=1, faults=1), ephemeral=True)
LOG = Configuration("kills, the log", Bounds(kills=1), readable=True)
LOG_FAILURES = Configuration("failures, the log", Bounds(kills=1, bads=1), readable=True)
LEFT = Configuration("left as it is", Bounds(kills=1, leaves=1, changes=1), values="C")
CREATED = Configuration("a creation", Bounds(kills=1), on_create=True, empty=True)
FAULTY = Configuration("failures and faults", Bounds(bads=1, faults=1))
RETRIES = Configuration("a hook repeats", Bounds(kills=1, retries=1, long=1))
