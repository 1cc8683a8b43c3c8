"""One exchange: where a token may go, what comes back, and whether anything was sent."""

import gzip
import json
import ssl
import zlib
from base64 import urlsafe_b64encode

import httpx
import pytest

from pulumi_azure_reimage.arm.response import Response
from pulumi_azure_reimage.arm.tokens import SignInInterruptedError
from pulumi_azure_reimage.arm.transport import (
    DEFAULT_LIMITS,
    ArmTransport,
    NoAnswerError,
    NotSentError,
    http_client,
    scheme_and_host,
)

from ..fakes import ENDPOINT, LOOK, OPERATION_URL, POLL, POST, SUBSCRIPTION, VM_ID, Azure, FakeTokens, Reply

POST_PATH = f"{VM_ID}/reimage"
CLAIMS = '{"access_token":{"nbf":{"essential":true}}}'
_ENCODED = urlsafe_b64encode(CLAIMS.encode()).decode()
CAE_CHALLENGE = f'Bearer realm="", error="insufficient_claims", claims="{_ENCODED}"'


def challenge(www_authenticate: str = 'Bearer error="invalid_token"') -> Reply:
    """Return a 401."""
    return Reply(401, headers={"WWW-Authenticate": www_authenticate})


# Where a token may go


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(OPERATION_URL, id="as ARM signs it"),
        pytest.param(f"https://MANAGEMENT.azure.com{SUBSCRIPTION}/x", id="host in capitals"),
        pytest.param(f"https://management.azure.com:443{SUBSCRIPTION}/x", id="the port that it has anyway"),
        pytest.param(f"https://management.azure.com.{SUBSCRIPTION}/x", id="root dot"),
        pytest.param(f"{ENDPOINT}/SUBSCRIPTIONS/1/x", id="path in capitals"),
    ],
)
def test_a_url_of_the_endpoint_is_used_as_it_is(azure: Azure, url: str) -> None:
    """A signed URL must not be rewritten."""
    assert azure.transport.trusted_url(url) == url


def test_a_path_is_one_of_the_endpoint(azure: Azure) -> None:
    """Some services write relative links."""
    assert azure.transport.trusted_url(f"{SUBSCRIPTION}/x?a=%2B") == f"{ENDPOINT}{SUBSCRIPTION}/x?a=%2B"


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "operations/1",
        "http://management.azure.com/subscriptions/1",
        "ftp://management.azure.com/subscriptions/1",
        "https://evil.example/subscriptions/1",
        "//evil.example/subscriptions/1",
        "https://management.azure.com.evil.example/subscriptions/1",
        "https://evilmanagement.azure.com/subscriptions/1",
        "https://azure.com/subscriptions/1",
        "https://management.azure.com@evil.example/subscriptions/1",
        "https://management.azure.com\\@evil.example/subscriptions/1",
        "https://management.azure.com%2f@evil.example/subscriptions/1",
        "https://evil.example\\.management.azure.com/subscriptions/1",
        "https://evil.example#@management.azure.com/subscriptions/1",
        "https://evil.example?@management.azure.com/subscriptions/1",
        "https://user@management.azure.com/subscriptions/1",
        "https://user:password@management.azure.com/subscriptions/1",
        "https://management.azure.com:8443/subscriptions/1",
        "https://management.azure.com:99999999/subscriptions/1",
        "https://management.azure.com/other/1",
        "https://management.azure.com/subscriptions/../other/1",
        "https://management.azure.com/subscriptionsX/1",
        "https://management.azure.com",
        "https:/management.azure.com/subscriptions/1",
        "https://[::1/subscriptions/1",
        "https://xn--a/subscriptions/1",
        "https://xn--managementf1b.azure.com/subscriptions/1",
        "https://\uff4danagement.azure.com/subscriptions/1",
        "https://management.azure.com/subscriptions/" + "x" * 70_000,
        "https://management.azure.com/subscriptions/\x00",
        "https://management.azure.com/subscriptions/\ud800",
    ],
    ids=lambda url: ascii(url[:60]),
)
def test_every_other_url_is_refused_and_none_breaks_us(azure: Azure, url: str) -> None:
    """The answer that contains it may be the one that accepted the reimage."""
    assert azure.transport.trusted_url(url) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Host.Example:8443/x?y", ("https", "host.example")),
        ("http://user:pa55@127.0.0.1/x", ("http", "127.0.0.1")),
        ("https://xn--a/x", ("", "")),
        ("https://[::1", ("", "")),
        ("host", ("", "")),
    ],
)
def test_a_url_has_a_scheme_and_a_host(url: str, expected: tuple[str, str]) -> None:
    """They are read as the library reads them. A URL that it cannot read leads nowhere."""
    assert scheme_and_host(url) == expected


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_is_sent_to_another_host(azure: Azure, method: str) -> None:
    """Not even a token is requested."""
    url = "https://evil.example/subscriptions/1"

    with pytest.raises(NotSentError, match="not belong to the configured Azure endpoint") as caught:
        azure.transport.get(url, {}) if method == "GET" else azure.transport.post(url, {}, None)

    assert caught.value.final
    assert (azure.http.sent, azure.tokens.asked) == ([], [])


