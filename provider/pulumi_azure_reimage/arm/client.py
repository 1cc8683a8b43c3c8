"""The requests to ARM: GET a VM and its surroundings, POST its reimage, GET the operation."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import quote

from .activity_log import API_VERSION as LOG_API_VERSION
from .activity_log import ActivityLog, Event, NotReadable, Page, earliest_start, log_url
from .error import ArmError
from .image import ImageVersion
from .links import with_api_version
from .lro import (
    DEFAULT_INTERVAL,
    Doubt,
    Inconclusive,
    Link,
    OutcomeUnknown,
    PollStep,
    PostStep,
    after_poll,
    after_post,
    retry_after,
)
from .management_locks import API_VERSION as LOCKS_API_VERSION
from .management_locks import Lock, locks_on
from .permissions import API_VERSION as PERMISSIONS_API_VERSION
from .permissions import Permissions
from .transport import ArmTransport, BeforeWrite, NoAnswerError, NotSentError
from .transport import NotSent as NotSent  # noqa: PLC0414 - what `reimage` returns; only the client sends.
from .virtual_machine import VirtualMachine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from ..clock import Clock
    from .image import Image
    from .resource_id import VirtualMachineId
    from .response import Response

# In addition to 5xx, and a 2xx that does not answer a GET, such as a 204. Gateways send 423, 425 and 499.
_PASSING = frozenset({408, 423, 425, 429, 499})
Parsed = TypeVar("Parsed")

_READ_TRIES = 4
_READ_PAUSE = 1.0
_READ_LONGEST_PAUSE = 20.0
# A VM has a handful of events a day, and a page holds hundreds.
_MOST_PAGES = 20
_CACHE_SECONDS = 60.0
_CACHE_SIZE = 500
# https://learn.microsoft.com/azure/virtual-machines/deprecated-images
_DEPRECATED = "ImageVersionDeprecated"
# The first code is the marketplace's ("Artifact: VMImage was not found."), and the others are a gallery's.
_NO_VERSION = ("NotFound", "ResourceNotFound", "ParentResourceNotFound")


@dataclass(frozen=True, slots=True)
class RequestIds:
    """The ids that one reimage carries through all its requests.

    ARM logs both, and neither is an idempotency key (ARM RPC v1.0, "Client Request Headers").
    """

    client_request_id: str
    correlation_id: str

    @property
    def headers(self) -> dict[str, str]:
        """The request headers."""
        return {
            "x-ms-client-request-id": self.client_request_id,
            "x-ms-correlation-request-id": self.correlation_id,
        }


class ReadError(Exception):
    """A VM, or something around it, could not be read.

    Attributes:
        reason: Why, as text that can be shown in a message.
        error: What ARM said; empty if it did not answer.
        code: ARM's error code, if ARM answered.
        http_status: The HTTP status, if ARM answered.
        request_id: ARM's id of the request, if ARM answered.
        correlation_id: ARM's correlation id, if ARM answered.
        passes: Whether the same request may succeed a moment later.
    """

    def __init__(self, reason: str, answer: Response | None = None, *, passes: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passes = passes
        self.error = answer.error if answer else ArmError()
        self.code = self.error.code
        self.http_status = answer.status if answer else None
        self.request_id = answer.request_id if answer else None
        self.correlation_id = answer.correlation_id if answer else None


@dataclass(frozen=True, slots=True)
class _ReadAgain:
    """A failed read, with the error to raise if it was the last, and how many seconds ARM asks us to wait."""

    error: ReadError
    delay: float = 0.0


class ArmClient:
    """The part of ARM that a reimage needs."""

    def __init__(self, transport: ArmTransport, clock: Clock, api_version: str) -> None:
        self._transport = transport
        self._clock = clock
        self.api_version = api_version
        self._cache: OrderedDict[str, tuple[object, float]] = OrderedDict()
        self._secrets: Callable[[], Iterable[str]] = tuple
        self._deadline = math.inf

    def until(self, deadline: float) -> Self:
        """Return the same client, which does not repeat a read after a deadline.

        Args:
            deadline: A reading of the monotonic clock, in seconds.
        """
        client = copy(self)
        client._deadline = deadline  # noqa: SLF001 - an object of this class.
        return client

    def hiding(self, secrets: Callable[[], Iterable[str]]) -> Self:
        """Return the same client, whose errors do not show some texts.

        ARM may quote what it was sent. A text is masked before it is truncated, because a truncated secret is
        no longer recognized.

        Args:
            secrets: Returns the texts. It is called only if there is an error.
        """
        client = copy(self)
        client._secrets = secrets  # noqa: SLF001 - an object of this class.
        return client

    def virtual_machine(self, vm_id: VirtualMachineId, ids: RequestIds) -> VirtualMachine:
        """GET a VM. The read is repeated if ARM throttles it or fails to answer.

        Raises:
            ReadError: ARM refused the request, or repeatedly did not answer.
            ConfigurationError: signing in failed.
        """
        url = self._url(vm_id, query="$expand=instanceView&")
        return self._read(
            url, ids, lambda answer: VirtualMachine.from_body(_json_object(answer), answer.date)
        )

    def permissions(self, vm_id: VirtualMachineId, ids: RequestIds) -> Permissions:
        """GET what the roles of the identity allow on a VM.

        Raises:
            ReadError: ARM refused the request, or repeatedly did not answer.
            ConfigurationError: signing in failed.
        """
        path = f"{_quoted(vm_id)}/providers/Microsoft.Authorization/permissions"
        url = f"{path}?api-version={PERMISSIONS_API_VERSION}"
        return Permissions.from_body(self._read_cached(url, ids))

    def locks(self, vm_id: VirtualMachineId, ids: RequestIds) -> tuple[Lock, ...]:
        """GET the management locks on a VM and on its resource group and subscription.

        Raises:
            ReadError: ARM refused the request, or repeatedly did not answer.
            ConfigurationError: signing in failed.
        """
        url = f"{_quoted(vm_id)}/providers/Microsoft.Authorization/locks?api-version={LOCKS_API_VERSION}"
        return locks_on(self._read_cached(url, ids), str(vm_id))

    def image_version(
        self, vm_id: VirtualMachineId, image: Image, version: str, location: str, ids: RequestIds
    ) -> ImageVersion | None:
        """GET a version of the image of a VM; None if it does not exist.

        Raises:
            ReadError: ARM refused the request, repeatedly did not answer, or has no URL for the versions of
                this kind of image.
            ConfigurationError: signing in failed.
        """
        url = image.version_url(version, vm_id.subscription_id, location, self.api_version)
        if url is None:
            raise ReadError("Azure does not list the versions of this kind of image in one place.")
        try:
            return ImageVersion.from_body(self._read_cached(url, ids), location)
        except ReadError as error:
            if error.code == _DEPRECATED:
                return ImageVersion(deprecated=True)
            # Any other 404 is about something else, such as a subscription that the identity cannot see.
            if error.http_status == HTTPStatus.NOT_FOUND and error.code in _NO_VERSION:
                return None
            raise

    def activity_log(
        self, vm_id: VirtualMachineId, since: datetime, until: datetime, ids: RequestIds
    ) -> ActivityLog | NotReadable:
        """GET what the activity log holds about a VM from `since` to `until`, both by Azure's clock.

        The log is incomplete if it has too many pages, if a page is unreadable or on another host, or if it
        no longer covers the beginning of the period.

        Raises:
            ReadError: ARM refused the request for a reason other than a missing right, or repeatedly did not
                answer.
            ConfigurationError: signing in failed.
        """
        start = earliest_start(since, until)
        url = log_url(vm_id, start, until)
        events: list[Event] = []
        complete = start == since
        try:
            for _ in range(_MOST_PAGES):
                page = Page.from_body(self._read(url, ids, _json_object), self._secrets)
                events += page.events
                complete = complete and page.readable
                if page.next_link is None:
                    return ActivityLog.from_events(events, complete=complete)
                following = self._transport.trusted_url(page.next_link)
                if following is None:
                    break
                url = with_api_version(following, LOG_API_VERSION)
        except ReadError as error:
            # What earlier pages show is proven, regardless of the next one.
            if not events and error.http_status == HTTPStatus.FORBIDDEN:
                return NotReadable(error.reason)
            if not events and error.http_status != HTTPStatus.OK:
                raise
        return ActivityLog.from_events(events, complete=False)

    def _read_cached(self, url: str, ids: RequestIds) -> object:
        """GET what rarely changes, at most once a minute.

        The machines of a fleet share an image, and an update reads again what its diff has just read.
        """
        now = self._clock.monotonic()
        body, read_at = self._cache.get(url, (None, 0.0))
        if body is None or now - read_at > _CACHE_SECONDS:
            body = self._read(url, ids, _json_object)
            # The newest entry comes last. Another thread may have dropped this one meanwhile.
            self._cache.pop(url, None)
            self._cache[url] = (body, now)
            if len(self._cache) > _CACHE_SIZE:
                self._cache.popitem(last=False)
        return body

    def _read(self, url: str, ids: RequestIds, parse: Callable[[Response], Parsed]) -> Parsed:
        """GET and parse, a few times if ARM throttles us or does not return a readable answer."""
        tries = 0
        while True:
            tries += 1
            step = self._read_once(url, ids, parse)
            if not isinstance(step, _ReadAgain):
                return step
            pause = self._clock.jitter(max(step.delay, _READ_PAUSE * 2 ** (tries - 1)))
            is_late = self._clock.monotonic() + pause > self._deadline
            if tries == _READ_TRIES or is_late or not step.error.passes:
                raise step.error from step.error.__cause__
            self._clock.sleep(pause)

    def _read_once(
        self, url: str, ids: RequestIds, parse: Callable[[Response], Parsed]
    ) -> Parsed | _ReadAgain:
        try:
            answer = replace(self._transport.get(url, ids.headers), secrets=self._secrets)
        except NotSentError as error:
            return _ReadAgain(_caused_by(error, "Azure could not be reached", passes=not error.final))
        except NoAnswerError as error:
            return _ReadAgain(_caused_by(error, "Azure did not answer", passes=True))
        if answer.status != HTTPStatus.OK:
            delay = min(retry_after(answer), _READ_LONGEST_PAUSE) if "retry-after" in answer.headers else 0.0
            passes = _is_transient(answer.status)
            return _ReadAgain(ReadError(_error_text(answer), answer, passes=passes), delay)
        try:
            return parse(answer)
        except ValueError as error:
            # A page of a proxy or a truncated answer counts as no answer.
            return _ReadAgain(ReadError(f"Azure's answer could not be read: {error}", answer, passes=True))

    def reimage(
        self,
        vm_id: VirtualMachineId,
        body: Mapping[str, object] | None,
        ids: RequestIds,
        before_write: BeforeWrite | None = None,
    ) -> PostStep | NotSent:
        """POST the reimage, once.

        Args:
            vm_id: The VM.
            body: The parameters; None sends no body.
            ids: The ids of this send.
            before_write: As for `ArmTransport.post`.

        Raises:
            ConfigurationError: signing in failed; nothing was sent.
        """
        try:
            answer = self._transport.post(self._url(vm_id, "/reimage"), ids.headers, body, before_write)
        except NotSentError as error:
            return NotSent(str(error), error.final)
        except NoAnswerError as error:
            return OutcomeUnknown(f"no answer came back ({error})")
        return after_post(answer, self._poll_url)

    def poll(self, link: Link, ids: RequestIds) -> PollStep:
        """GET the operation once, at the link exactly as ARM gave it, if that names an api-version.

        Raises:
            ConfigurationError: signing in failed.
        """
        url = self._poll_url(link.url)
        if url is None:
            # State can be edited, and a stack can be moved to another cloud or to a simulator.
            return Inconclusive(Doubt.ELSEWHERE, "it is never polled", DEFAULT_INTERVAL)
        try:
            answer = replace(self._transport.get(url, ids.headers), secrets=self._secrets)
        except NotSentError as error:
            doubt = Doubt.FORBIDDEN if error.final else Doubt.TRANSIENT
            return Inconclusive(doubt, str(error), DEFAULT_INTERVAL)
        except NoAnswerError as error:
            return Inconclusive(Doubt.TRANSIENT, str(error), DEFAULT_INTERVAL)
        return after_poll(link, answer, self._poll_url)

    def _poll_url(self, url: str) -> str | None:
        trusted = self._transport.trusted_url(url)
        return trusted and with_api_version(trusted, self.api_version)

    def _url(self, vm_id: VirtualMachineId, action: str = "", *, query: str = "") -> str:
        return f"{_quoted(vm_id)}{action}?{query}api-version={self.api_version}"


def _quoted(vm_id: VirtualMachineId) -> str:
    return quote(str(vm_id), safe="/()")


def _is_transient(status: int) -> bool:
    """Report whether another attempt may succeed a moment later."""
    return status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status // 100 == 2  # noqa: PLR2004 - HTTP's own class.


def _error_text(answer: Response) -> str:
    return answer.error.text or f"Azure answered HTTP {answer.status}"


def _json_object(answer: Response) -> Mapping[object, object]:
    """Return the body of an answer.

    Raises:
        ValueError: it is truncated, or not a JSON object.
    """
    body = answer.json
    if not answer.whole or not isinstance(body, Mapping):
        raise ValueError("it is truncated or not a JSON object")
    return body


def _caused_by(error: Exception, what: str, *, passes: bool) -> ReadError:
    caused = ReadError(f"{what}: {error}", passes=passes)
    caused.__cause__ = error
    return caused
