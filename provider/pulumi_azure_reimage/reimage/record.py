"""What is kept between the request of a reimage and its end: the journal, in Pulumi's state.

The keys are state format: frozen from the first release.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ..arm.lro import Link
from ..arm.virtual_machine import DiskFacts
from ..errors import UnreadableStateError
from ..json_reading import drop_none, get, get_str, parse_time
from .state_fields import read_number, read_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A requested reimage, or a baseline: a VM that was only read.

    Attributes:
        request_id: The id that ReimageRequest gave it.
        before: The VM before the request.
        seen_at: When ARM showed that, by ARM's clock. The activity log is searched from that time on.
        requested_at: When the request was accepted; None for a baseline.
        client_request_id: Our id of the request; None for a baseline.
        correlation_id: ARM's id of the request, for Azure support; None for a baseline.
        link: Where the operation is polled; None for a baseline, and when ARM gave no usable link.
        retry_after: Seconds that ARM asked us to wait before the first poll.
        recovered: Whether the answer to the request was lost and Azure was found to have accepted it.
        ended_well: Whether Azure itself reported that it ended well, with HTTP 200 or in the activity log.
        requested_version: The image version that was requested.
    """

    before: DiskFacts
    request_id: str = ""
    seen_at: datetime | None = None
    requested_at: datetime | None = None
    client_request_id: str | None = None
    correlation_id: str | None = None
    link: Link | None = None
    retry_after: float = 0.0
    recovered: bool = False
    ended_well: bool = False
    requested_version: str | None = None

    @property
    def is_baseline(self) -> bool:
        """Whether nothing was requested."""
        return self.client_request_id is None and self.requested_at is None and self.link is None

    @property
    def key(self) -> str:
        """What ReimageResult compares to know whether it has waited for this send."""
        return f"{self.request_id}/{self.client_request_id or ''}"

    def to_state(self) -> dict[str, object]:
        """Return the record under its state keys."""
        return drop_none(
            {
                "before": self.before.to_state(),
                "request_id": self.request_id,
                "seen_at": self.seen_at.isoformat() if self.seen_at else None,
                "requested_at": self.requested_at.isoformat() if self.requested_at else None,
                "client_request_id": self.client_request_id,
                "correlation_id": self.correlation_id,
                "operation_url": self.link.url if self.link else None,
                "operation_header": self.link.header if self.link else None,
                "retry_after": self.retry_after,
                "recovered": self.recovered,
                "ended_well": self.ended_well or None,
                "requested_version": self.requested_version,
            }
        )

    @classmethod
    def from_state(cls, state: object) -> Record:
        """Read what `to_state` wrote.

        A record that cannot be read is never treated as a baseline. Without a usable link, the wait reads the
        VM itself.

        Raises:
            UnreadableStateError: it does not name its VM, or a time in it is not a time.
        """
        before = DiskFacts.from_state(get(state, "before"))
        if not before.vm_unique_id:
            raise UnreadableStateError("it does not say which VM was reimaged")
        return cls(
            before=before,
            request_id=get_str(state, "request_id") or "",
            seen_at=read_time(state, "seen_at"),
            requested_at=read_time(state, "requested_at"),
            client_request_id=get_str(state, "client_request_id"),
            correlation_id=get_str(state, "correlation_id"),
            link=_link(state),
            retry_after=read_number(state, "retry_after"),
            recovered=get(state, "recovered") is True,
            ended_well=get(state, "ended_well") is True,
            requested_version=get_str(state, "requested_version"),
        )


@dataclass(frozen=True, slots=True)
class Result:
    """How a reimage ended, or the baseline, with the outputs that users read.

    Attributes:
        status: `Succeeded`, `Failed`, or `Baseline` if nothing was sent.
        before: The VM before the request.
        after: The VM afterwards. For a baseline, it equals `before`.
        operation_id: ARM's id of the operation.
        started_at: When ARM started, as ARM wrote it (ISO 8601, UTC).
        completed_at: When ARM ended, as ARM wrote it.
        correlation_id: ARM's id of the request, for Azure support.
        recovered: As in Record.
    """

    status: Literal["Baseline", "Succeeded", "Failed"]
    before: DiskFacts
    after: DiskFacts
    operation_id: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    correlation_id: str | None = None
    recovered: bool = False

    @property
    def duration_seconds(self) -> float | None:
        """Seconds between start and end, by ARM's clock."""
        started, completed = parse_time(self.started_at), parse_time(self.completed_at)
        return (completed - started).total_seconds() if started and completed else None

    @property
    def retained_os_disk_id(self) -> str | None:
        """The old OS disk if Azure kept it. It is billed until it is deleted."""
        old = self.before
        replaced = self.after.os_disk_id is not None and not old.same_os_disk(self.after)
        return old.os_disk_id if replaced and old.retained else None

    def to_state(self) -> dict[str, object]:
        """Return the result under its state keys, which are the component's outputs."""
        return drop_none(
            {
                "status": self.status,
                "operation_id": self.operation_id,
                "started_at": self.started_at,
                "completed_at": self.completed_at,
                "duration_seconds": self.duration_seconds,
                "os_disk_id": self.after.os_disk_id,
                "os_disk_id_before": self.before.os_disk_id,
                "image_version": self.after.image_version,
                "image_version_before": self.before.image_version,
                "retained_os_disk_id": self.retained_os_disk_id,
                "correlation_id": self.correlation_id,
                "recovered": self.recovered,
            }
        )


def baseline_result(record: Record) -> Result:
    """Return the result of a record in which nothing was requested."""
    return Result("Baseline", record.before, record.before)


def with_disk(state: Mapping[str, object], disk: DiskFacts) -> dict[str, object]:
    """Return a result's state with the OS disk that the VM has now, which a refresh shows as drift.

    The same disk keeps the spelling of its id, because ARM may change the case of the names in it.
    """
    known = replace(disk, os_disk_id=get_str(state, "os_disk_id"))
    now = known if known.same_os_disk(disk) else disk
    return drop_none({**state, "os_disk_id": now.os_disk_id, "image_version": now.image_version})


def as_recovered(record: Record, *, ended_well: bool = False) -> Record:
    """Return the record of a reimage whose answer was lost and which Azure is known to have accepted."""
    return replace(record, link=None, retry_after=0.0, recovered=True, ended_well=ended_well)


def _link(state: object) -> Link | None:
    url = get_str(state, "operation_url")
    if url is None:
        return None
    return Link(url, "Location" if get(state, "operation_header") == "Location" else "Azure-AsyncOperation")
