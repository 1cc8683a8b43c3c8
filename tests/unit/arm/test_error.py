"""ARM's errors: every known shape, and bodies that no client should trust."""

import json
from collections.abc import Callable

import pytest

from pulumi_azure_reimage.arm.error import ArmError, arm_error, arm_error_from_json

NOT_ALLOWED = {"code": "OperationNotAllowed", "message": "The VM is generalized.", "target": "web"}
READ = ArmError("OperationNotAllowed", "The VM is generalized.", "web")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({"error": NOT_ALLOWED}, READ, id="ARM"),
        pytest.param(NOT_ALLOWED, READ, id="without the outer error"),
        pytest.param({"status": "Failed", "error": NOT_ALLOWED}, READ, id="status of an operation"),
        pytest.param({"error": [NOT_ALLOWED]}, READ, id="list of one"),
        pytest.param({"message": "No."}, ArmError(message="No."), id="message only"),
        pytest.param({"Message": "No."}, ArmError(message="No."), id="in capitals"),
        pytest.param({"code": 409, "message": "No."}, ArmError("409", "No."), id="code as a number"),
        pytest.param({"code": True, "message": "No."}, ArmError(message="No."), id="code as a boolean"),
        pytest.param({"error": "invalid_client"}, ArmError(message="invalid_client"), id="error as a string"),
        pytest.param(
            {"error": "invalid_client", "error_description": "AADSTS7000215: bad."},
            ArmError("invalid_client", "AADSTS7000215: bad."),
            id="OAuth",
        ),
        pytest.param({"error": "Conflict", "message": "Busy."}, ArmError("Conflict", "Busy."), id="gateway"),
        pytest.param(
            {"odata.error": {"code": "X", "message": {"lang": "en-us", "value": "No."}}},
            ArmError("X", "No."),
            id="OData",
        ),
        pytest.param(
            {"error": {"code": "X", "innererror": {"exceptiontype": "T", "errordetail": "Deep."}}},
            ArmError("X", "Deep."),
            id="message of the inner error",
        ),
        pytest.param(
            {"error": {"innererror": {"exceptiontype": "T", "message": "Deep."}}},
            ArmError("T", "Deep."),
            id="code of the inner error",
        ),
        pytest.param(
            {"error": {"code": "X", "innererror": "?"}}, ArmError("X"), id="inner error as a string"
        ),
        pytest.param({"error": {"code": "", "message": ""}}, ArmError(), id="empty texts"),
        pytest.param({"error": {"code": None, "message": ["?"]}}, ArmError(), id="other types"),
        pytest.param({"error": None, "code": "X"}, ArmError("X"), id="error is null"),
        pytest.param({"error": 5}, ArmError(), id="error is a number"),
        pytest.param({"error": []}, ArmError(), id="error is an empty list"),
        pytest.param({"x": 1}, ArmError(), id="no error"),
        pytest.param("Gone.", ArmError(message="Gone."), id="a string"),
        pytest.param([], ArmError(), id="an empty list"),
        pytest.param(None, ArmError(message="null"), id="null"),
        pytest.param(
            {"error": {"code": "X", "details": {"code": "Y"}}},
            ArmError("X", details=(ArmError("Y"),)),
            id="one detail",
        ),
        pytest.param(
            {"error": {"code": "X", "details": "Why."}},
            ArmError("X", details=(ArmError(message="Why."),)),
            id="detail as a string",
        ),
        pytest.param({"error": {"code": "X", "details": 5}}, ArmError("X"), id="details of another type"),
        pytest.param({"error": {"code": "X", "details": [{}, 5]}}, ArmError("X"), id="empty details"),
    ],
)
def test_an_error_is_read_from_every_shape(body: object, expected: ArmError) -> None:
    """Resource providers, gateways and the directory each have their own shape."""
    assert arm_error(json.dumps(body).encode(), "application/json") == expected


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        pytest.param(b"", None, None, id="empty"),
        pytest.param(b" \r\n", "application/json", None, id="white space"),
        pytest.param(b"\xef\xbb\xbf" + b'{"message":"No."}', None, "No.", id="UTF-8 with a mark"),
        pytest.param('{"message":"é"}'.encode("utf-16"), None, "é", id="UTF-16 with a mark"),
        pytest.param(
            b"\xfe\xff" + '{"message":"é"}'.encode("utf-16-be"), None, "é", id="UTF-16, other order"
        ),
        pytest.param(b'{"message":"\xe9"}', "text/plain; charset=ISO-8859-1", "é", id="Latin-1"),
        pytest.param('{"message":"é"}'.encode(), "text/plain; charset=utf-16", "é", id="wrong charset"),
        pytest.param(
            b'{"message":"\xe9"}', "text/plain; charset=zlib", "\ufffd", id="charset that is a codec"
        ),
        pytest.param(b'{"message":"\xe9"}', None, "\ufffd", id="no charset"),
        pytest.param(b"Service Unavailable", "text/plain", "Service Unavailable", id="text"),
        pytest.param(b"<title>502 &amp; <x>", "text/html", "502 &", id="title"),
        pytest.param(b"<TITLE lang=en>\n 502 </TITLE>", None, "502", id="title with attributes"),
        pytest.param(
            b"<head><style>p{}</style></head><body class=x><p>Bad</p> gateway", None, "Bad gateway", id="body"
        ),
        pytest.param(b"<title></title><p>Bad</p> gateway", None, "Bad gateway", id="empty title"),
        pytest.param(b'{"error":{"code":"X","message":"The VM is g', None, "The VM is g", id="cut message"),
        pytest.param(b'{"error":{"code":"X","message":"a\\"b","ta', None, 'a"b', id="cut after the message"),
        pytest.param(b'{"error":{"code":"X","message":"a\\', None, "a", id="cut in an escape"),
        pytest.param(b'{"error":{"message":"a\\q"', None, "a\\q", id="bad escape"),
        pytest.param(b'{"error":{"co', None, None, id="cut early"),
        pytest.param(b"[" * 100_000, None, None, id="nesting bomb"),
        pytest.param(b'{"error":' * 100_000, None, None, id="nesting bomb of objects"),
        pytest.param(b'{"code":' + b"9" * 5000 + b"}", None, None, id="number of 5000 digits"),
    ],
)
def test_any_body_gives_an_error_and_never_fails(
    body: bytes, content_type: str | None, message: str | None
) -> None:
    """Proxies answer with their own pages, and connections break."""
    assert arm_error(body, content_type).message == message


