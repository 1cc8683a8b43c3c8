"""Errors in the engine's form: what the host's answer carries, and what is raised outside a call."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from pulumi.runtime.proto import provider_pb2, status_pb2

from pulumi_azure_reimage.dynamic.engine_errors import KeepingError, PendingError, can_keep_outputs
from pulumi_azure_reimage.dynamic.one_line_errors import OneLineErrors
from pulumi_azure_reimage.dynamic.properties import PROVIDER_KEY
from pulumi_azure_reimage.errors import ReimageError, RequestRejectedError

SHOWN = "The key is [secret]. (Conflict, HTTP 409)"


class Call(grpc.ServicerContext):
    """The transport's side of one call of the host, which keeps what would be sent after the answer."""

    def __init__(self) -> None:
        self.trailing: dict[str, bytes] = {}

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:  # noqa: ANN401 - pairs of text and bytes or text.
        """Keep the metadata."""
        self.trailing = dict(trailing_metadata)

    @property
    def status(self) -> status_pb2.Status:
        """The status that a client reads."""
        return status_pb2.Status.FromString(self.trailing["grpc-status-details-bin"])


# A call of the host has a dozen further methods, which nothing here uses.
Call.__abstractmethods__ = frozenset()


def new_call() -> Call:
    """Return a call that has not been answered yet."""
    return Call()  # type: ignore[abstract]


def error() -> RequestRejectedError:
    """Return an error with a secret in it."""
    return RequestRejectedError("The key is hunter2.", code="Conflict", http_status=409)


def kept() -> KeepingError:
    """Return an error with outputs to keep."""
    inputs = {"a": 1.0, PROVIDER_KEY: "gASV"}
    return KeepingError(error(), "web", {"status": "Failed", "seen": [1, True]}, inputs)


def leave(raised: Exception) -> ReimageError:
    """Raise an error in a method of a provider, and return the error that leaves the method."""
    with pytest.raises(ReimageError) as caught, OneLineErrors(lambda: ["hunter2"]):
        raise raised
    return caught.value


def answer(call: Call, raised: Exception) -> ReimageError:
    """Call a provider as the host does, whose variable `context` is the call, with functions in between."""

    def provider(context: str) -> ReimageError:
        assert context == "a variable of ours that has the same name"
        return leave(raised)

    def host(context: Call) -> ReimageError:
        assert context is call
        return provider("a variable of ours that has the same name")

    return host(call)


def test_an_error_of_ours_is_sent_as_a_status_with_its_message_and_nothing_else() -> None:
    """The engine then prints only the message."""
    call = new_call()

    raised = answer(call, error())

    assert call.status == status_pb2.Status(code=2, message=SHOWN)
    assert str(raised) == SHOWN


def test_what_is_kept_is_sent_with_the_hosts_own_key() -> None:
    """The engine saves the outputs unchanged, and needs the provider in them."""
    call = new_call()

    answer(call, kept())

    sent = provider_pb2.ErrorResourceInitFailed()
    assert call.status.message == SHOWN
    (detail,) = call.status.details
    assert detail.Unpack(sent)
    assert sent.id == "web"
    assert list(sent.reasons) == [SHOWN]
    assert json_format.MessageToDict(sent.properties) == {
        "status": "Failed",
        "seen": [1.0, True],
        PROVIDER_KEY: "gASV",
    }
    assert json_format.MessageToDict(sent.inputs) == {"a": 1.0, PROVIDER_KEY: "gASV"}


@pytest.mark.skipif(
    not hasattr(provider_pb2, "ErrorResourceAwaitFailed"), reason="Pulumi's protocol has it since 3.272"
)
def test_a_pending_wait_is_sent_and_said() -> None:
    """The engine shows its own text for it, so ours goes to the row, without the secret."""
    call, said = new_call(), list[str]()

    answer(call, PendingError(error(), said.append))

    (detail,) = call.status.details
    assert detail.Is(provider_pb2.ErrorResourceAwaitFailed.DESCRIPTOR)
    assert said == [SHOWN]


def test_an_sdk_without_pending_waits_sends_a_clean_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulumi's protocol has had them since 3.272."""
    monkeypatch.delattr(provider_pb2, "ErrorResourceAwaitFailed", raising=False)
    call = new_call()

    answer(call, PendingError(error(), lambda _: None))

    assert call.status == status_pb2.Status(code=2, message=SHOWN)


@pytest.mark.parametrize("make", [error, kept, lambda: PendingError(error(), lambda _: None)])
def test_without_the_hosts_call_the_plain_error_leaves(make: Callable[[], Exception]) -> None:
    """The host prints it with a traceback, which has one frame and no causes."""
    context = "no call of the host"

    raised = leave(make())

    assert context
    assert str(raised) == SHOWN
    assert raised.__cause__ is None
    assert raised.__suppress_context__


def test_whether_outputs_can_be_kept_is_known_before() -> None:
    """The advice in the message depends on it."""

    def host(context: Any) -> bool:  # noqa: ANN401 - the host's variable has no type.
        assert context
        return can_keep_outputs()

    assert host(new_call())
    assert not host("no call of the host")
