"""Long-running operations: every answer that ARM, a proxy or an accident may produce, and what it means.

The tables follow ARM's async contract. A wrong row in the first one would wipe a disk twice.
"""

import json
from collections.abc import Mapping

import pytest

from pulumi_azure_reimage.arm.error import ArmError
from pulumi_azure_reimage.arm.lro import (
    DEFAULT_INTERVAL,
    Doubt,
    Failed,
    Inconclusive,
    Link,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    Started,
    StillRunning,
    Succeeded,
    after_poll,
    after_post,
    retry_after,
)
from pulumi_azure_reimage.arm.response import Response

ASYNC_URL = "https://arm/subscriptions/1/operations/a"
LOCATION_URL = "https://arm/subscriptions/1/operations/a?monitor=true"
ASYNC = Link(ASYNC_URL, "Azure-AsyncOperation")
LOCATION = Link(LOCATION_URL, "Location")
BOTH = {"azure-asyncoperation": ASYNC_URL, "location": LOCATION_URL}


def trusted(url: str) -> str | None:
    """Trust URLs on the host `arm`, and make paths absolute."""
    absolute = f"https://arm{url}" if url.startswith("/") else url
    return absolute if absolute.startswith("https://arm/") else None


def answer(status: int, body: object = b"", headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer. A body that is not bytes becomes JSON."""
    return Response(status, headers or {}, body if isinstance(body, bytes) else json.dumps(body).encode())


def error(code: str | None, message: str = "") -> dict[str, object]:
    """Return ARM's error envelope."""
    return {"error": {"code": code, "message": message}}


# The POST


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_an_answer_with_a_link_is_a_reimage_that_started(status: int) -> None:
    """Azure-AsyncOperation comes first, as ARM requires."""
    step = after_post(answer(status, headers={**BOTH, "retry-after": "20"}), trusted)

    assert step == Started(ASYNC, 20.0)


@pytest.mark.parametrize(
    ("headers", "link"),
    [
        pytest.param({"location": LOCATION_URL}, LOCATION, id="Location only"),
        pytest.param({"azure-asyncoperation": ASYNC_URL}, ASYNC, id="Azure-AsyncOperation only"),
        pytest.param(
            {"azure-asyncoperation": "https://evil/", "location": LOCATION_URL},
            LOCATION,
            id="first is foreign",
        ),
        pytest.param(
            {"azure-asyncoperation": ASYNC_URL, "location": "https://evil/"}, ASYNC, id="second is foreign"
        ),
        pytest.param({"azure-asyncoperation": "", "location": LOCATION_URL}, LOCATION, id="first is empty"),
        pytest.param(
            {"azure-asyncoperation": "/subscriptions/1/operations/a"}, ASYNC, id="a path is made absolute"
        ),
    ],
)
def test_the_link_is_the_best_one_that_is_ours(headers: Mapping[str, str], link: Link) -> None:
    """Location is used only when the other is absent or not ours."""
    assert after_post(answer(202, headers=headers), trusted) == Started(link, DEFAULT_INTERVAL)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(f"{ASYNC_URL}, {ASYNC_URL}", id="the same twice"),
        pytest.param(f"{ASYNC_URL},{ASYNC_URL}", id="joined without a blank"),
        pytest.param(f"{ASYNC_URL},\t{LOCATION_URL}", id="two of ours"),
        pytest.param(f"https://evil/, {ASYNC_URL}", id="a foreign one first"),
        pytest.param(f", {ASYNC_URL} ,", id="an empty one first"),
        pytest.param(f"/subscriptions/1/operations/a, {LOCATION_URL}", id="a relative one first"),
    ],
)
def test_the_first_of_our_links_in_a_header_is_polled(value: str) -> None:
    """HTTP libraries join headers of the same name, and so do proxies."""
    assert after_post(answer(202, headers={"azure-asyncoperation": value}), trusted) == Started(
        ASYNC, DEFAULT_INTERVAL
    )


