"""ARM long-running operations as a pure function: answers in, next step out.

Rule 1: nothing here sends, sleeps, logs or reads a clock.
Rule 2: everything that decides whether a reimage started, runs or ended lives here.

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

if TYPE_CHECKING:
    from .error import ArmError
    from .response import Response

# Half of what the throttling bucket "Get Operation" refills per operation (15 a minute):
# https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-throttling-errors
DEFAULT_INTERVAL = 10.0
_SHORTEST, _LONGEST = 1.0, 600.0
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")

# The only answers whose headers and body speak of the operation.
_READABLE = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})

# ARM RPC v1.0: only these words end an operation; any other word means "still running".
# "Cancelled" is not in the contract, but other clients met it and accept it.
_ENDED_BADLY: Mapping[str, Literal["Failed", "Canceled"]] = {
    "failed": "Failed",
    "canceled": "Canceled",
    "cancelled": "Canceled",
}

HeaderName = Literal["Azure-AsyncOperation", "Location"]
Trusted = Callable[[str], str | None]
"""Return the absolute form of a URL that may be asked with our token, or None."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where the operation is asked after, and by which of ARM's two contracts."""

    url: str
    header: HeaderName


@dataclass(frozen=True, slots=True)
class Started:
    """The reimage was accepted: after `delay` seconds ask `link`."""

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
    """ARM answered, and did not start a reimage."""

    answer: Response


@dataclass(frozen=True, slots=True)
class RetryLater:
    """ARM did not start a reimage because it is busy or we ask too often: ask again after `delay`.

    The delay is not cut: who asks again before it has passed is refused again.
    """

    answer: Response
    delay: float


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """The reimage may have started: it must never be sent again on this evidence."""

    reason: str


@dataclass(frozen=True, slots=True)
class StillRunning:
    """After `delay` seconds ask `link` again."""

    link: Link
    delay: float


class Doubt(Enum):
    """Why an answer about an operation says nothing, which decides how long to go on asking."""

    TRANSIENT = "ARM did not answer"
    UNREADABLE = "ARM's answer could not be read"
    GONE = "ARM does not know the operation"
    FORBIDDEN = "ARM refused to tell"
    HOPELESS = "ARM will not answer this question"


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """The answer says nothing about the operation, for the reason `doubt`."""

    doubt: Doubt
    reason: str
    delay: float


PostStep = Started | Succeeded | Rejected | RetryLater | OutcomeUnknown
PollStep = StillRunning | Succeeded | Failed | Inconclusive


def after_post(answer: Response, trusted: Trusted) -> PostStep:
    """Decide what the answer to `POST …/reimage` means.

    A 5xx, a 408 and every unexpected 2xx may hide a reimage that started: ARM gives up on the resource
    provider after 60 s and answers 504 (ARM RPC v1.0, "Client Request Timeout").
    """
    match answer.status:
        case 200 | 201 | 202 | 204:
            return _accepted(answer, trusted)
        case 429:
            return RetryLater(answer, max(_asked_delay(answer), _SHORTEST))
        case 409 if _is_busy(answer.error):
            return RetryLater(answer, max(_asked_delay(answer), _SHORTEST))
        # 499 is what gateways write when somebody hung up on a request that was under way.
        case status if 300 <= status < 500 and status not in (408, 499):  # noqa: PLR2004 - HTTP's own classes.
            return Rejected(answer)
        case status:
            return OutcomeUnknown(f"ARM answered {status}")


def _accepted(answer: Response, trusted: Trusted) -> Started | Succeeded | OutcomeUnknown:
    link = _link(answer, trusted)
    if link is not None:
        return Started(link, retry_after(answer))
    if answer.status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
        return Succeeded()
    return OutcomeUnknown(f"ARM answered {answer.status} without a link to the operation")


def after_poll(link: Link, answer: Response, trusted: Trusted) -> PollStep:
    """Decide what the answer to a question after the operation means."""
    delay = retry_after(answer)
    doubt = _doubt(answer)
    if doubt is not None:
        return Inconclusive(doubt, f"HTTP {answer.status}", delay)
    link = _updated(link, answer, trusted)
    if link.header == "Location":
        return _after_location(link, answer, delay)
    return _after_async_operation(link, answer, delay)


