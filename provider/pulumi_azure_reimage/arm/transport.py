"""One HTTP exchange with ARM: where it may go, what comes back, and whether anything was sent.

Rule 1: a token goes only to the configured endpoint, and no redirect is followed.
Rule 2: whether the request *was sent* and whether a response arrived are two questions.
"""

from __future__ import annotations

import ssl
import zlib
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from ..clock import SystemClock, uptime
from ..http_library import httpx
from ..redact import hide_operation_urls, redact
from .deadline import DeadlineTransport
from .response import Response
from .tokens import SignInInterruptedError

if TYPE_CHECKING:
    from .tokens import TokenSource

# A status has a few hundred bytes and a VM a few kilobytes. ARM's own limit is 8 MB.
_BODY_CAP = 1_000_000
_UNAUTHORIZED = 401
# A request must be written this soon after the check whether it may be. The fence relies on it.
_WRITTEN_WITHIN = 2.0

# The statuses with which a proxy refuses to open a tunnel: a password is missing, or the host is not allowed.
# Any other may be temporary.
_REFUSED_BY_PROXY = ("400 ", "401 ", "403 ", "404 ", "405 ", "407 ")

# These are raised before the first byte of the request is written. After any other error, the request may be
# processed.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Limits in seconds.

    Attributes:
        connect: Reaching one address, and the TLS handshake.
        get: A whole GET, from its start to the end of the answer.
        post: A whole POST. ARM waits 60 s for the resource provider before it answers 504 (ARM RPC v1.0,
            "Client Request Timeout"): a shorter limit would turn its answer into an unknown outcome.
    """

    connect: float = 10.0
    get: float = 30.0
    post: float = 90.0


DEFAULT_LIMITS = TimeLimits()


hide_operation_urls("httpx", *(f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy")))


class NotSentError(Exception):
    """The request certainly did not reach ARM. The text can be shown in a message.

    Attributes:
        final: Another attempt cannot succeed: the certificate is not trusted, or the request is malformed.
    """

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


class NoAnswerError(Exception):
    """The request was or may have been sent, and no response arrived. The text can be shown in a message."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request certainly did not reach ARM. Unless it is `final`, another attempt may succeed."""

    reason: str
    final: bool


BeforeWrite = Callable[[], NotSent | None]
"""Returns, just before a request is written, why it must no longer be sent; None if it may be."""


def http_client(
    transport: httpx.BaseTransport | None = None, *, tls: ssl.SSLContext | None = None
) -> httpx.Client:
    """Return a client for `ArmTransport`.

    Args:
        transport: The carrier of the requests, such as the embedded simulator; None means the network.
        tls: The certificates that are trusted on the network; None means those of the environment.

    Raises:
        ConfigurationError: the environment names certificates that cannot be read.
    """
    return httpx.Client(transport=transport or DeadlineTransport(SystemClock(), tls=tls))


def scheme_and_host(url: str) -> tuple[str, str]:
    """Return the two as httpx will use them. Both are empty if it cannot read the URL."""
    try:
        parsed = httpx.URL(url)
        host = parsed.host
    except (httpx.InvalidURL, ValueError):
        return "", ""
    return parsed.scheme, host


