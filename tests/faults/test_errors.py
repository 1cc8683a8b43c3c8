"""Every form of error that ARM, or a proxy in front of it, is known to send, as the user sees it."""

from collections.abc import Callable

import pytest

from pulumi_azure_reimage.errors import OperationFailedError, ReimageError, RequestRejectedError

from .answers import error
from .assertions import assert_no_secret, assert_sentences, assert_the_wire
from .behaviour import Answer
from .scene import CUSTOM_DATA, OPERATION_PATH, PASSWORD, Scene

IDS = {
    "x-ms-request-id": "0c1f0000-1111-2222-3333-444444444444",
    "x-ms-correlation-request-id": "1f300000-1111-2222-3333-444444444444",
}
_FULL = {
    "error": {
        "code": "TheCode",
        "message": "The sentence.",
        "target": "theTarget",
        "details": [{"code": "Inner", "message": "The detail.", "target": "x"}],
        "innererror": {"exceptiontype": "Odd", "errordetail": "More."},
        "additionalInfo": [{"type": "Unlisted", "info": {"secret": "not for anybody"}}],
    }
}
SHAPES = [
    pytest.param(_FULL, "", ["The sentence; target theTarget; Inner: The detail", "TheCode"], id="ARM"),
    pytest.param(
        {"code": "TheCode", "message": "The sentence."}, "", ["The sentence.", "TheCode"], id="bare"
    ),
    pytest.param({"Message": "The sentence."}, "", ["The sentence."], id="ASP.NET"),
    pytest.param(
        {"error": {"code": 403, "message": "The sentence."}}, "", ["The sentence.", "403"], id="number"
    ),
    pytest.param({"error": "The sentence."}, "", ["The sentence."], id="a text in error"),
    pytest.param(
        {"error": "invalid_grant", "error_description": "The sentence."},
        "",
        ["invalid_grant", "The sentence."],
        id="OAuth",
    ),
    pytest.param(
        {"odata.error": {"code": "TheCode", "message": {"lang": "en", "value": "The sentence."}}},
        "",
        ["The sentence.", "TheCode"],
        id="OData",
    ),
    pytest.param(
        {"error": {"code": "TheCode", "innererror": {"errordetail": "The sentence."}}},
        "",
        ["The sentence.", "TheCode"],
        id="only innererror",
    ),
    pytest.param([{"code": "TheCode", "message": "The sentence."}], "", ["The sentence."], id="a list"),
    pytest.param(b"The sentence.", "text/plain", ["The sentence."], id="text"),
    pytest.param(b"<html><head><title>Blocked</title>", "text/html", ["Blocked"], id="HTML"),
    pytest.param(
        "Gesperrt: \u00fc".encode("latin-1"), "text/plain; charset=latin-1", ["\u00fc"], id="latin-1"
    ),
    pytest.param(
        b"\xff\xfe" + '{"message": "The sentence."}'.encode("utf-16-le"), "", ["The sentence."], id="UTF-16"
    ),
    pytest.param(b'{"error": {"code": "TheCode", "message": "The sen', "", ["The sen", "TheCode"], id="cut"),
    pytest.param(b"", "", ["no reason given"], id="empty"),
    pytest.param(b"[" * 100_000, "", ["no reason given"], id="nested"),
    pytest.param(b"\x00\x01\x02\xfe", "application/octet-stream", [], id="binary"),
]


@pytest.mark.parametrize(("body", "content_type", "words"), SHAPES)
def test_a_refusal_is_quoted_with_its_ids(
    stage: Callable[..., Scene], body: object, content_type: str, words: list[str]
) -> None:
    """The quote is brief, and never has what ARM does not document."""
    scene = stage()
    headers = {**IDS, **({"Content-Type": content_type} if content_type else {})}
    scene.arm.on("POST", Answer(400, body, headers))

    with pytest.raises(RequestRejectedError) as caught:
        scene.send(3600.0)

    text = str(caught.value)
    ids = f"HTTP 400, request {IDS['x-ms-request-id']}, correlation {IDS['x-ms-correlation-request-id']})"
    assert [word for word in [*words, "The disk was not touched.", ids] if word not in text] == []
    assert "not for anybody" not in text
    assert len(text) < 2500
    assert_sentences(text)
    assert_the_wire(scene)
    assert_no_secret(scene.texts(caught.value))


@pytest.mark.parametrize(
    "message", ["boom.. ", "right?.", "HTTP 500", " timed out\n", "The end...", "No!", "Why:"]
)
@pytest.mark.parametrize("question", ["POST", "POLL", "VM"])
def test_what_arm_says_is_followed_by_a_sentence(
    stage: Callable[..., Scene], question: str, message: str
) -> None:
    """Any punctuation may end it: in a refusal, in the end of an operation, and in a refused look."""
    scene = stage()
    body = {"error": {"code": "TheCode", "message": message}}
    scene.arm.on(
        question, Answer(400, body) if question != "POLL" else Answer(200, {"status": "Failed", **body})
    )

    with pytest.raises(ReimageError) as caught:
        scene.wait(3600.0) if question == "POLL" else scene.send(3600.0)

    assert message.strip(" .:\n") in caught.value.message
    assert_sentences(str(caught.value))


ECHOES = {
    "password": f"Bad value {PASSWORD}.",
    "custom data": f"Bad value {CUSTOM_DATA}.",
    "link": f"See https://management.azure.com{OPERATION_PATH} for more.",
    "path of a link": f"See {OPERATION_PATH} for more.",
    "token": "Header Authorization: Bearer token-1 is bad.",
    "JSON": '{\\"adminPassword\\": \\"' + PASSWORD + '\\"}',
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=list(ECHOES))
def test_what_arm_echoes_of_our_secrets_is_masked(stage: Callable[..., Scene], echo: str) -> None:
    """It is masked in the sentence and in the code."""
    scene = stage()
    headers = {"x-ms-correlation-request-id": f"Bearer token-1 {PASSWORD}"}
    scene.arm.on("POST", Answer(400, {"error": {"code": echo, "message": f"No. {echo} Yes."}}, headers))

    with pytest.raises(RequestRejectedError, match=r"No\..*Yes\.") as caught:
        scene.send(3600.0)

    assert_no_secret(scene.texts(caught.value))
    assert caught.value.correlation_id is None


@pytest.mark.parametrize("echo", [ECHOES["link"], ECHOES["path of a link"], ECHOES["token"]])
def test_what_arm_echoes_in_the_end_of_an_operation_is_masked(stage: Callable[..., Scene], echo: str) -> None:
    """The resource that waits was never given the password."""
    scene = stage()
    scene.arm.on("POLL", Answer(200, {"status": "Failed", "error": {"code": "Bad", "message": echo}}))

    with pytest.raises(OperationFailedError, match="Azure ended the reimage") as caught:
        scene.wait(3600.0)

    assert_no_secret(scene.texts(caught.value))


def test_a_temporary_refusal_says_when_it_ends(stage: Callable[..., Scene]) -> None:
    """The time follows ARM's own sentence. tests/unit/reimage/test_troubleshooting tests the advice."""
    scene = stage()
    scene.arm.on("POST", error(429, "TooManyRequests", Retry_After="90"))

    with pytest.raises(RequestRejectedError) as caught:
        scene.send(60.0)

    assert "in 90 s, after the timeout; run `pulumi up` again then (at 12:01:30 UTC)." in caught.value.message
