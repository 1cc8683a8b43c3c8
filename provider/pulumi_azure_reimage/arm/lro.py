"""ARM long-running operations as a pure function from a response to the next step.

Rule 1: nothing here sends, sleeps, logs or reads a clock.
Rule 2: everything that decides whether a reimage started, runs or ended is here.

Source: ARM RPC v1.0, "Asynchronous Operations"
(https://github.com/cloud-and-ai-microsoft/resource-provider-contract/blob/master/v1.0/async-api-reference.md)
and https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from ..json_reading import get_str

if TYPE_CHECKING:
    from .error import ArmError
    from .response import Response

# Half of what the throttling bucket "Get Operation" refills per operation (15 a minute):
# https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-throttling-errors
DEFAULT_INTERVAL = 10.0
_SHORTEST, _LONGEST = 1.0, 600.0
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")

# Only responses with these statuses describe the operation.
_READABLE = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})

# ARM RPC v1.0: only these words end an operation; any other word means "still running".
# "Cancelled" is not in the contract, but other clients have met it and accept it.
_ENDED_BADLY: Mapping[str, Literal["Failed", "Canceled"]] = {
    "failed": "Failed",
    "canceled": "Canceled",
    "cancelled": "Canceled",
}

HeaderName = Literal["Azure-AsyncOperation", "Location"]
TrustedUrl = Callable[[str], str | None]
"""Returns the absolute form of a URL that our token may be sent to, else None."""


@dataclass(frozen=True, slots=True)
class Link:
    """The URL that is polled, and the header that named it, which decides how the responses are read."""

    url: str
    header: HeaderName


@dataclass(frozen=True, slots=True)
class Started:
    """The reimage was accepted: poll `link` after `delay` seconds."""

    link: Link
    delay: float


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The operation ended well."""

    operation_id: str | None = None
    started_at: str | None = None
    completed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The operation started and ended badly."""

    status: Literal["Failed", "Canceled"]
    error: ArmError
    completed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """ARM answered that it did not start a reimage."""

    answer: Response


@dataclass(frozen=True, slots=True)
class RetryLater:
    """ARM did not start a reimage because it is busy or throttles us: send it again after `delay` seconds.

    The delay has no upper limit, because a request that is sent before it ends is refused again.
    """

    answer: Response
    delay: float


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """The reimage may have started, so it must not be sent again on this evidence."""

    reason: str


@dataclass(frozen=True, slots=True)
class StillRunning:
    """The operation runs: poll `link` again after `delay` seconds."""

    link: Link
    delay: float


class Doubt(Enum):
    """Why a response says nothing about the operation, which decides how long to keep polling."""

    TRANSIENT = "ARM did not answer"
    UNREADABLE = "ARM's answer could not be read"
    GONE = "ARM does not know the operation"
    FORBIDDEN = "ARM refused to answer"
    HOPELESS = "ARM cannot answer this poll"


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """The response says nothing about the operation, for the reason `doubt`."""

    doubt: Doubt
    reason: str
    delay: float


PostStep = Started | Succeeded | Rejected | RetryLater | OutcomeUnknown
PollStep = StillRunning | Succeeded | Failed | Inconclusive


def after_post(answer: Response, trusted_url: TrustedUrl) -> PostStep:
    """Decide what the response to `POST …/reimage` means.

    A reimage may have started in spite of a 5xx, a 408 or an unexpected 2xx, because ARM gives up on the
    resource provider after 60 s and answers 504 (ARM RPC v1.0, "Client Request Timeout").
    """
    match answer.status:
        case 200 | 201 | 202 | 204:
            return _read_acceptance(answer, trusted_url)
        case 429:
            return RetryLater(answer, max(_requested_delay(answer), _SHORTEST))
        case 409 if _is_busy(answer.error):
            return RetryLater(answer, max(_requested_delay(answer), _SHORTEST))
        # Gateways answer 499 if the client hung up while the request was being processed.
        case status if 300 <= status < 500 and status not in (408, 499):  # noqa: PLR2004 - HTTP's own classes.
            return Rejected(answer)
        case status:
            return OutcomeUnknown(f"ARM answered {status}")


def _read_acceptance(answer: Response, trusted_url: TrustedUrl) -> Started | Succeeded | OutcomeUnknown:
    link = _find_link(answer, trusted_url)
    if link is not None:
        return Started(link, retry_after(answer))
    if answer.status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
        return Succeeded()
    return OutcomeUnknown(f"ARM answered {answer.status} without a link to the operation")


def after_poll(link: Link, answer: Response, trusted_url: TrustedUrl) -> PollStep:
    """Decide what the response to a poll means."""
    delay = retry_after(answer)
    doubt = _find_doubt(answer)
    if doubt is not None:
        return Inconclusive(doubt, f"HTTP {answer.status}", delay)
    link = _update_link(link, answer, trusted_url)
    if link.header == "Location":
        return _after_location(link, answer, delay)
    return _after_async_operation(link, answer, delay)


def _after_async_operation(link: Link, answer: Response, delay: float) -> PollStep:
    body = answer.json
    word = get_str(body, "status")
    if word is None:
        return Inconclusive(Doubt.UNREADABLE, "the answer has no status", delay)
    if word.casefold() == "succeeded":
        return Succeeded(get_str(body, "name"), get_str(body, "startTime"), get_str(body, "endTime"))
    ended_badly = _ENDED_BADLY.get(word.casefold())
    if ended_badly is not None:
        return Failed(ended_badly, answer.error, get_str(body, "endTime"))
    return StillRunning(link, delay)


def _after_location(link: Link, answer: Response, delay: float) -> PollStep:
    if answer.status in (HTTPStatus.CREATED, HTTPStatus.ACCEPTED):
        return StillRunning(link, delay)
    body = answer.json
    if not answer.whole or (answer.body and not isinstance(body, Mapping)):
        # Such as the sign-in page of a proxy. ARM reports success without a body, or with an object.
        return Inconclusive(Doubt.UNREADABLE, "the answer is cut or no JSON object", delay)
    if isinstance(body, Mapping):
        for path in (("status",), ("provisioningState",), ("properties", "provisioningState")):
            ended_badly = _ENDED_BADLY.get((get_str(body, *path) or "").casefold())
            if ended_badly is not None:
                return Failed(ended_badly, answer.error)
        if body.get("error"):
            return Failed("Failed", answer.error)
    return Succeeded()


# ARM RPC: an HTTP error of a poll says nothing about the operation. A digit stands for a whole class.
_DOUBTS: Mapping[int, Doubt] = {
    1: Doubt.UNREADABLE,
    2: Doubt.UNREADABLE,
    3: Doubt.FORBIDDEN,
    4: Doubt.HOPELESS,
    401: Doubt.FORBIDDEN,
    403: Doubt.FORBIDDEN,
    404: Doubt.GONE,
    408: Doubt.TRANSIENT,
    409: Doubt.FORBIDDEN,
    429: Doubt.TRANSIENT,
}


def _find_doubt(answer: Response) -> Doubt | None:
    """Return why a response says nothing about the operation, or None if it may say something."""
    status = answer.status
    if status in _READABLE:
        return None
    if status == HTTPStatus.CONFLICT and _is_busy(answer.error):
        return Doubt.TRANSIENT
    return _DOUBTS.get(status) or _DOUBTS.get(status // 100, Doubt.TRANSIENT)


def _find_link(answer: Response, trusted_url: TrustedUrl) -> Link | None:
    """Choose the link: Azure-AsyncOperation, or Location if the other is absent or not trusted."""
    names: tuple[HeaderName, ...] = ("Azure-AsyncOperation", "Location")
    for name in names:
        url = trusted_url(answer.headers.get(name.lower(), ""))
        if url is not None:
            return Link(url, name)
    return None


def _update_link(link: Link, answer: Response, trusted_url: TrustedUrl) -> Link:
    """Replace the link if the response names a new one, as in ARM RPC's example, unless it is not trusted."""
    url = trusted_url(answer.headers.get(link.header.lower(), ""))
    return link if url is None else Link(url, link.header)


