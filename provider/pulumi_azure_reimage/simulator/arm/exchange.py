"""One exchange: a request arrives, the script may change it, and it is carried out, logged and answered."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

from ..faults.default_messages import status_error
from ..faults.effects import (
    DelayResponse,
    DeliverLate,
    Fault,
    RepeatEntries,
    ReplaceBody,
    ReplaceResponse,
    RequestEffect,
    SetField,
    SetHeader,
    ShowStale,
)
from ..http.cut import AFTER_SEND, BEFORE_SEND, ON_THE_WAY, ConnectionCutError, Cut
from ..http.messages import Request, Response, empty_response
from ..http.request_log import LoggedRequest
from ..world.script import take_fault
from . import permissions
from .errors import ArmError
from .late_requests import keep_request
from .recorded_writes import Sender, record_write
from .request import ArmRequest, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..world.records import Records
    from .service import Arm


_OF_GATEWAYS = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Carries out one request inside one transaction."""

    arm: Arm
    records: Records
    now: datetime

    def carry_out(self, received: Request) -> Response | ConnectionCutError:
        """Return the answer, or the break of the connection that replaces it."""
        request = ArmRequest.of(received)
        subject = request.subject(self.records)
        fault = take_fault(self.records, subject.kind, subject.name, subject.machine_key)
        cut = _cut(fault)
        if cut is not None and cut.moment == BEFORE_SEND:
            return ConnectionCutError(cut)  # It never arrived, so it is not in the log.
        late = _late(fault)
        if late is not None:
            keep_request(self.records, received, self.now + timedelta(seconds=late))
        response = self._answer(request, fault)
        self.records.append_request(
            self._logged(request, subject, None if cut is not None else response.status)
        )
        if cut is None:
            return response
        partial = None
        if cut.manner == "cut":
            promised = {**response.headers, "content-length": str(max(len(response.body), 1))}
            partial = (response.status, promised, response.body[: len(response.body) // 2])
        return ConnectionCutError(cut, partial)

    def deliver(self, request: ArmRequest) -> None:
        """Carry out a request that was received and logged earlier, without an answer."""
        self._carried_out(request, self.arm, permissions.CLIENT, self._common_headers(request.http))

    def act(self, received: Request, caller: str) -> Response:
        """Carry out the request of another caller, which only the activity log shows."""
        request = ArmRequest.of(received)
        return self._carried_out(request, self.arm, caller, self._common_headers(received))

    def _carried_out(
        self, request: ArmRequest, arm: Arm, caller: str, headers: Mapping[str, str]
    ) -> Response:
        try:
            response = arm.answer(request)
        except ArmError as refusal:
            response = refusal.response()
        self._record(request, response, caller, headers)
        return response

    def _record(
        self, request: ArmRequest, response: Response, caller: str, headers: Mapping[str, str]
    ) -> None:
        correlation_id = headers["x-ms-correlation-request-id"]
        record_write(self.records, request, response, Sender(caller, correlation_id), self.now)

    def log_failure(self, received: Request, status: int) -> None:
        """Log a request that was not carried out because of an internal error of the simulator."""
        self.records.append_request(self._logged(ArmRequest.of(received), Subject("other"), status))

    def _answer(self, request: ArmRequest, fault: Fault | None) -> Response:
        response = empty_response(HTTPStatus.OK)
        common = self._common_headers(request.http)
        if _is_carried_out(fault):
            stale = _staleness(fault)
            arm = replace(self.arm, stale_seconds=stale) if stale else self.arm
            response = self._carried_out(request, arm, permissions.CLIENT, common)
        effects = [effect for effect in fault.effects if isinstance(effect, RequestEffect)] if fault else []
        for effect in effects:
            if isinstance(effect, ReplaceResponse):
                response = _error(effect)
                if _is_refusal(fault, effect):
                    self._record(request, response, permissions.CLIENT, common)
        response = replace(response, headers={**common, **response.headers})
        for effect in effects:
            response = _changed(response, effect)
        length = {"content-length": str(len(response.body))}
        return replace(response, headers={**length, **response.headers})

    def _logged(self, request: ArmRequest, subject: Subject, status: int | None) -> LoggedRequest:
        http = request.http
        return LoggedRequest(
            time=self.now,
            method=http.method,
            path=request.url.path,
            api_version=request.api_version,
            name=subject.name,
            body=http.body.decode(errors="replace"),
            status=status,
            client_request_id=http.header("x-ms-client-request-id"),
            correlation_id=http.header("x-ms-correlation-request-id"),
            has_authorization=bool(http.header("authorization")),
            note=", ".join(self.arm.notes),
        )

    def _common_headers(self, request: Request) -> dict[str, str]:
        client_request_id = request.header("x-ms-client-request-id")
        wants_echo = (request.header("x-ms-return-client-request-id") or "").lower() == "true"
        return {
            "x-ms-request-id": str(uuid4()),
            "x-ms-correlation-request-id": request.header("x-ms-correlation-request-id") or str(uuid4()),
            **({"x-ms-client-request-id": client_request_id} if client_request_id and wants_echo else {}),
            "date": format_datetime(self.now.astimezone(UTC), usegmt=True),
        }


def _cut(fault: Fault | None) -> Cut | None:
    effects = fault.effects if fault is not None else ()
    cut = next((effect for effect in effects if isinstance(effect, Cut)), None)
    if cut is None and _late(fault) is not None and not any(isinstance(e, ReplaceResponse) for e in effects):
        return Cut("timeout", ON_THE_WAY)
    return cut


def _late(fault: Fault | None) -> float | None:
    effects = fault.effects if fault is not None else ()
    return next((effect.seconds for effect in effects if isinstance(effect, DeliverLate)), None)


def _staleness(fault: Fault | None) -> float:
    effects = fault.effects if fault is not None else ()
    return next((effect.seconds for effect in effects if isinstance(effect, ShowStale)), 0.0)


def _is_carried_out(fault: Fault | None) -> bool:
    effects = fault.effects if fault is not None else ()
    if _late(fault) is not None:
        return False
    return all(effect.moment == AFTER_SEND for effect in effects if isinstance(effect, Cut | ReplaceResponse))


def _is_refusal(fault: Fault | None, answer: ReplaceResponse) -> bool:
    """Return whether ARM itself gives this answer, so the activity log shows it too. Gateways log nothing."""
    if _is_carried_out(fault) or _late(fault) is not None:
        return False
    return answer.status >= HTTPStatus.BAD_REQUEST and answer.status not in _OF_GATEWAYS


def _error(answer: ReplaceResponse) -> Response:
    if answer.status < HTTPStatus.BAD_REQUEST:
        return empty_response(answer.status)
    code, message = status_error(answer.status)
    return ArmError(answer.status, answer.code or code, answer.message or message).response()


def _changed(response: Response, effect: RequestEffect) -> Response:
    match effect:
        case SetHeader(name, None):
            return replace(response, headers={k: v for k, v in response.headers.items() if k != name})
        case SetHeader(name, str(value)):
            return replace(response, headers={**response.headers, name: value})
        case ReplaceBody() | SetField() | RepeatEntries():
            return replace(response, body=_changed_body(response.body, effect))
        case DelayResponse(seconds):
            return replace(response, delay=seconds)
        case _:
            return response


def _changed_body(body: bytes, effect: ReplaceBody | SetField | RepeatEntries) -> bytes:
    match effect:
        case ReplaceBody(content, half):
            return body[: len(body) // 2] if half else content.encode()
        case SetField(key, value):
            return _with_field(body, key, value)
        case RepeatEntries():
            return _with_entries_twice(body)


def _with_entries_twice(body: bytes) -> bytes:
    try:
        document = json.loads(body)
        twice = [entry for entry in document["value"] for _ in range(2)]
    except (ValueError, KeyError, TypeError):
        return body
    return json.dumps({**document, "value": twice}, separators=(",", ":")).encode()


def _with_field(body: bytes, key: str, value: str) -> bytes:
    try:
        document = json.loads(body)
    except ValueError:
        return body
    if not isinstance(document, dict):
        return body
    return json.dumps({**document, key: value}, separators=(",", ":")).encode()
