"""Which requests the activity log shows, and under which names."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from ..world.writes import Write

if TYPE_CHECKING:
    from datetime import datetime

    from ..http.messages import Response
    from ..world.records import Records
    from .request import ArmRequest

_WRITES = {"PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}
# The caller is not known, or there is nothing that could be written to. It is inferred that these are left
# out.
_LEFT_OUT = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_PROVIDER = re.compile(r"(?P<scope>.*)/providers/(?P<provider>[^/]+)/(?P<rest>.+)", re.IGNORECASE)
_ACTIONS = {"poweroff": "powerOff", "simulateeviction": "simulateEviction"}


class Sender(NamedTuple):
    """Who sent a request, and the id that its events share."""

    caller: str
    correlation_id: str


def record_write(
    records: Records, request: ArmRequest, response: Response, sender: Sender, now: datetime
) -> None:
    """Keep a request for a change, with its answer."""
    method = request.http.method
    if method not in _WRITES or response.status in _LEFT_OUT:
        return
    resource, operation_name = _named(request.path, _WRITES[method])
    began = records.operation(response.headers.get("x-ms-request-id", ""))
    write = Write(
        time=now,
        method=method,
        resource=resource,
        operation_name=operation_name,
        caller=sender.caller,
        correlation_id=sender.correlation_id,
        client_request_id=request.http.header("x-ms-client-request-id") or str(uuid4()),
        status=response.status,
        error=response.body.decode(errors="replace") if response.status >= HTTPStatus.BAD_REQUEST else "",
        operation_id=None if began is None else began.id,
    )
    records.append_write(write)


def _named(path: str, kind: str) -> tuple[str, str]:
    """Return the resource of a path, and the name of the operation on it."""
    found = _PROVIDER.fullmatch(path)
    if found is None:  # A resource group.
        return path, f"Microsoft.Resources/subscriptions/resourceGroups/{kind}"
    *parts, last = found["rest"].split("/")
    if len(parts) % 2 == 0:  # Types and names are pairs, so a single last part is an action.
        resource = path.rpartition("/")[0]
        kind = f"{_ACTIONS.get(last.lower(), last.lower())}/action"
    else:
        resource, parts = path, [*parts, last]
    return resource, "/".join([found["provider"], *parts[::2], kind])