@pytest.mark.parametrize(
    "done",
    [
        pytest.param(answer(200), id="200 without a body"),
        pytest.param(answer(204), id="204"),
        pytest.param(answer(200, b" \r\n"), id="blanks"),
        pytest.param(answer(200, b"null"), id="null"),
        pytest.param(answer(200, {}), id="an empty object"),
        pytest.param(answer(200, {"status": "Succeeded"}), id="the word"),
        pytest.param(answer(200, {"id": "x", "properties": {"provisioningState": "succeeded"}}), id="the VM"),
        pytest.param(answer(200, {"status": "Succeeded", "error": None}), id="no error"),
    ],
)
def test_an_answer_without_a_link_can_be_the_end(done: Response) -> None:
    """The specification has a 200 for an operation that finished immediately."""
    assert after_post(done, trusted) == Succeeded()


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(answer(200, b"<html><title>Welcome</title>"), id="HTML"),
        pytest.param(answer(200, error("TooManyRequests", "Later.")), id="an error"),
        pytest.param(answer(200, {"error": "no", "status": "Succeeded"}), id="an error and the word"),
        pytest.param(answer(200, {"code": "Blocked", "message": "No."}), id="an error without an envelope"),
        pytest.param(answer(200, {"status": "Failed"}), id="failed"),
        pytest.param(answer(200, {"status": "InProgress"}), id="it runs"),
        pytest.param(
            answer(200, {"properties": {"provisioningState": "Updating"}}), id="the VM, which is busy"
        ),
        pytest.param(answer(200, {"status": "Succeeded", "provisioningState": "Failed"}), id="both"),
        pytest.param(answer(200, {"welcome": "x"}), id="another object"),
        pytest.param(answer(200, {"status": True}), id="no word"),
        pytest.param(answer(200, [1]), id="a list"),
        pytest.param(answer(200, "Succeeded"), id="a string"),
        pytest.param(answer(200, b'{"status": "Succ'), id="cut JSON"),
        pytest.param(Response(200, {}, b"", whole=False), id="cut before the first byte"),
        pytest.param(Response(200, {}, b"{}", whole=False), id="cut, and JSON by chance"),
        pytest.param(answer(200, headers={"location": "https://evil/"}), id="a foreign link"),
        pytest.param(
            answer(204, headers={"azure-asyncoperation": "https://evil/"}), id="204, a foreign link"
        ),
    ],
)
def test_a_200_that_does_not_say_that_it_is_done_is_no_success(odd: Response) -> None:
    """It may be a proxy's page for a request that never reached ARM, so only the VM shows the outcome."""
    assert isinstance(after_post(odd, trusted), OutcomeUnknown)


@pytest.mark.parametrize(
    "unclear",
    [
        pytest.param(answer(202), id="202 without a link"),
        pytest.param(answer(201), id="201 without a link"),
        pytest.param(answer(202, headers={"location": "https://evil/"}), id="202 with a foreign link"),
        *(
            pytest.param(answer(status, headers={**BOTH, "retry-after": "3600"}), id=str(status))
            for status in (
                100,
                101,
                203,
                205,
                206,
                226,
                299,
                303,
                408,
                499,
                500,
                501,
                502,
                503,
                504,
                507,
                599,
                600,
            )
        ),
        pytest.param(answer(503, error("AnotherOperationInProgress")), id="503 that names a 409"),
        pytest.param(answer(500, error("TooManyRequests")), id="500 that names a 429"),
    ],
)
def test_everything_else_may_hide_a_reimage_that_started(unclear: Response) -> None:
    """A POST is never sent again on such evidence, whichever headers the answer has."""
    assert isinstance(after_post(unclear, trusted), OutcomeUnknown)


