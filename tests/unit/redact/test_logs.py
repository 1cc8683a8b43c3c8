"""What the HTTP library logs of an operation if its logs are turned on."""

import logging

import httpx
import pytest

from pulumi_azure_reimage.arm.tokens import PlaceholderTokenSource
from pulumi_azure_reimage.arm.transport import ArmTransport, http_client
from pulumi_azure_reimage.redact import hide_operation_urls

ARM = "https://management.azure.com"
OPERATION = f"{ARM}/subscriptions/0e5c/providers/Microsoft.Compute/locations/westus/operations/6f1a"
SIGNED = f"{OPERATION}?p=1f&api-version=2024-07-01&t=638&c=MIIHpTCCBo2&s=abcDEF_-123&h=qwe"


def test_the_url_of_an_operation_is_in_no_log_of_the_library(caplog: pytest.LogCaptureFixture) -> None:
    """The library httpx logs the URL of each request."""
    caplog.set_level(logging.DEBUG)
    client = http_client(httpx.MockTransport(lambda _: httpx.Response(200, json={})))
    arm = ArmTransport(ARM, PlaceholderTokenSource(), client=client)

    arm.get(SIGNED, {})
    arm.get("/subscriptions/0e5c?api-version=2024-07-01", {})

    assert "<operation URL>" in caplog.text
    assert "MIIHpTCCBo2" not in caplog.text
    # Other URLs stay, because the program may also use the library.
    assert "/subscriptions/0e5c?api-version=2024-07-01" in caplog.text


@pytest.mark.parametrize("name", [f"httpcore.{name}" for name in ("http11", "connection", "proxy", "http2")])
def test_the_headers_of_an_answer_are_logged_without_it(caplog: pytest.LogCaptureFixture, name: str) -> None:
    """The library httpcore logs them as a list of bytes."""
    caplog.set_level(logging.DEBUG)
    headers = [(b"Azure-AsyncOperation", SIGNED.encode()), (b"Retry-After", b"10")]

    logging.getLogger(name).debug("receive_response_headers.complete return_value=%r", headers)

    assert "MIIHpTCCBo2" not in caplog.text
    assert "receive_response_headers.complete" in caplog.text
    assert "Retry-After" in caplog.text


def test_a_logger_is_filtered_once() -> None:
    """Importing the wire again adds no second filter."""
    before = list(logging.getLogger("httpx").filters)

    hide_operation_urls("httpx")

    assert logging.getLogger("httpx").filters == before
    assert len(before) == 1


def test_another_logger_is_filtered_too(caplog: pytest.LogCaptureFixture) -> None:
    """It is filtered as soon as its name is given."""
    caplog.set_level(logging.DEBUG)
    hide_operation_urls("tests.another", "tests.one_more")

    for name in ("another", "one_more"):
        logging.getLogger(f"tests.{name}").info("GET %s", SIGNED)

    assert caplog.messages == ["GET <operation URL>"] * 2