class ArmTransport:
    """Sends requests to one ARM endpoint with the tokens meant for it."""

    def __init__(
        self,
        endpoint: str,
        tokens: TokenSource,
        *,
        client: httpx.Client,
        limits: TimeLimits = DEFAULT_LIMITS,
        uptime: Callable[[], float] = uptime,
    ) -> None:
        """Prepare for requests. Nothing is sent.

        Args:
            endpoint: The URL of ARM.
            tokens: Where tokens come from.
            client: The carrier of the requests.
            limits: How long requests may take.
            uptime: Returns seconds that count while this process or the machine is suspended.
        """
        self._uptime = uptime
        self._endpoint = httpx.URL(endpoint)
        self._tokens = tokens
        self._client = client
        self._limits = limits

    def trusted_url(self, url: str) -> str | None:
        """Return `url` in absolute form if our token may go there, else None.

        httpx itself splits the URL, because a pattern could find parts that differ from those that httpx will
        use: `https://management.azure.com@evil.example/` names the host evil.example.
        """
        if not url:
            return None
        try:
            absolute = urljoin(str(self._endpoint), url)
            parsed = httpx.URL(absolute)
        except (httpx.InvalidURL, ValueError):
            return None
        ours = _server(parsed) == _server(self._endpoint) and not parsed.userinfo
        return absolute if ours and parsed.path.casefold().startswith("/subscriptions/") else None

    def get(self, url: str, headers: Mapping[str, str]) -> Response:
        """GET an absolute URL or a path of the endpoint.

        Raises:
            NotSentError: nothing reached ARM.
            NoAnswerError: no response arrived.
            ConfigurationError: signing in failed.
        """
        return self._send_authorized("GET", url, headers, None)

    def post(
        self,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, object] | None,
        before_write: BeforeWrite | None = None,
    ) -> Response:
        """POST once, on its own connection.

        Args:
            url: An absolute URL or a path of the endpoint.
            headers: Further headers.
            body: Sent as JSON; None sends no body.
            before_write: Called just before the first byte is written. It returns why the request must no
                longer be sent, if it must not.

        Raises:
            NotSentError: nothing reached ARM, and only then may it be sent again.
            NoAnswerError: it may have been processed.
            ConfigurationError: signing in failed.
        """
        return self._send_authorized("POST", url, headers, body, before_write)

    def _send_authorized(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, object] | None,
        before_write: BeforeWrite | None = None,
    ) -> Response:
        """Send with a token, and after a 401 once more with a new one, because a 401 precedes execution."""
        target = self.trusted_url(url)
        if target is None:
            raise NotSentError("the address does not belong to the configured Azure endpoint", final=True)
        with _interrupted_is_not_sent():
            token = self._tokens.token()
        answer = self._exchange(method, target, headers, body, token, before_write)
        if answer.status != _UNAUTHORIZED:
            return answer
        claims = _read_claims(answer.headers.get("www-authenticate", ""))
        with _interrupted_is_not_sent():
            token = self._tokens.replace(token, claims=claims)
        return self._exchange(method, target, headers, body, token, before_write)

    def _exchange(  # noqa: PLR0913, PLR0917 - each is a part of the one request.
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, object] | None,
        token: str,
        before_write: BeforeWrite | None,
    ) -> Response:
        seconds = self._limits.post if method == "POST" else self._limits.get
        try:
            # An absent body sends neither a body nor a Content-Type.
            request = self._client.build_request(
                method,
                url,
                # `_gunzip` undoes only this encoding. httpx would offer all that are installed.
                headers={**headers, "Accept-Encoding": "gzip", "Authorization": f"Bearer {token}"},
                json=body,
                timeout=httpx.Timeout(seconds, connect=self._limits.connect),
                extensions={"trace": _CheckedWrite(before_write, self._uptime, has_body=body is not None)}
                if before_write
                else {},
            )
        except (httpx.InvalidURL, ValueError) as error:  # A header or a body cannot be written.
            raise NotSentError(_reason(error), final=True) from error
        try:
            # A redirect would take the token, and the body with the password, to another host.
            response = self._client.send(request, stream=True, follow_redirects=False)
        except _NOT_SENT as error:
            raise NotSentError(_reason(error), final=_is_final(error)) from error
        # ValueError: httpx parses the Location of a redirect even if it does not follow it.
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise NoAnswerError(_reason(error)) from error
        return read_response(response)


def read_response(response: httpx.Response) -> Response:
    """Read an open response, with its body up to the cap, and close it."""
    with closing(response):
        lowered = {name.lower(): value for name, value in response.headers.items()}
        return Response(response.status_code, lowered, *_read_body(response))