@pytest.mark.parametrize(
    "refusal",
    [
        *(
            pytest.param(answer(status, headers={"retry-after": "5"}), id=str(status))
            for status in (300, 301, 302, 304, 307, 308, 400, 401, 402, 403, 404, 405, 409, 410)
        ),
        *(
            pytest.param(answer(status), id=str(status))
            for status in (411, 412, 413, 415, 422, 424, 428, 451)
        ),
        pytest.param(
            answer(409, error("OperationNotAllowed", "The operation requires the VM to be running.")),
            id="409 not running",
        ),
        pytest.param(
            answer(409, error("OperationNotAllowed", "the VM is generalized")), id="409 generalized"
        ),
        pytest.param(
            answer(409, error("ResourceUpdateBlockedOnPlatformUpdate", "A platform update is in progress.")),
            id="409 another code",
        ),
        pytest.param(answer(400, error("AnotherOperationInProgress")), id="400 that names a 409"),
    ],
)
def test_a_refusal_is_final(refusal: Response) -> None:
    """It is shown unchanged. A redirect is a refusal, too."""
    assert after_post(refusal, trusted) == Rejected(refusal)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(error("AnotherOperationInProgress"), id="code"),
        pytest.param(error("anotheroperationinprogress"), id="code in lower case"),
        pytest.param(error("OperationInProgress"), id="shorter code"),
        pytest.param(
            error("OperationNotAllowed", "Operation 'reimage' ... since: another operation is in progress."),
            id="text",
        ),
        pytest.param(
            error("OperationNotAllowed", "Another operation is In Progress."), id="text in capitals"
        ),
        pytest.param(error("Conflict", "An operation is in progress"), id="Conflict"),
        pytest.param(
            {"error": {"code": "Conflict", "message": "No.", "details": [{"message": "It is in progress."}]}},
            id="text in the details",
        ),
        pytest.param({"message": "Another operation is in progress"}, id="no code"),
    ],
)
def test_a_409_of_a_busy_vm_is_temporary(body: object) -> None:
    """ARM reports that it did not execute the request."""
    busy = answer(409, body, {"retry-after": "15"})

    assert after_post(busy, trusted) == RetryLater(busy, 15.0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Too many requests</html>",
        error("TooManyRequests"),
        {"code": "OperationNotAllowed", "message": "The server rejected the request."},
    ],
)
def test_a_429_of_any_shape_is_temporary(body: object) -> None:
    """ARM refuses such a request before it executes it."""
    throttled = answer(429, body, {"retry-after": "30"})

    assert after_post(throttled, trusted) == RetryLater(throttled, 30.0)


@pytest.mark.parametrize(
    ("status", "asked", "delay"),
    [
        pytest.param(429, "3600", 3600.0, id="429 for an hour"),
        pytest.param(409, "3600", 3600.0, id="409 for an hour"),
        pytest.param(429, "0", 1.0, id="at once"),
        pytest.param(429, "soon", DEFAULT_INTERVAL, id="not readable"),
    ],
)
def test_a_post_is_never_repeated_before_arm_allows_it(status: int, asked: str, delay: float) -> None:
    """A long pause is not cut, because a request that comes too early is refused again."""
    refusal = answer(status, error("AnotherOperationInProgress"), {"retry-after": asked})

    assert after_post(refusal, trusted) == RetryLater(refusal, delay)


# The poll of Azure-AsyncOperation


def test_an_operation_that_succeeded_has_its_id_and_its_times() -> None:
    """They become outputs, exactly as ARM wrote them."""
    body = {"name": "a", "startTime": "t1", "endTime": "t2", "status": "Succeeded"}

    assert after_poll(ASYNC, answer(200, body), trusted) == Succeeded("a", "t1", "t2")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Failed", "Failed"),
        ("FAILED", "Failed"),
        ("Canceled", "Canceled"),
        ("canceled", "Canceled"),
        ("Cancelled", "Canceled"),
        (" Failed\n", "Failed"),
    ],
)
def test_an_operation_that_ended_badly_says_why(word: str, status: str) -> None:
    """Failed and Canceled remain distinct."""
    body = {"status": word, **error("OperationPreempted", "A more recent operation.")}

    step = after_poll(ASYNC, answer(200, body), trusted)

    assert isinstance(step, Failed)
    assert step.status == status
    assert step.error == ArmError("OperationPreempted", "A more recent operation.")


@pytest.mark.parametrize(
    "word", ["Succeeded", "SUCCEEDED", " Succeeded", "succeeded \r\n", "\u00a0Succeeded"]
)
def test_an_operation_that_succeeded_is_recognised_in_any_spelling(word: str) -> None:
    """Spaces around the word do not matter."""
    assert after_poll(ASYNC, answer(200, {"status": word}), trusted) == Succeeded()


