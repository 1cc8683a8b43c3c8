"""What the three resources keep survives in state. Its sentences are masked, and nothing else is read."""

from dataclasses import replace
from typing import Any

import pytest

from pulumi_azure_reimage.arm.lro import RetryLater
from pulumi_azure_reimage.arm.response import Response
from pulumi_azure_reimage.errors import UnreadableStateError
from pulumi_azure_reimage.inputs.parameters import Cause
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.refusals import back_off, too_late
from pulumi_azure_reimage.reimage.repeat import Failure
from pulumi_azure_reimage.reimage.request import Request
from pulumi_azure_reimage.reimage.troubleshooting import Disk

from ..fakes import Azure, disk, requested

LOOK = Look(disk(), "a fingerprint")
REQUEST = Request("r-1", "Reimage", (Cause("failed", "it failed"),), "host", LOOK)
OPERATION = Operation("r-1", "Unknown", requested(), look=LOOK, reason="lost", unsure=True, held="held")
FAILURE = Failure(Disk.UNTOUCHED, "no capacity", 2, LOOK, requested())
KEPT: dict[str, Request | Operation | Failure] = {
    "request": REQUEST,
    "operation": OPERATION,
    "operation that was taken": Operation("r-1", "Taken", requested()),
    "failure": FAILURE,
    "first failure without a look": Failure(Disk.UNKNOWN, "", 1, None),
}


@pytest.mark.parametrize("kept", KEPT.values(), ids=KEPT)
def test_what_is_kept_survives_the_state(kept: Request | Operation | Failure) -> None:
    """What is written to state is read back."""
    assert type(kept).from_state(kept.to_state()) == kept


@pytest.mark.parametrize(
    ("kept", "member", "value"),
    [
        (REQUEST, "id", None),
        (REQUEST, "id", 7),
        (REQUEST, "kind", None),
        (REQUEST, "kind", "reimage"),
        (OPERATION, "request_id", None),
        (OPERATION, "outcome", None),
        (OPERATION, "outcome", "Maybe"),
        (OPERATION, "look", None),
        (OPERATION, "look", {"fingerprint": "x"}),
        (FAILURE, "look", {}),
        (FAILURE, "disk", None),
        (FAILURE, "disk", "GONE"),
        (FAILURE, "attempt", None),
        (FAILURE, "attempt", 0),
        (FAILURE, "attempt", "2"),
    ],
)
def test_one_member_that_cannot_be_read_makes_all_of_it_unreadable(
    kept: Request | Operation | Failure, member: str, value: object
) -> None:
    """Nothing is guessed, because a guess could wipe a disk."""
    state: dict[str, Any] = {**kept.to_state(), member: value}

    with pytest.raises(UnreadableStateError):
        type(kept).from_state(state)


@pytest.mark.parametrize("state", [None, {}, [], "text", 7])
@pytest.mark.parametrize("kind", [Request, Operation, Failure])
def test_what_is_no_state_is_unreadable(
    kind: type[Request] | type[Operation] | type[Failure], state: object
) -> None:
    """It may be the state of another version, or edited state."""
    with pytest.raises(UnreadableStateError):
        kind.from_state(state)


@pytest.mark.parametrize("reason", [None, "hunter2"])
@pytest.mark.parametrize("held", [None, "hunter2"])
def test_the_sentences_of_an_operation_are_masked(reason: str | None, held: str | None) -> None:
    """Absent sentences stay absent."""
    masked = replace(OPERATION, reason=reason, held=held).redacted(lambda text: text.replace("hunter2", "-"))

    assert masked == replace(OPERATION, reason=reason and "-", held=held and "-")


@pytest.mark.parametrize(
    ("delay", "times", "expected"),
    [(0.0, 1, 1.0), (0.0, 2, 2.0), (0.0, 3, 4.0), (0.0, 4, 8.0), (30.0, 3, 30.0), (3.0, 3, 4.0)],
)
def test_the_pause_after_refusals_doubles(delay: float, times: int, expected: float) -> None:
    """A longer pause that ARM asks for takes precedence."""
    refusal = RetryLater(Response(429, {}, b""), delay)

    assert back_off(refusal, times).delay == expected


@pytest.mark.parametrize(("delay", "at"), [(3_600.0, "13:00:00"), (86_399.0, "11:59:59"), (1e12, "12:00:00")])
def test_a_refusal_that_outlasts_the_timeout_says_when_it_passes(azure: Azure, delay: float, at: str) -> None:
    """A pause beyond any calendar counts as one day."""
    refusal = RetryLater(Response(429, {}, b""), delay)

    error = too_late(azure.context(60.0), refusal, ())

    assert error is not None
    assert f"run `pulumi up` again then (at {at} UTC)" in error.message
    assert too_late(azure.context(delay), refusal, ()) is None