@contextmanager
def _interrupted_is_not_sent() -> Iterator[None]:
    try:
        yield
    except SignInInterruptedError as error:
        raise NotSentError(str(error), final=False) from error


def _read_body(response: httpx.Response) -> tuple[bytes, bool]:
    """Read the body up to the cap, and report whether it is complete.

    Nothing here is an error, because status and headers are enough for a POST.
    """
    if response.is_stream_consumed:  # An in-process transport has set the whole body.
        return response.content[:_BODY_CAP], len(response.content) <= _BODY_CAP
    raw = bytearray()
    whole = True
    try:
        for chunk in response.iter_raw():
            raw += chunk
            if len(raw) > _BODY_CAP:
                whole = False
                break
    except httpx.HTTPError:  # The connection was cut, or the time limit was reached.
        whole = False
    body, unpacked = _gunzip(bytes(raw), response.headers.get("content-encoding", ""))
    return body, whole and unpacked


def _server(url: httpx.URL) -> tuple[str, bytes, int | None]:
    # `URL.host` decodes an internationalized name, and raises if it cannot be decoded.
    return url.scheme, url.raw_host.rstrip(b".").lower(), url.port


def _gunzip(raw: bytes, encoding: str) -> tuple[bytes, bool]:
    """Undo gzip up to the cap, because 200 kB can hold 200 MB; report whether the result is complete."""
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        return raw[:_BODY_CAP], True
    # 16: the data has a gzip header.
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        return unpacking.decompress(raw, _BODY_CAP), unpacking.eof
    except zlib.error:
        return b"", False


def _read_claims(challenge: str) -> str | None:
    """Return the claims of a Continuous Access Evaluation challenge.

    https://learn.microsoft.com/entra/identity-platform/claims-challenge
    """
    if "insufficient_claims" not in challenge:
        return None
    _, _, rest = challenge.partition('claims="')
    encoded, _, _ = rest.partition('"')
    try:
        return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode() or None
    except (Base64Error, UnicodeDecodeError, ValueError):
        return None


class _CheckedWrite:
    """Checks a request just before it is written. httpcore calls this at each step (its extension `trace`).

    Args:
        before_write: Returns why it must not be sent.
        uptime: As for ArmTransport.
        has_body: Whether a body follows the headers. Without it, the server has only a part of the request.
    """

    def __init__(self, before_write: BeforeWrite, uptime: Callable[[], float], *, has_body: bool) -> None:
        self._before_write = before_write
        self._uptime = uptime
        self._has_body = has_body
        self._checked_at = 0.0

    def __call__(self, event: str, _: object) -> None:
        """Stop a request that must not be sent, or that was checked too long ago."""
        if event.endswith(".send_request_headers.started"):
            if (stop := self._before_write()) is not None:
                raise NotSentError(stop.reason, final=stop.final)
            self._checked_at = self._uptime()
        elif (
            event.endswith(".send_request_body.started")
            and self._uptime() - self._checked_at > _WRITTEN_WITHIN
        ):
            # This process was suspended while it wrote.
            reason = f"the request was not written within {_WRITTEN_WITHIN:.0f} s"
            raise NotSentError(reason, final=True) if self._has_body else NoAnswerError(reason)


def _is_final(error: BaseException | None) -> bool:
    """Report whether another attempt cannot succeed: another server answers, or our settings are wrong."""
    if isinstance(error, httpx.ProxyError) and str(error).startswith(_REFUSED_BY_PROXY):
        return True
    while error is not None:
        if isinstance(
            error, ssl.SSLCertVerificationError | httpx.UnsupportedProtocol | httpx.LocalProtocolError
        ):
            return True
        error = error.__cause__ or error.__context__
    return False


def _reason(error: Exception) -> str:
    """Describe a failure by its class and its first words, redacted because they may quote a header."""
    text = redact(str(error), limit=200)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