def test_a_served_simulator_is_reached_at_its_own_port() -> None:
    """It is reached at no other port, and http is allowed only there."""
    client = http_client(httpx.MockTransport(lambda _: httpx.Response(200)))
    transport = ArmTransport("http://127.0.0.1:8080", FakeTokens(), client=client)

    assert transport.trusted_url("http://127.0.0.1:8080/subscriptions/1")
    assert not transport.trusted_url("http://127.0.0.1/subscriptions/1")
    assert not transport.trusted_url("https://127.0.0.1:8080/subscriptions/1")


@pytest.mark.parametrize("location", ["https://xn--a/", "https://[::1/"])
def test_a_redirect_that_cannot_be_read_is_no_answer(azure: Azure, location: str) -> None:
    """The library parses its target although it does not follow it."""
    azure.script((POST, Reply(307, headers={"Location": location})))

    with pytest.raises(NoAnswerError):
        azure.transport.post(POST_PATH, {}, None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("host", ["https://evil.example", ENDPOINT])
def test_a_redirect_is_an_answer_and_is_not_followed(azure: Azure, host: str, status: int) -> None:
    """Another host would get the token and the password, and the same host a second request."""
    azure.script((POST, Reply(status, headers={"Location": f"{host}{POST_PATH}"})))

    answer = azure.transport.post(POST_PATH, {}, {"osProfile": {"adminPassword": "P@ssw0rd-1"}})

    assert answer.status == status
    assert len(azure.http.sent) == 1


# What is sent


def test_a_request_carries_our_ids_and_a_token(azure: Azure) -> None:
    """It also asks for the only encoding that we decode."""
    azure.script((LOOK, Reply(200)))

    azure.transport.get(VM_ID, {"x-ms-client-request-id": "1"})

    headers = azure.http.sent[0].headers
    assert headers["Authorization"] == "Bearer token-1"
    assert headers["x-ms-client-request-id"] == "1"
    assert headers["Accept-Encoding"] == "gzip"


def test_a_post_without_parameters_has_no_body(azure: Azure) -> None:
    """The body is not `{}`, and there is no Content-Type."""
    azure.script((POST, Reply(202)))

    azure.transport.post(POST_PATH, {}, None)

    (request,) = azure.http.sent
    assert request.content == b""
    assert request.headers["Content-Length"] == "0"
    assert "Content-Type" not in request.headers


def test_a_post_with_parameters_has_them_as_json(azure: Azure) -> None:
    """They have the names that ARM uses."""
    azure.script((POST, Reply(202)))

    azure.transport.post(POST_PATH, {}, {"exactVersion": "1.0"})

    (request,) = azure.http.sent
    assert json.loads(request.content) == {"exactVersion": "1.0"}
    assert request.headers["Content-Type"] == "application/json"


def test_a_signed_url_is_requested_byte_for_byte(azure: Azure) -> None:
    """Its signature covers every byte."""
    url = f"{OPERATION_URL}&x=%2b%2B%20~-_.!*'()"
    azure.http.forever(POLL, Reply(200))

    azure.transport.get(url, {})

    assert str(azure.http.sent[0].url) == url


@pytest.mark.parametrize(
    ("method", "seconds"), [("GET", DEFAULT_LIMITS.get), ("POST", DEFAULT_LIMITS.post)], ids=["GET", "POST"]
)
def test_an_exchange_has_a_time_limit(azure: Azure, method: str, seconds: float) -> None:
    """A POST waits longer than the 60 s after which ARM itself answers 504."""
    azure.script((LOOK if method == "GET" else POST, Reply(200)))

    azure.transport.get(VM_ID, {}) if method == "GET" else azure.transport.post(POST_PATH, {}, None)

    limits = azure.http.sent[0].extensions["timeout"]
    assert (limits["connect"], limits["read"]) == (10.0, seconds)
    assert DEFAULT_LIMITS.post > 60


# Whether it was sent

REQUEST = httpx.Request("POST", ENDPOINT)


def caused(error: Exception, cause: Exception) -> Exception:
    """Return `error` as a library raises it from another error."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("failure", "final"),
    [
        pytest.param(httpx.ConnectError("[Errno 111] Connection refused"), False, id="refused"),
        pytest.param(httpx.ConnectError("[Errno -2] Name or service not known"), False, id="DNS"),
        pytest.param(httpx.ConnectTimeout("timed out"), False, id="connect timeout"),
        pytest.param(httpx.PoolTimeout("no connection is free"), False, id="pool"),
        pytest.param(httpx.ProxyError("407 Proxy Authentication Required"), True, id="proxy, no password"),
        pytest.param(httpx.ProxyError("403 "), True, id="proxy, forbidden"),
        pytest.param(httpx.ProxyError("429 Too Many Requests"), False, id="proxy, throttled"),
        pytest.param(httpx.ProxyError("502 Bad Gateway"), False, id="proxy, no way"),
        pytest.param(httpx.UnsupportedProtocol("socks"), True, id="protocol"),
        pytest.param(httpx.LocalProtocolError("Illegal header value"), True, id="our own mistake"),
        pytest.param(
            caused(httpx.ConnectError("TLS"), ssl.SSLCertVerificationError("self-signed")), True, id="TLS"
        ),
        pytest.param(
            caused(
                httpx.ConnectError("TLS"), caused(OSError("inner"), ssl.SSLCertVerificationError("hostname"))
            ),
            True,
            id="TLS, deeper",
        ),
        pytest.param(caused(httpx.ConnectError("TLS"), ssl.SSLError("handshake")), False, id="other TLS"),
    ],
)
def test_what_failed_before_the_first_byte_was_not_sent(
    azure: Azure, failure: Exception, *, final: bool
) -> None:
    """Only such a request may be sent again, unless it can never succeed."""
    azure.script((POST, failure))

    with pytest.raises(NotSentError) as caught:
        azure.transport.post(POST_PATH, {}, None)

    assert caught.value.final is final
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadError("[Errno 104] Connection reset by peer"),
        httpx.ReadTimeout("timed out"),
        httpx.WriteError("broken pipe"),
        httpx.WriteTimeout("timed out"),
        httpx.CloseError("closed"),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
        httpx.DecodingError("bad gzip"),
        httpx.TooManyRedirects("loop"),
        httpx.NetworkError("a new kind"),
        httpx.TransportError("another new kind"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_any_other_failure_may_have_been_processed(azure: Azure, failure: Exception) -> None:
    """This includes errors that no version of the library raises yet. The transport never sends again."""
    azure.script((POST, failure))

    with pytest.raises(NoAnswerError) as caught:
        azure.transport.post(POST_PATH, {}, None)

    assert caught.value.__cause__ is failure
    assert azure.http.posts == 1


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({"x-ms-client-request-id": "\u2026"}, None, id="header"),
        pytest.param({}, {"exactVersion": float("nan")}, id="not JSON"),
        pytest.param({}, {"exactVersion": "\ud800"}, id="not UTF-8"),
    ],
)
def test_what_cannot_be_written_is_not_sent(
    azure: Azure, headers: dict[str, str], body: dict[str, object] | None
) -> None:
    """Trying again would not help."""
    with pytest.raises(NotSentError) as caught:
        azure.transport.post(POST_PATH, headers, body)

    assert caught.value.final
    assert azure.http.sent == []


def test_the_reason_holds_no_token(azure: Azure) -> None:
    """The library quotes a header that it refuses."""
    azure.script((POST, httpx.LocalProtocolError("Illegal header value b'Bearer s3cr3t-t0k3n\\n'")))

    with pytest.raises(NotSentError) as caught:
        azure.transport.post(POST_PATH, {}, None)

    assert "s3cr3t" not in str(caught.value)
    assert str(caught.value).startswith("LocalProtocolError: Illegal header value")


def test_a_failure_without_words_is_named(azure: Azure) -> None:
    """Some exceptions have no text."""
    azure.script((POST, httpx.ReadTimeout("")))

    with pytest.raises(NoAnswerError, match=r"^ReadTimeout$"):
        azure.transport.post(POST_PATH, {}, None)


# Signing in


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("", id="no header"),
        pytest.param('Bearer error="insufficient_claims"', id="no claims"),
        pytest.param('Bearer error="insufficient_claims", claims=""', id="empty"),
        pytest.param('Bearer error="insufficient_claims", claims="a"', id="not base64"),
        pytest.param('Bearer error="insufficient_claims", claims="_w=="', id="not UTF-8"),
        pytest.param(f'Bearer error="invalid_token", claims="{_ENCODED}"', id="another error"),
    ],
)
def test_a_challenge_without_claims_gets_a_fresh_token(azure: Azure, header: str) -> None:
    """It is handled like any other 401."""
    azure.script((LOOK, challenge(header)), (LOOK, Reply(200)))

    answer = azure.transport.get(VM_ID, {})

    assert answer.status == 200
    assert azure.tokens.asked == [None, None]
    assert azure.tokens.forgotten == 1


def test_claims_without_padding_are_read(azure: Azure) -> None:
    """Microsoft Entra leaves the padding out."""
    header = f'Bearer error="insufficient_claims", claims="{_ENCODED.rstrip("=")}"'
    azure.script((LOOK, challenge(header)), (LOOK, Reply(200)))

    azure.transport.get(VM_ID, {})

    assert azure.tokens.asked == [None, CLAIMS]


@pytest.mark.parametrize("length", range(1, 12))
def test_claims_of_any_length_are_read(azure: Azure, length: int) -> None:
    """The length decides how much padding is left out."""
    claims = "x" * length
    encoded = urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    header = f'Bearer error="insufficient_claims", claims="{encoded}"'
    azure.script((LOOK, challenge(header)), (LOOK, Reply(200)))

    azure.transport.get(VM_ID, {})

    assert azure.tokens.asked == [None, claims]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_sign_in_without_an_answer_sent_nothing(azure: Azure, method: str) -> None:
    """It may be tried again."""
    azure.tokens.failure = SignInInterruptedError("Could not sign in to Azure: no answer.")

    with pytest.raises(NotSentError, match="no answer") as caught:
        azure.transport.get(VM_ID, {}) if method == "GET" else azure.transport.post(VM_ID, {}, None)

    assert not caught.value.final
    assert azure.http.sent == []


# What comes back

CAP = 1_000_000


def test_an_answer_has_lower_case_headers(azure: Azure) -> None:
    """Code that reads them need not know the server's spelling."""
    azure.script((LOOK, Reply(200, b"body", {"Retry-After": "5"})))

    answer = azure.transport.get(VM_ID, {})

    assert answer == Response(200, {"retry-after": "5"}, b"body")


@pytest.mark.parametrize(
    ("reply", "body", "whole"),
    [
        pytest.param(Reply(body=b"x" * (CAP + 1)), b"x" * CAP, False, id="too long"),
        pytest.param(Reply(body=b"x" * CAP), b"x" * CAP, True, id="just not too long"),
        pytest.param(Reply(body=b"whole", cut=httpx.ReadError("")), b"whole", False, id="cut"),
        pytest.param(Reply(cut=httpx.RemoteProtocolError("")), b"", False, id="cut at once"),
        pytest.param(
            Reply(body=gzip.compress(b"zipped"), headers={"Content-Encoding": "gzip"}),
            b"zipped",
            True,
            id="gzip",
        ),
        pytest.param(
            Reply(body=gzip.compress(b"zipped"), headers={"Content-Encoding": " X-GZIP "}),
            b"zipped",
            True,
            id="gzip's other name",
        ),
        pytest.param(
            Reply(body=gzip.compress(b"\0" * 50 * CAP), headers={"Content-Encoding": "gzip"}),
            b"\0" * CAP,
            False,
            id="gzip bomb",
        ),
        pytest.param(Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"}), b"", False, id="bad gzip"),
        pytest.param(
            Reply(body=gzip.compress(b"zipped" * 100)[:-8], headers={"Content-Encoding": "gzip"}),
            b"zipped" * 100,
            False,
            id="gzip without its end",
        ),
        pytest.param(
            Reply(body=zlib.compress(b"zipped"), headers={"Content-Encoding": "deflate"}),
            zlib.compress(b"zipped"),
            True,
            id="an encoding that was not requested",
        ),
    ],
)
def test_the_body_is_read_as_far_as_is_reasonable(
    azure: Azure, reply: Reply, body: bytes, *, whole: bool
) -> None:
    """Status and headers are enough for an answer. A body that was cut is not JSON any more."""
    azure.script((LOOK, reply))

    assert azure.transport.get(VM_ID, {}) == Response(200, dict(_lowered(reply)), body, whole)


def _lowered(reply: Reply) -> dict[str, str]:
    return {name.lower(): value for name, value in reply.headers.items()}


def test_an_in_process_transport_has_read_its_body() -> None:
    """The embedded simulator returns the body with the response, and the cap applies to it as well."""
    client = http_client(httpx.MockTransport(lambda _: httpx.Response(200, content=b"x" * (CAP + 1))))
    transport = ArmTransport(ENDPOINT, FakeTokens(), client=client)

    answer = transport.get(VM_ID, {})

    assert (len(answer.body), answer.whole) == (CAP, False)
