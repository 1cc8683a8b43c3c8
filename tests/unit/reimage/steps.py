"""The steps of a reimage for the tests. What one resource passes to the next is made up."""

import json
from dataclasses import replace

from pulumi_azure_reimage.arm.permissions import REIMAGE
from pulumi_azure_reimage.errors import RefusedError
from pulumi_azure_reimage.inputs.parameters import Cause, DesiredReimage
from pulumi_azure_reimage.reimage.begin import request_reimage
from pulumi_azure_reimage.reimage.context import VmContext
from pulumi_azure_reimage.reimage.decide import Today
from pulumi_azure_reimage.reimage.finish import Broken, Ended, finish_reimage
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.repeat import Failure
from pulumi_azure_reimage.reimage.request import Predecessor, Request
from pulumi_azure_reimage.reimage.send import send_request

from ..fakes import Azure, Reply, desired, disk, requested

LOOK_BEFORE = Look(disk(), "a fingerprint")
EARLIER_ID = "11111111-0000-0000-0000-000000000001"
REQUEST_ID = "22222222-0000-0000-0000-000000000002"
SENT = replace(requested(), request_id=REQUEST_ID)


def logged(*statuses: str, correlation: str, error: str = "") -> Reply:
    """Return the activity log with an event of a reimage for each status."""
    about = {"statusMessage": json.dumps({"error": {"code": error, "message": "It broke."}})} if error else {}
    return Reply(
        body={
            "value": [
                {
                    "operationName": {"value": REIMAGE},
                    "status": {"value": status},
                    "correlationId": correlation,
                    "eventTimestamp": f"2026-11-23T12:{minute:02}:00Z",
                    "eventDataId": f"{correlation}-{status}",
                    "properties": about,
                }
                for minute, status in enumerate(statuses)
            ]
        }
    )


NOTHING_LOGGED = Reply(body={"value": []})


def decided(
    context: VmContext, look: Look = LOOK_BEFORE, *, host_id: str | None = None, earlier: bool = True
) -> Request:
    """Return a request for a reimage. Without a host id, this run has decided on it."""
    before = Predecessor(EARLIER_ID, LOOK_BEFORE, None) if earlier else None
    host = context.run.id if host_id is None else host_id
    return Request(
        REQUEST_ID, "Reimage", (Cause("triggers.image", "triggers.image changed"),), host, look, before
    )


def known(record: Record | None) -> Operation | None:
    """Return what ReimageOperation keeps of the earlier request, which was taken with this record."""
    return None if record is None else Operation(EARLIER_ID, "Taken", record)


def send(
    context: VmContext, reimage: DesiredReimage, last: Record | None, look: Look = LOOK_BEFORE
) -> Record:
    """Send a request of this run, and return its record.

    Raises:
        ReimageError: the request was not taken.
    """
    context.run.begin_update(context.clock)
    request = decided(context, look, earlier=last is not None)
    return taken(send_request(context, request, reimage, known(last)))


def decide_and_send(context: VmContext, reimage: DesiredReimage) -> Record:
    """Decide as ReimageRequest does, send as ReimageOperation does, and return the record.

    Raises:
        ReimageError: it was not.
    """
    context.run.begin_update(context.clock)
    return taken(send_request(context, request_reimage(context, reimage, None), reimage, None))


def handed_on(record: Record) -> dict[str, object]:
    """Return the inputs of ReimageResult for a request that was taken with `record`."""
    request = Request(REQUEST_ID, "Reimage", (), "another host", Look(record.before, "a fingerprint"))
    operation = Operation(REQUEST_ID, "Taken", record)
    return {"request": request.to_state(), "operation": operation.to_state()}


def taken(operation: Operation) -> Record:
    """Return the record of a request that was taken.

    Raises:
        ReimageError: the request was not taken. ReimageResult raises this error.
    """
    if operation.held is not None:
        raise RefusedError(operation.held)
    if operation.in_doubt:
        raise operation.as_error()
    return operation.record


def go_on(
    azure: Azure,
    request: Request,
    last: Operation | None,
    today: Today = Today(),  # noqa: B008 - it cannot change.
) -> Operation:
    """Send a request in a run whose update has just begun."""
    context = azure.context()
    context.run.begin_update(context.clock)
    return send_request(context, request, desired(), last, today)


def of_this_run(azure: Azure, last: Operation, today: Today = Today()) -> Operation:  # noqa: B008 - as above.
    """Send a request that this run decided on."""
    context = azure.context()
    context.run.begin_update(context.clock)
    return send_request(context, decided(context), desired(), last, today)


def finish(
    azure: Azure,
    before: Failure | None = None,
    *,
    reimage: DesiredReimage | None = None,
    keeps: bool = True,
    timeout: float = 3600.0,
) -> Ended | Broken:
    """Finish the request as ReimageResult does, in a run whose update has just begun."""
    context = azure.context(timeout)
    context.run.begin_update(context.clock)
    return finish_reimage(context, SENT, before, reimage or desired(), keeps=keeps)


def broken(found: Ended | Broken) -> Broken:
    """Return the failure that was found."""
    assert isinstance(found, Broken)
    return found
