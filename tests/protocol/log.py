"""The activity log: what it records of each request, how late it shows an event, and who may read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from pulumi_azure_reimage.arm.activity_log import ActivityLog, Event, NotReadable, Status
from pulumi_azure_reimage.arm.client import ReadError
from pulumi_azure_reimage.arm.error import ArmError
from pulumi_azure_reimage.arm.permissions import REIMAGE

from .documents import refusal
from .stage import START
from .world import Noted

if TYPE_CHECKING:
    from datetime import datetime

    from .stage import Stage

# learn.microsoft.com/azure/azure-monitor/platform/activity-log: an event appears after 3 to 20 minutes.
_SURE_AFTER = 1200.0
_STATUS = {status.value: status for status in Status}


def note(stage: Stage, id_: str, status: str, http_status: int | None = None, code: str = "") -> None:
    """Record an event of a request, if the identity may read the log."""
    if stage.world.readable:
        noted = Noted(id_, status, http_status, stage.world.elapsed, code)
        stage.change(log=(*stage.world.log, noted))


def note_end(stage: Stage, id_: str, code: str) -> None:
    """Record how an operation ended. The event of a failure may or may not name the error (assumption)."""
    if not stage.world.readable:
        return
    names = code and stage.choose(["the log names the error", "the log names no error"])
    note(
        stage, id_, "Failed" if code else "Succeeded", code=code if names == "the log names the error" else ""
    )


def read_log(stage: Stage, since: datetime, until: datetime) -> ActivityLog | NotReadable:
    """Return what the log shows by now. Each event is there twice, because the log may repeat itself.

    Raises:
        ReadError: Azure Monitor answers 500.
    """
    if not stage.world.readable:
        # The role Virtual Machine Contributor may not read the log.
        return NotReadable("no right")
    if stage.world.bounds.faults and stage.choose(["read", "the log answers 500"]) != "read":
        stage.use("faults")
        raise ReadError("HTTP 500", refusal(500, "InternalServerError"))
    _show(stage)
    shown = [_event(number, one) for number, one in enumerate(stage.world.log) if one.shown]
    return ActivityLog.from_events(
        event for event in shown * 2 if event.time and since <= event.time <= until
    )


def _show(stage: Stage) -> None:
    """Choose which events appear: always the old ones, and at times all others or the first of them."""
    now = stage.world.elapsed
    waiting = [one for one in stage.world.log if not one.shown and one.time + _SURE_AFTER > now]
    quick = ["the log is quick", "the log shows a part"] if stage.world.bounds.quick_logs else []
    chosen = stage.choose(["the log is late", *quick[: len(waiting)]])
    if chosen != "the log is late":
        stage.use("quick_logs")
    hidden = {"the log is late": waiting, "the log shows a part": waiting[1:]}.get(chosen, [])
    stage.change(log=tuple(replace(one, shown=one.shown or one not in hidden) for one in stage.world.log))


def _event(number: int, one: Noted) -> Event:
    return Event(
        operation_name=REIMAGE,
        status=_STATUS[one.status],
        http_status=one.http_status,
        correlation_id=one.id,
        client_request_id=one.id,
        time=START + timedelta(seconds=one.time),
        event_id=f"event-{number}",
        error=ArmError(one.code, "It ended badly") if one.code else None,
    )
