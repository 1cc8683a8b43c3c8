"""What Azure really did: the reimages that it accepted, who requested them, and how they ended.

It is read from the simulator's own records, which neither faulty answers nor late views affect.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from pulumi_azure_reimage.simulator import Simulator

_EVER = datetime(2000, 1, 1, tzinfo=UTC)
# With these codes, the system on the new disk fails.
_REBUILT = "OSProvisioning"
# The ids of all sends of a request begin with this many characters of the request's own id.
_PREFIX = 24


@dataclass(frozen=True, slots=True)
class Reimage:
    """One reimage that Azure accepted.

    Attributes:
        request: The start of the id of our request, or None if a stranger requested it.
        ended: `Succeeded`, `Failed` or `Canceled`; None while it runs.
        rebuilt: Whether it failed after the new disk was in place.
    """

    request: str | None
    began: datetime
    ended: str | None
    rebuilt: bool

    @property
    def is_enough(self) -> bool:
        """Whether its request must never be accepted again."""
        return self.ended == "Succeeded" or (self.ended is not None and self.rebuilt)


def beginning(request_id: str) -> str:
    """Return the start that the ids of all sends of a request share."""
    return request_id[:_PREFIX]


def taken(simulator: Simulator) -> list[Reimage]:
    """Return the reimages that were accepted so far, in the order in which they began."""
    now = simulator.now()
    # Only the records are complete: a request log has no late request, and the activity log is late.
    with simulator._state.transaction() as records:  # noqa: SLF001 - there is no other door, as said.
        writes = [
            write for write in records.writes(_EVER) if write.operation_name.endswith("/reimage/action")
        ]
        found = [(write, records.operation(write.operation_id or "")) for write in writes]
    return [
        Reimage(
            request=None if "@" in write.caller else beginning(write.correlation_id),
            began=write.time,
            ended=None if operation.is_running(now) else operation.status,
            rebuilt=operation.code.startswith(_REBUILT),
        )
        for write, operation in found
        if operation is not None
    ]
