"""Requests that ARM carries out long after their client gave up, because a script delivers them late.

They wait in the state, so any process that opens it carries them out. If one is due, the world is advanced to
its time, and the request is carried out without an answer.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from ..http.messages import Request
from ..world.lifecycle import settle
from .request import ArmRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..world.records import Records

_AUTHORIZATION = "authorization"


def keep_request(records: Records, request: Request, due: datetime) -> None:
    """Keep a request until it is due, without its token."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if _AUTHORIZATION in headers:
        headers[_AUTHORIZATION] = "not kept"
    body = base64.b64encode(request.body).decode()
    records.put_delivery(
        due, {"method": request.method, "url": request.url, "headers": headers, "body": body}
    )


def deliver_due_requests(
    records: Records, carry_out: Callable[[ArmRequest, datetime], object], now: datetime
) -> None:
    """Carry out the requests that are due by `now`, each at its time."""
    while (delivery := records.take_delivery(now)) is not None:
        due, kept = delivery
        settle(records, due)
        body = base64.b64decode(kept["body"])
        request = Request(kept["method"], kept["url"], kept["headers"], body)
        carry_out(ArmRequest.of(request), due)