def test_a_cut_body_still_shows_its_code() -> None:
    """The code decides what is done next."""
    assert arm_error(b'{"error":{"code":"Conflict","message":"An').code == "Conflict"


@pytest.mark.parametrize("depth", [1, 2, 3, 50])
def test_details_are_read_a_few_levels_deep(depth: int) -> None:
    """An error that is nested many times is cut at that level."""
    value: dict[str, object] = {"code": "Deepest"}
    for _ in range(depth):
        value = {"code": "X", "details": [value]}

    assert ("Deepest" in arm_error_from_json(value).text) is (depth < 5)


@pytest.mark.parametrize(
    "wrap", [lambda value: [value], lambda value: {"error": value}], ids=["list", "error"]
)
@pytest.mark.parametrize("depth", [1, 3, 50])
def test_an_error_is_looked_for_a_few_levels_deep(wrap: Callable[[object], object], depth: int) -> None:
    """A service may wrap an error. One that wraps it fifty times is broken."""
    value: object = {"code": "Deepest"}
    for _ in range(depth):
        value = wrap(value)

    assert arm_error_from_json(value).code == ("Deepest" if depth < 5 else None)


def test_only_the_first_details_are_read() -> None:
    """The line must stay readable."""
    error = arm_error_from_json({"code": "X", "details": [{"code": f"D{number}"} for number in range(50)]})

    assert [detail.code for detail in error.details] == ["D0", "D1", "D2", "D3", "D4"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({"code": "X"}, "", id="code only"),
        pytest.param({"message": "Busy"}, "Busy.", id="no full stop"),
        pytest.param({"message": "Busy."}, "Busy.", id="full stop"),
        pytest.param({"message": "Busy!"}, "Busy!", id="other mark"),
        pytest.param({"message": "Bad.", "target": "tempDisk"}, "Bad; target tempDisk.", id="target"),
        pytest.param(
            {"message": "Bad.", "details": [{"code": "Y", "message": "Why."}, {"message": "How."}]},
            "Bad; Y: Why; How.",
            id="details",
        ),
    ],
)
def test_the_text_is_one_sentence(value: object, text: str) -> None:
    """It becomes part of our own message."""
    assert arm_error_from_json(value).text == text


def test_the_counters_of_a_throttled_request_are_left_out() -> None:
    """The details of an HTTP 429 hold JSON in place of a sentence."""
    body = {
        "code": "OperationNotAllowed",
        "message": "The server rejected the request because too many requests have been received.",
        "details": [
            {
                "code": "TooManyRequests",
                "target": "UpdateVM",
                "message": '{"allowedRequestCount":12,"x":"2026"}',
            }
        ],
    }

    assert arm_error_from_json(body).text == (
        "The server rejected the request because too many requests have been received; "
        "TooManyRequests: target UpdateVM."
    )


def test_nothing_but_the_allowed_members_is_quoted() -> None:
    """A server may echo the request or dump its internal state."""
    body = {
        "error": {
            "code": "X",
            "message": "Bad.",
            "additionalInfo": [{"info": "hunter2"}],
            "request": {"adminPassword": "hunter2"},
            "innererror": {"errordetail": "hunter2"},
        }
    }

    assert "hunter2" not in repr(arm_error_from_json(body))


def test_every_text_is_redacted() -> None:
    """Any of them may contain secrets, tokens and operation URLs."""
    leak = "at https://management.azure.com/operations/1?t=1&c=2 with hunter2-and-more\nBearer abc.def"
    body = {"code": leak, "message": leak, "target": leak, "details": [{"code": leak, "message": leak}]}

    for error in (
        arm_error_from_json(body, secrets=["hunter2-and-more"]),
        arm_error(json.dumps(body).encode(), secrets=["hunter2-and-more"]),
        arm_error(json.dumps(body).encode()[:-5], secrets=["hunter2-and-more"]),
        arm_error(leak.encode(), secrets=["hunter2-and-more"]),
        arm_error(b"<title>" + leak.encode(), secrets=["hunter2-and-more"]),
    ):
        shown = repr(error) + error.text
        assert "[secret]" in shown
        assert not any(part in shown for part in ("hunter2", "t=1", "abc.def", "\n"))


def test_the_text_of_a_huge_error_is_short() -> None:
    """Pulumi prints the whole text."""
    detail = {"code": "D" * 1000, "message": "word " * 1000, "target": "t" * 1000}

    assert len(arm_error_from_json(detail | {"details": [detail] * 50}).text) <= 1501
