"""ARM long-running operations as a pure function from a response to the next step.

Rule 1: nothing here sends, sleeps, logs or reads a clock.
Rule 2: everything that decides whether a reimage started, runs or ended is here.

Source: ARM RPC v1.0, "Asynchronous Operations"
(https://github.com/cloud-and-ai-microsoft/resource-provider-contract/blob/master/v1.0/async-api-reference.md)
and https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from ..json_reading import get_str
from .links import split_links
from .response import parse_http_date

if TYPE_CHECKING:
    from .error import ArmError
    from .response import Response

# Half of what the throttling bucket "Get Operation" refills per operation (15 a minute):
# https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-throttling-errors
DEFAULT_INTERVAL = 10.0
_SHORTEST, _LONGEST = 1.0, 600.0
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")

# The specification of reimage: 200 if it was done at once. 204 means the same without a body.
_DONE_AT_ONCE = frozenset({HTTPStatus.OK, HTTPStatus.NO_CONTENT})
# ASP.NET writes the second one for an answer without content.
_NO_BODY = (b"", b"null")

# Only responses with these statuses describe the operation.
_READABLE = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})

# ARM RPC v1.0: only these words end an operation, and any other word means "still running". "Cancelled" is
# not in the contract, but other clients have seen it and accept it.
_ENDED_BADLY: Mapping[str, Literal["Failed", "Canceled"]] = {
    "failed": "Failed",
    "canceled": "Canceled",
    "cancelled": "Canceled",
}

HeaderName = Literal["Azure-AsyncOperation", "Location"]
_LINKS: tuple[HeaderName, ...] = ("Azure-AsyncOperation", "Location")
# Where a document reports how an operation or a resource ended.
_STATES = (("status",), ("provisioningstate",), ("properties", "provisioningstate"))
TrustedUrl = Callable[[str], str | None]
"""Returns the URL as it is polled, if our token may be sent there, else None."""


@dataclass(frozen=True, slots=True)
class Link:
    """The URL that is polled, and the header that named it, which decides how the responses are read."""

    url: str
    header: HeaderName


@dataclass(frozen=True, slots=True)
class Started:
    """The reimage was accepted. Poll `link` after `delay` seconds."""

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
    """ARM did not start a reimage because it is busy or throttles us. Send it again after `delay` seconds.

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
    """The operation is running. Poll `link` again after `delay` seconds."""

    link: Link
    delay: float


class Doubt(Enum):
    """Why a response is inconclusive, which decides how long to keep polling."""

    TRANSIENT = "ARM did not answer"
    UNREADABLE = "ARM's answer could not be read"
    GONE = "ARM does not know the operation"
    ELSEWHERE = "the stored address does not belong to the configured Azure endpoint"
    FORBIDDEN = "ARM refused to answer"
    HOPELESS = "ARM cannot answer this poll"


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """The response is inconclusive about the operation, for the reason `doubt`.

    Attributes:
        answer: The response, if it is an error that explains why ARM did not answer the poll.
    """

    doubt: Doubt
    reason: str
    delay: float
    answer: Response | None = field(default=None, compare=False)


PostStep = Started | Succeeded | Rejected | RetryLater | OutcomeUnknown
PollStep = StillRunning | Succeeded | Failed | Inconclusive


def after_post(answer: Response, trusted_url: TrustedUrl) -> PostStep:
    """Decide what the response to `POST …/reimage` means.

    A reimage may have started despite a 5xx, a 408 or an unexpected 2xx, because ARM gives up on the resource
    provider after 60 s and answers 504 (ARM RPC v1.0, "Client Request Timeout"). The same holds for 303,
    which points to the result of a POST that was carried out (RFC 9110, section 15.4.4).
    """
    match answer.status:
        case 200 | 201 | 202 | 204:
            return _read_acceptance(answer, trusted_url)
        case 429:
            return RetryLater(answer, max(_requested_delay(answer), _SHORTEST))
        case 409 if _is_busy(answer.error):
            return RetryLater(answer, max(_requested_delay(answer), _SHORTEST))
        # Gateways answer 499 if the client hung up while the request was being processed.
        case status if 300 <= status < 500 and status not in (303, 408, 499):  # noqa: PLR2004 - HTTP's own classes.
            return Rejected(answer)
        case status:
            return OutcomeUnknown(f"ARM answered {status}")


def _read_acceptance(answer: Response, trusted_url: TrustedUrl) -> Started | Succeeded | OutcomeUnknown:
    link = _find_link(answer, trusted_url)
    if link is not None:
        return Started(link, retry_after(answer))
    if any(answer.headers.get(name.lower()) for name in _LINKS) or answer.status not in _DONE_AT_ONCE:
        return OutcomeUnknown(f"ARM answered {answer.status} without a link to the operation")
    if _says_done(answer):
        return Succeeded()
    return OutcomeUnknown(f"ARM answered {answer.status}, and its text does not say that it is done")


def _says_done(answer: Response) -> bool:
    """Report whether an answer to the POST is from ARM, and reports that the reimage is done.

    The specification has no body for it. A proxy's page, or an error in a 200, is not a success.
    """
    if answer.whole and answer.body.strip() in _NO_BODY:
        return True
    body = answer.json
    words = _state_words(body)
    is_object = answer.whole and isinstance(body, Mapping) and not body.get("error")
    return is_object and (bool(words) or not body) and all(word == "succeeded" for word in words)


