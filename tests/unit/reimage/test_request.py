"""Which parts of a request ReimageResult gets, which would be the third resource to keep it in state."""

from dataclasses import replace

import pytest

from pulumi_azure_reimage.errors import UnreadableStateError
from pulumi_azure_reimage.inputs.parameters import Cause
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.request import Decided, Predecessor, Request, without_look

from ..fakes import disk

LOOK = Look(disk(), "fingerprint")
REQUEST = Request("id", "Reimage", (Cause("triggers.image", "triggers.image changed"),), "host", LOOK)


@pytest.mark.parametrize("request_", [REQUEST, replace(REQUEST, kind="Baseline"), REQUEST.refused("why")])
def test_the_look_is_not_passed_on(request_: Request) -> None:
    """ReimageResult gets only the id of what it waits for, and a refusal, which it raises."""
    handed = without_look(request_.to_state())

    assert "look" not in str(handed)
    assert Decided.from_state(handed) == Decided("id", request_.refusal, None)


def test_the_look_at_a_vm_that_is_current_is_passed_on() -> None:
    """The look becomes the result, in place of an earlier failure."""
    current = replace(REQUEST, kind="Current")

    handed = without_look(current.to_state())

    assert Decided.from_state(handed) == Decided("id", None, LOOK)


def test_the_whole_request_reads_like_what_is_passed_on() -> None:
    """The state after a killed run may have either form."""
    assert Decided.from_state(REQUEST.to_state()) == Decided.from_state(without_look(REQUEST.to_state()))


def test_a_value_that_is_not_a_request_is_passed_on_and_refused() -> None:
    """Nothing is guessed from it. A preview does not know a request that has not been made yet."""
    assert without_look("unknown") == "unknown"
    with pytest.raises(UnreadableStateError):
        Decided.from_state({"kind": "Reimage"})


@pytest.mark.parametrize(
    ("request_", "is_creation"),
    [
        (REQUEST, True),
        (replace(REQUEST, kind="Baseline"), False),
        (replace(REQUEST, predecessor=Predecessor("id-0", LOOK, None)), False),
        (replace(REQUEST, kind="Current", predecessor=Predecessor("id-0", LOOK, None)), False),
    ],
)
def test_a_first_request_for_a_reimage_is_that_of_a_creation(request_: Request, *, is_creation: bool) -> None:
    """Its guards are applied when it is sent, because only then it is known whether it is new."""
    assert request_.is_creation is is_creation


def test_the_causes_of_a_request_survive_the_state() -> None:
    """Their keys and texts survive. Unreadable parts become empty."""
    state = REQUEST.to_state()

    assert Request.from_state(state).causes == REQUEST.causes
    assert Request.from_state({**state, "causes": [{"key": 7}]}).causes == (Cause("", ""),)
