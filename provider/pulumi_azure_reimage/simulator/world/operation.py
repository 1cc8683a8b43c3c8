"""A long-running operation: its record, and what its two URLs answer at a given time, as pure functions.

The status is computed from the clock whenever it is read. Nothing runs in the background.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from .times import arm_time

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on a machine.

    Attributes:
        id: The GUID in its URL, its `name`, and the `x-ms-request-id` of the POST.
        machine_key: The lower-case resource id of its machine.
        status: How it ends: `Succeeded`, `Failed` or `Canceled`.
        code: ARM's error code if it ends badly, else empty.
        os_disk_name: The OS disk that the machine has after it, for every ending.
        image_version: The `exactVersion` that the machine shows after it.
        settled: Whether its end was applied to its machine.
        power: The power state of its machine after it.
        shown_after: How many seconds after its end the machine shows that.
        forgotten_after: How many seconds after its start its status is gone; None means the inventory's
            value.
        silences_agent: Whether the VM agent does not report after it, until the next one.
        leaves_failed: Whether its machine is in provisioning state `Failed` although it succeeded.
        kind: `reimage`, `create`, `update`, `delete`, or the action of a POST, such as `powerOff`.
    """

    id: str
    machine_key: str
    machine_name: str
    subscription_id: str
    location: str
    started_at: datetime
    ends_at: datetime
    os_disk_name: str
    image_version: str
    status: str = "Succeeded"
    code: str = ""
    message: str = ""
    settled: bool = False
    power: str = "running"
    leaves_failed: bool = False
    kind: str = "reimage"
    silences_agent: bool = False
    shown_after: float = 0.0
    forgotten_after: float | None = None

    @property
    def period(self) -> tuple[str, str]:
        """When it began and will end, as ISO times."""
        return self.started_at.isoformat(), self.ends_at.isoformat()

    @property
    def shown_at(self) -> datetime:
        """When its machine shows its end."""
        return self.ends_at + timedelta(seconds=self.shown_after)

    def is_running(self, now: datetime) -> bool:
        """Return whether the operation has not ended yet."""
        return not self.settled and now < self.ends_at

    def is_forgotten(self, now: datetime, record_seconds: float) -> bool:
        """Return whether its record expired."""
        if self.forgotten_after is not None and now >= self.started_at + timedelta(
            seconds=self.forgotten_after
        ):
            return True
        return not self.is_running(now) and now > self.ends_at + timedelta(seconds=record_seconds)

    def status_document(self, now: datetime) -> dict[str, Any]:
        """Return what the `Azure-AsyncOperation` URL answers."""
        # The recorded order of keys. A reimage has no percentComplete and no properties.
        document: dict[str, Any] = {"startTime": arm_time(self.started_at)}
        if self.is_running(now):
            return {**document, "status": "InProgress", "name": self.id}
        document |= {"endTime": arm_time(self.ends_at), "status": self.status}
        if self.status != "Succeeded":
            document["error"] = {"code": self.code, "message": self.message}
        return {**document, "name": self.id}

    def to_document(self) -> dict[str, Any]:
        """Write the operation as JSON data."""
        document = {name: getattr(self, name) for name in self.__slots__}
        return {
            **document,
            "started_at": self.started_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_document` wrote."""
        return cls(
            **{
                **document,
                "started_at": datetime.fromisoformat(document["started_at"]),
                "ends_at": datetime.fromisoformat(document["ends_at"]),
            }
        )