def _state_words(body: object) -> list[str]:
    """Return the words in which a document reports an end, in lower case."""
    words = (_read_word(body, *path) for path in _STATES)
    return [word.casefold() for word in words if word]


def _read_word(document: object, *path: str) -> str:
    """Return the word at a path. The case of the names is ignored, as in Azure's clients for Go."""
    for name in path:
        members = document.items() if isinstance(document, Mapping) else ()
        document = next((member for found, member in members if str(found).lower() == name), None)
    return document.strip() if isinstance(document, str) else ""


def after_poll(link: Link, answer: Response, trusted_url: TrustedUrl) -> PollStep:
    """Decide what the response to a poll means."""
    delay = retry_after(answer)
    doubt = _find_doubt(answer)
    if doubt is not None:
        # A 404 is about the operation, and the advice for such an error is about the VM.
        said = None if doubt is Doubt.GONE else answer
        return Inconclusive(doubt, f"HTTP {answer.status}", delay, said)
    link = _update_link(link, answer, trusted_url)
    if link.header == "Location":
        return _after_location(link, answer, delay)
    return _after_async_operation(link, answer, delay)


def _after_async_operation(link: Link, answer: Response, delay: float) -> PollStep:
    body = answer.json
    word = _read_word(body, "status")
    if not word:
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
    body = answer.json if answer.body.strip() not in _NO_BODY else {}
    if not answer.whole or not isinstance(body, Mapping) or _is_bare_error(body):
        # For example, the sign-in page of a proxy. ARM reports success without a body, or with an object.
        return Inconclusive(Doubt.UNREADABLE, "the answer is truncated, an error or not a JSON object", delay)
    words = _state_words(body)
    for word in words:
        if word in _ENDED_BADLY:
            return Failed(_ENDED_BADLY[word], answer.error)
    if body.get("error"):
        return Failed("Failed", answer.error)
    return Succeeded() if all(word == "succeeded" for word in words) else StillRunning(link, delay)


def _is_bare_error(body: Mapping[object, object]) -> bool:
    """Report whether it is an error without an envelope, as a gateway returns if it refuses the poll."""
    names = {str(name).casefold() for name in body}
    return bool(names & {"code", "message"}) and not names & {"error", "id", "properties", "status"}


# ARM RPC: an HTTP error of a poll says nothing about the operation. A single digit means a whole class.
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
    410: Doubt.GONE,
    429: Doubt.TRANSIENT,
}


def _find_doubt(answer: Response) -> Doubt | None:
    """Return why a response is inconclusive, or None if it may be conclusive."""
    status = answer.status
    if status in _READABLE:
        return None
    if status == HTTPStatus.CONFLICT and _is_busy(answer.error):
        return Doubt.TRANSIENT
    return _DOUBTS.get(status) or _DOUBTS.get(status // 100, Doubt.TRANSIENT)


def _find_link(answer: Response, trusted_url: TrustedUrl) -> Link | None:
    """Choose the link: Azure-AsyncOperation, or Location if the former is absent or not trusted."""
    return next((link for name in _LINKS for link in _trusted_links(answer, name, trusted_url)), None)


def _update_link(link: Link, answer: Response, trusted_url: TrustedUrl) -> Link:
    """Replace the link if the response names a new one, as in ARM RPC's example, unless it is not trusted."""
    return next(_trusted_links(answer, link.header, trusted_url), link)


def _trusted_links(answer: Response, name: HeaderName, trusted_url: TrustedUrl) -> Iterator[Link]:
    urls = (trusted_url(url) for url in split_links(answer.headers.get(name.lower(), "")))
    return (Link(url, name) for url in urls if url is not None)


def _is_busy(error: ArmError) -> bool:
    """Report whether a 409 is temporary. OperationNotAllowed is used for both kinds."""
    code = (error.code or "").casefold()
    if code in ("anotheroperationinprogress", "operationinprogress"):
        return True
    return code in ("", "operationnotallowed", "conflict") and "in progress" in error.text.casefold()


def retry_after(answer: Response) -> float:
    """Return how many seconds ARM asks us to wait before the next poll, between 1 and 600."""
    return min(max(_requested_delay(answer), _SHORTEST), _LONGEST)


def _requested_delay(answer: Response) -> float:
    """Return how many seconds ARM asks us to wait; a default if that is missing or unreadable.

    ARM RPC allows integer seconds. The millisecond variants are Azure's. HTTP allows a date, which is
    compared with the response's own Date, so a wrong local clock does not matter.
    """
    headers = answer.headers
    for name, unit in (("retry-after-ms", 0.001), ("x-ms-retry-after-ms", 0.001), ("retry-after", 1.0)):
        seconds = [_seconds(text, unit) for text in headers.get(name, "").split(",")]
        if None not in seconds:
            # If a header came twice, the longer delay counts.
            return max(filter(None, seconds), default=0.0)
    then, sent = parse_http_date(headers.get("retry-after", "")), answer.date
    if then is not None and sent is not None:
        return (then - sent).total_seconds()
    return DEFAULT_INTERVAL


def _seconds(text: str, unit: float) -> float | None:
    # `float` alone would also accept signs, exponents, underscores, `nan` and `inf`.
    return float(text) * unit if _NUMBER.fullmatch(text.strip()) else None