@pytest.mark.parametrize(
    "word", ["InProgress", "Running", "Accepted", "Updating", "Succeeding", "a new word"]
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_other_word_means_that_it_still_runs(word: str, status: int) -> None:
    """Only three words end an operation. The HTTP status does not matter."""
    running = answer(status, {"status": word}, {"retry-after": "20"})

    assert after_poll(ASYNC, running, trusted) == StillRunning(ASYNC, 20.0)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html>Succeeded</html>", id="HTML"),
        pytest.param(b'{"status": "Succ', id="cut"),
        pytest.param(b"[" * 100_000, id="nesting bomb"),
        pytest.param(b'{"status": ' + b"9" * 5000 + b"}", id="number bomb"),
        pytest.param(b"\xff\xfe\x00", id="another charset"),
        pytest.param([{"status": "Succeeded"}], id="a list"),
        pytest.param("Succeeded", id="a string"),
        pytest.param({}, id="no status"),
        pytest.param({"status": ""}, id="empty status"),
        pytest.param({"status": "  "}, id="blank status"),
        pytest.param({"status": None}, id="null"),
        pytest.param({"status": 1}, id="number"),
        pytest.param({"status": {"code": "Succeeded"}}, id="object"),
        pytest.param({"properties": {"status": "Succeeded"}}, id="elsewhere"),
    ],
)
def test_a_body_without_a_status_is_no_result(body: object) -> None:
    """It counts neither as a success nor as a failure."""
    step = after_poll(ASYNC, answer(200, body), trusted)

    assert isinstance(step, Inconclusive)
    assert step.doubt is Doubt.UNREADABLE


@pytest.mark.parametrize("name", ["status", "Status", "STATUS"])
def test_the_status_is_read_under_a_name_in_any_case(name: str) -> None:
    """ASP.NET writes it with capital letters, and Azure's clients in Go accept that."""
    assert after_poll(ASYNC, answer(200, {"id": "1", name: "Succeeded"}), trusted) == Succeeded()
    assert after_poll(LOCATION, answer(200, {name: "Canceled"}), trusted) == Failed("Canceled", ArmError())


@pytest.mark.parametrize("link", [ASYNC, LOCATION], ids=["async", "location"])
def test_a_document_that_is_deeply_nested_breaks_nothing(link: Link) -> None:
    """It is nested about as deep as the JSON reader can go."""
    body = b'{"properties": ' * 900 + b"1" + b"}" * 900

    assert isinstance(after_poll(link, answer(200, body), trusted), Inconclusive | Succeeded)


def test_the_last_of_two_members_with_one_name_counts() -> None:
    """Other clients of ARM read such a document in the same way."""
    body = b'{"status": "InProgress", "status": "Succeeded"}'

    assert after_poll(ASYNC, answer(200, body), trusted) == Succeeded()


def test_a_byte_order_mark_does_no_harm() -> None:
    """Some gateways write one."""
    body = b"\xef\xbb\xbf" + json.dumps({"status": "Succeeded"}).encode()

    assert after_poll(ASYNC, answer(200, body), trusted) == Succeeded()


# The poll of Location


@pytest.mark.parametrize("status", [201, 202])
def test_a_202_of_location_means_that_it_still_runs(status: int) -> None:
    """The body of a 202 has no meaning."""
    running = answer(status, {"status": "Failed"}, {"retry-after": "20"})

    assert after_poll(LOCATION, running, trusted) == StillRunning(LOCATION, 20.0)


@pytest.mark.parametrize(
    "done",
    [
        pytest.param(answer(200), id="200 without a body"),
        pytest.param(answer(204), id="204"),
        pytest.param(answer(200, {"properties": {"provisioningState": "Succeeded"}}), id="a resource"),
        pytest.param(answer(200, {"properties": "text"}), id="odd properties"),
        pytest.param(answer(200, {"error": None}), id="no error"),
        pytest.param(answer(200, b"null"), id="null"),
        pytest.param(answer(200, {"status": " Succeeded"}), id="the word, and a blank"),
    ],
)
def test_a_success_of_location_means_that_it_is_done(done: Response) -> None:
    """When the operation is done, the answer is that of a synchronous call."""
    assert after_poll(LOCATION, done, trusted) == Succeeded()