def _after_async_operation(link: Link, answer: Response, delay: float) -> PollStep:
    body = answer.json
    word = body.get("status") if isinstance(body, Mapping) else None
    if not isinstance(body, Mapping) or not isinstance(word, str) or not word:
        return Inconclusive(Doubt.UNREADABLE, "the answer has no status", delay)
    if word.casefold() == "succeeded":
        return Succeeded(_str(body, "name"), _str(body, "startTime"), _str(body, "endTime"))
    ended_badly = _ENDED_BADLY.get(word.casefold())
    if ended_badly is not None:
        return Failed(ended_badly, answer.error, _str(body, "endTime"))
    return StillRunning(link, delay)


def _after_location(link: Link, answer: Response, delay: float) -> PollStep:
    if answer.status in (HTTPStatus.CREATED, HTTPStatus.ACCEPTED):
        return StillRunning(link, delay)
    body = answer.json
    if not answer.whole or (answer.body and not isinstance(body, Mapping)):
        # Such as the sign-in page of a proxy; ARM says "done" without a body, or with an object.
        return Inconclusive(Doubt.UNREADABLE, "the answer is cut or no JSON object", delay)
    if isinstance(body, Mapping):
        properties = body.get("properties")
        inner = properties.get("provisioningState") if isinstance(properties, Mapping) else None
        for word in (body.get("status"), body.get("provisioningState"), inner):
            ended_badly = _ENDED_BADLY.get(word.casefold()) if isinstance(word, str) else None
            if ended_badly is not None:
                return Failed(ended_badly, answer.error)
        if body.get("error"):
            return Failed("Failed", answer.error)
    return Succeeded()


# ARM RPC: an HTTP error of this question says nothing about the operation. A whole class is under its digit.
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


def _doubt(answer: Response) -> Doubt | None:
    """Return why an answer says nothing about the operation; None if it may say something."""
    status = answer.status
    if status in _READABLE:
        return None
    if status == HTTPStatus.CONFLICT and _is_busy(answer.error):
        return Doubt.TRANSIENT
    return _DOUBTS.get(status) or _DOUBTS.get(status // 100, Doubt.TRANSIENT)


def _link(answer: Response, trusted: Trusted) -> Link | None:
    """Choose the link: Azure-AsyncOperation first, Location only when the other is absent or not ours."""
    names: tuple[HeaderName, ...] = ("Azure-AsyncOperation", "Location")
    for name in names:
        url = trusted(answer.headers.get(name.lower(), ""))
        if url is not None:
            return Link(url, name)
    return None


def _updated(link: Link, answer: Response, trusted: Trusted) -> Link:
    """Follow a link that a poll renews, as ARM RPC's example does; a foreign one is ignored."""
    url = trusted(answer.headers.get(link.header.lower(), ""))
    return link if url is None else Link(url, link.header)


def _is_busy(error: ArmError) -> bool:
    """Tell a 409 that passes by itself from one that does not; OperationNotAllowed is used for both."""
    code = (error.code or "").casefold()
    if code in ("anotheroperationinprogress", "operationinprogress"):
        return True
    return code in ("", "operationnotallowed", "conflict") and "in progress" in error.text.casefold()


def retry_after(answer: Response) -> float:
    """Return how long ARM asks us to wait before the next poll, in seconds, within reason."""
    return min(max(_asked_delay(answer), _SHORTEST), _LONGEST)


def _asked_delay(answer: Response) -> float:
    """Return how long ARM asks us to wait, in seconds; a default if it does not say, or not readably.

    ARM RPC allows integer seconds. The millisecond variants are Azure's; a date is HTTP's, and is read
    against the answer's own Date so that a wrong local clock does not matter.
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
    # Not what Python also takes for a number: signs, exponents, underscores, `nan`, `inf`.
    return float(text) * unit if text and _NUMBER.fullmatch(text.strip()) else None


def _date(text: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(text or "")
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _str(body: Mapping[str, object], key: str) -> str | None:
    value = body.get(key)
    return value if isinstance(value, str) else None
