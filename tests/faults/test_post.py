"""The column of the POST in the fault table: nothing that may have begun is ever sent again."""

from collections.abc import Callable

import pytest

from pulumi_azure_reimage.errors import ReimageError

from .assertions import assert_no_secret, assert_the_wire
from .behaviour import Answer
from .post_cases import CASES
from .scene import NEW, OLD, Scene
from .table import Case, Outcome, Row

# Answers after which ARM has certainly not begun: only after these may a request be sent again.
_NOT_BEGUN = (401, 409, 429)
# For 150 s the VM is looked at after a lost answer; before that come one look and one pause of 30 s at most.
_PATIENCE = 190.0


def played(stage: Callable[..., Scene], case: Case) -> Scene:
    """Return a scene in which ARM answers the POST as the case says."""
    scene = stage(case.way, case.limits)
    case.play(scene, "POST")
    return scene


def assert_one_post(scene: Scene, case: Case) -> None:
    """Check that at most one request may have been executed, and that it took its time."""
    posts = [
        behaviour
        for request, behaviour in zip(scene.arm.requests, scene.arm.played, strict=True)
        if request.question == "POST"
    ]
    may_have_begun = [post for post in posts if not (isinstance(post, Answer) and post.status in _NOT_BEGUN)]
    assert len(posts) == case.asked
    assert len(may_have_begun) <= 1
    assert scene.clock.elapsed <= _PATIENCE


@pytest.mark.parametrize("case", [case.parameter for case in CASES])
def test_a_fault_of_the_post_ends_as_the_table_says(stage: Callable[..., Scene], case: Case) -> None:
    """While the VM shows no sign of a reimage."""
    scene = played(stage, case)
    error: ReimageError | None = None

    try:
        record = scene.send(case.timeout)
    except ReimageError as caught:
        error = caught

    assert_the_wire(scene)
    assert_one_post(scene, case)
    assert_no_secret(scene.texts(error))
    if error is None:
        assert case.outcome is Outcome.ACCEPTED
        assert record.link is not None
        assert record.link.url.startswith(f"{scene.arm.url}/subscriptions/")
        assert not record.recovered
    else:
        case.assert_error(error)
        last = case.answers[-1]
        status = last.status if isinstance(last, Answer) and case.outcome is Outcome.REJECTED else None
        assert getattr(error, "http_status", None) == status


@pytest.mark.parametrize("case", [case.parameter for case in CASES if case.outcome is Outcome.UNKNOWN])
def test_a_reimage_whose_answer_was_lost_is_found_on_the_vm(stage: Callable[..., Scene], case: Case) -> None:
    """Its OS disk is another one: the reimage is taken as this change's, and not sent again."""
    scene = played(stage, case)
    # A busy VM is looked at before the request is sent again, and then it still has its old disk.
    scene.arm.on("VM", *[OLD] * (case.row is Row.BUSY), NEW)

    record = scene.send(case.timeout)

    assert_the_wire(scene)
    assert_one_post(scene, case)
    assert_no_secret(scene.texts(None))
    assert record.recovered
    assert record.link is None
