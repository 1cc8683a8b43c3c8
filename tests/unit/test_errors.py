"""Errors: one line that has everything that support needs."""

import pytest

from pulumi_azure_reimage.errors import (
    ConfigurationError,
    InvalidInputError,
    OperationFailedError,
    OperationStillRunningError,
    OutcomeUnknownError,
    RefusedError,
    ReimageError,
    RequestRejectedError,
)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(ReimageError("Gone."), "Gone.", id="message only"),
        pytest.param(ReimageError("Gone.", code="NotFound"), "Gone. (NotFound)", id="code"),
        pytest.param(ReimageError("Gone.", http_status=404), "Gone. (HTTP 404)", id="status"),
        pytest.param(
            ReimageError("Gone.", request_id="0c1", correlation_id="1f3"),
            "Gone. (request 0c1, correlation 1f3)",
            id="ids",
        ),
        pytest.param(
            RequestRejectedError("Busy.", code="Conflict", http_status=409, correlation_id="1f3"),
            "Busy. (Conflict, HTTP 409, correlation 1f3)",
            id="everything",
        ),
        pytest.param(
            OperationFailedError("Ended.", status="Failed", code="OSProvisioningTimedOut"),
            "Ended. (OSProvisioningTimedOut)",
            id="ended operation",
        ),
    ],
)
def test_the_text_of_an_error_holds_what_is_known(error: ReimageError, text: str) -> None:
    """Pulumi shows only the text."""
    assert str(error) == text


def test_a_refused_input_is_named() -> None:
    """Pulumi puts the name in front of the sentence."""
    error = InvalidInputError("timeout", "timeout must be positive.")

    assert (error.input_name, error.message) == ("timeout", "timeout must be positive.")


@pytest.mark.parametrize("status", ["Failed", "Canceled"])
def test_an_operation_keeps_the_status_that_arm_gave_it(status: str) -> None:
    """Failed and Canceled mean different things to the reader."""
    assert OperationFailedError("Ended.", status=status).status == status


@pytest.mark.parametrize(
    "kind",
    [RefusedError, ConfigurationError, RequestRejectedError, OutcomeUnknownError, OperationStillRunningError],
)
def test_every_error_can_be_caught_as_one(kind: type[ReimageError]) -> None:
    """A program that only needs to know that it failed needs one name."""
    with pytest.raises(ReimageError, match="reason"):
        raise kind("reason")