@pytest.mark.parametrize(
    "body",
    [
        {"status": "InProgress"},
        {"properties": {"provisioningState": "Updating"}},
        {"status": "Succeeded", "provisioningState": "Updating"},
    ],
)
def test_a_200_of_location_with_an_intermediate_state_means_that_it_still_runs(body: object) -> None:
    """azcore, Azure's client in Go, reads it in the same way (sdk/azcore/internal/pollers/loc)."""
    assert after_poll(LOCATION, answer(200, body), trusted) == StillRunning(LOCATION, DEFAULT_INTERVAL)


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(answer(200, {"code": "Blocked", "message": "No."}), id="an error without an envelope"),
        pytest.param(answer(200, {"Message": "No."}), id="only its message"),
        pytest.param(Response(200, {}, b"<html>Sign in"), id="HTML"),
        pytest.param(answer(200, [1]), id="a list"),
        pytest.param(Response(200, {}, b'{"status": "Fai'), id="cut JSON"),
        pytest.param(Response(200, {}, b"", whole=False), id="cut before the first byte"),
        pytest.param(Response(200, {}, b"{}", whole=False), id="cut, and JSON by chance"),
    ],
)
def test_a_200_of_location_that_cannot_be_read_is_no_end(odd: Response) -> None:
    """A proxy's page is not an answer of ARM."""
    step = after_poll(LOCATION, odd, trusted)

    assert isinstance(step, Inconclusive)
    assert step.doubt is Doubt.UNREADABLE


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"status": "Failed"}, "Failed", id="status"),
        pytest.param({"status": "cancelled"}, "Canceled", id="canceled"),
        pytest.param({"provisioningState": "Failed"}, "Failed", id="provisioningState"),
        pytest.param({"properties": {"provisioningState": "Canceled"}}, "Canceled", id="inner"),
        pytest.param(error("Bad", "It broke."), "Failed", id="error"),
    ],
)
def test_a_200_of_location_may_hide_a_failure(body: object, status: str) -> None:
    """Some clients mistake it for a success."""
    step = after_poll(LOCATION, answer(200, body), trusted)

    assert isinstance(step, Failed)
    assert step.status == status


# Both polls


@pytest.mark.parametrize("link", [ASYNC, LOCATION], ids=["async", "location"])
@pytest.mark.parametrize(
    ("status", "doubt"),
    [
        *((status, Doubt.TRANSIENT) for status in (408, 429, 500, 501, 502, 503, 504, 599)),
        *((status, Doubt.GONE) for status in (404, 410)),
        *((status, Doubt.FORBIDDEN) for status in (300, 301, 302, 303, 304, 307, 308, 401, 403, 409)),
        *((status, Doubt.HOPELESS) for status in (400, 405, 412, 422, 423, 425, 499)),
        *((status, Doubt.UNREADABLE) for status in (100, 203, 206, 299)),
    ],
)
def test_an_http_error_says_nothing_about_the_operation(link: Link, status: int, doubt: Doubt) -> None:
    """The poll failed, and its body does not change that."""
    step = after_poll(link, answer(status, {"status": "Failed"}, {"retry-after": "7"}), trusted)

    assert step == Inconclusive(doubt, f"HTTP {status}", 7.0)


def test_a_409_of_a_busy_arm_is_temporary() -> None:
    """Any other 409 is not."""
    step = after_poll(ASYNC, answer(409, error("AnotherOperationInProgress")), trusted)

    assert step == Inconclusive(Doubt.TRANSIENT, "HTTP 409", DEFAULT_INTERVAL)


@pytest.mark.parametrize(
    ("link", "header", "url", "expected"),
    [
        pytest.param(ASYNC, "azure-asyncoperation", "https://arm/new", "https://arm/new", id="async renewed"),
        pytest.param(LOCATION, "location", "https://arm/new", "https://arm/new", id="location renewed"),
        pytest.param(ASYNC, "azure-asyncoperation", "https://evil/", ASYNC_URL, id="foreign"),
        pytest.param(ASYNC, "azure-asyncoperation", "", ASYNC_URL, id="empty"),
        pytest.param(ASYNC, "location", "https://arm/new", ASYNC_URL, id="the other contract"),
        pytest.param(
            LOCATION, "location", "https://arm/new, https://arm/new", "https://arm/new", id="the same twice"
        ),
    ],
)
def test_a_link_that_a_poll_renews_replaces_the_old_one(
    link: Link, header: str, url: str, expected: str
) -> None:
    """The new link is checked as well, and a foreign one is ignored."""
    body = {"status": "InProgress"}
    status = 202 if link is LOCATION else 200

    step = after_poll(link, answer(status, body, {header: url}), trusted)

    assert step == StillRunning(Link(expected, link.header), DEFAULT_INTERVAL)


# Retry-After