def _is_busy(error: ArmError) -> bool:
    """Report whether a 409 will pass by itself; OperationNotAllowed is used for both kinds."""
    code = (error.code or "").casefold()
    if code in ("anotheroperationinprogress", "operationinprogress"):
        return True
    return code in ("", "operationnotallowed", "conflict") and "in progress" in error.text.casefold()


def retry_after(answer: Response) -> float:
    """Return how many seconds ARM asks us to wait before the next poll, between 1 and 600."""
    return min(max(_requested_delay(answer), _SHORTEST), _LONGEST)


def _requested_delay(answer: Response) -> float:
    """Return how many seconds ARM asks us to wait; a default if it does not say so in a readable form.

    ARM RPC allows integer seconds. The millisecond variants are Azure's. A date is allowed by HTTP, and is
    compared with the response's own Date, so that a wrong local clock does not matter.
    """
    headers = answer.headers
    for name, unit in (("retry-after-ms", 0.001), ("x-ms-retry-after-ms", 0.001), ("retry-after", 1.0)):
        seconds = _seconds(headers.get(name), unit)
        if seconds is not None:
            return seconds
    then, sent = _date(headers.get("retry-after")), _date(headers.get("date"))
    if then is not None and sent is not None:
        return (then - sent).total_seconds()
    return DEFAULT_INTERVAL


def _seconds(text: str | None, unit: float) -> float | None:
    # `float` alone would also accept signs, exponents, underscores, `nan` and `inf`.
    return float(text) * unit if text and _NUMBER.fullmatch(text.strip()) else None


def _date(text: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(text or "")
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
