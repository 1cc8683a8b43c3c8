"""What Azure really did: the reimages that were taken, whose they were, and how they ended.

It is read from the simulator's own records, which no fault of an answer and no lateness of a view touches.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from pulumi_azure_reimage.simulator import Simulator

_EVER = datetime(2000, 1, 1, tzinfo=UTC)
# The system of the new disk is what fails with these codes.
_REBUILT = "OSProvisioning"
# The ids of all sends of a request begin with as much of the request's own.
_PREFIX = 24


@dataclass(frozen=True, slots=True)
class Reimage:
    """One reimage that was taken.

    Attributes:
        request: The beginning of the id of our request; None if a stranger requested it.
        ended: `Succeeded`, `Failed` or `Canceled`; None while it runs.
        rebuilt: Whether it failed when the new disk was there.
    """

    request: str | None
    began: datetime
    ended: str | None
    rebuilt: bool

    @property
    def is_enough(self) -> bool:
        """Whether its request must never be taken again."""
        return self.ended == "Succeeded" or (self.ended is not None and self.rebuilt)


def beginning(request_id: str) -> str:
    """Return what the ids of all sends of a request begin with."""
    return request_id[:_PREFIX]


def taken(simulator: Simulator) -> list[Reimage]:
    """Return the reimages that were taken so far, in the order in which they began."""
    now = simulator.now()
    # Only the records know it all: a request log has no late request, and the activity log is late.
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