DATE = {"date": "Mon, 23 Nov 2026 12:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, DEFAULT_INTERVAL, id="absent"),
        pytest.param({"retry-after": "20"}, 20.0, id="seconds"),
        pytest.param({"retry-after": " 20 "}, 20.0, id="spaces"),
        pytest.param({"retry-after": "1.5"}, 1.5, id="fraction"),
        pytest.param({"retry-after": "0"}, 1.0, id="zero"),
        pytest.param({"retry-after": "100000"}, 600.0, id="too long"),
        pytest.param({"retry-after": "9" * 400}, DEFAULT_INTERVAL, id="no number any more"),
        pytest.param({"retry-after": "-1"}, DEFAULT_INTERVAL, id="negative"),
        pytest.param({"retry-after": "+5"}, DEFAULT_INTERVAL, id="sign"),
        pytest.param({"retry-after": "nan"}, DEFAULT_INTERVAL, id="nan"),
        pytest.param({"retry-after": "inf"}, DEFAULT_INTERVAL, id="inf"),
        pytest.param({"retry-after": "1e3"}, DEFAULT_INTERVAL, id="exponent"),
        pytest.param({"retry-after": "1_0"}, DEFAULT_INTERVAL, id="Python's underscore"),
        pytest.param({"retry-after": "\uff12\uff10"}, DEFAULT_INTERVAL, id="wide digits"),
        pytest.param({"retry-after": "20, 30"}, 30.0, id="two headers"),
        pytest.param({"retry-after": "20, soon"}, DEFAULT_INTERVAL, id="two headers, one of words"),
        pytest.param({"retry-after": "0, 0"}, 1.0, id="zero twice"),
        pytest.param({"retry-after": "soon"}, DEFAULT_INTERVAL, id="words"),
        pytest.param({"retry-after": ""}, DEFAULT_INTERVAL, id="empty"),
        pytest.param({"retry-after-ms": "1500", "retry-after": "20"}, 1.5, id="milliseconds first"),
        pytest.param({"x-ms-retry-after-ms": "30000", "retry-after": "20"}, 30.0, id="Azure's milliseconds"),
        pytest.param({"retry-after-ms": "soon", "retry-after": "20"}, 20.0, id="unreadable milliseconds"),
        pytest.param({**DATE, "retry-after": "Mon, 23 Nov 2026 12:00:45 GMT"}, 45.0, id="date"),
        pytest.param(
            {**DATE, "retry-after": "Mon, 23 Nov 2026 12:00:45 -0000"}, 45.0, id="date without zone"
        ),
        pytest.param({**DATE, "retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 1.0, id="past date"),
        pytest.param({**DATE, "retry-after": "Tue, 24 Nov 2026 12:00:00 GMT"}, 600.0, id="far date"),
        pytest.param({"retry-after": "Mon, 23 Nov 2026 12:00:45 GMT"}, DEFAULT_INTERVAL, id="no Date"),
        pytest.param({"date": "now", "retry-after": "Mon, 23 Nov 2026 12:00:45 GMT"}, 10.0, id="odd Date"),
        pytest.param({**DATE, "retry-after": "Mon, 99 Nov 2026 12:00:45 GMT"}, 10.0, id="no such day"),
        pytest.param({**DATE, "retry-after": "Mon, 23 Nov 2026 12:00:45 +9999"}, 10.0, id="no such zone"),
    ],
)
def test_the_pause_is_what_arm_asks_for_within_reason(headers: Mapping[str, str], seconds: float) -> None:
    """It is between a second and ten minutes. A header that cannot be read means the default."""
    assert retry_after(answer(200, headers=headers)) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1f300000-1111-2222-3333-444444444444", "1f300000-1111-2222-3333-444444444444"),
        ("westus:1f3", "westus:1f3"),
        ("Bearer eyJhbGciOiJ9", None),
        ("", None),
        ("x" * 81, None),
    ],
)
def test_an_id_is_shown_only_if_it_looks_like_one(value: str, expected: str | None) -> None:
    """Other header contents do not belong in a message."""
    headers = {"x-ms-correlation-request-id": value, "x-ms-request-id": value}

    shown = answer(500, headers=headers)

    assert (shown.correlation_id, shown.request_id) == (expected, expected)
    assert answer(500).correlation_id is None


@pytest.mark.parametrize(("status", "is_kept"), [(404, False), (410, False), (403, True), (500, True)])
def test_what_is_said_of_an_operation_that_is_gone_is_not_about_the_vm(status: int, *, is_kept: bool) -> None:
    """The table of known errors would read the same code as one about the VM."""
    answer = Response(status, {}, b'{"error": {"code": "NotFound", "message": "No."}}')

    step = after_poll(ASYNC, answer, trusted)

    assert isinstance(step, Inconclusive)
    assert step.answer == (answer if is_kept else None)
