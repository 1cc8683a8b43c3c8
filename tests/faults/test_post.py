"""The column of the POST in the fault table: only what was certainly not taken is sent again.

ReimageOperation ends with an outcome that is saved, and ReimageResult raises it.
"""

import json
from collections.abc import Callable
from itertools import pairwise

import pytest

from pulumi_azure_reimage.errors import ConfigurationError, ReimageError
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS
from tests.unit.reimage.steps import EARLIER_ID, LOOK_BEFORE

from .assertions import assert_no_secret, assert_sentences, assert_the_wire
from .behaviour import Answer
from .post_cases import CASES
from .scene import NEW, OLD, Scene
from .table import Case, Outcome, Row

# Answers after which ARM has certainly not begun. Only after these may a request be sent again.
_NOT_BEGUN = (401, 409, 429)
# A lost answer is watched for one fence, and all of them in a run for one and a half, so two POSTs fit in it.
_SENDS = 2
# A pause of at most 30 s precedes them. A failing connection is tried for two minutes.
_PATIENCE = 30.0 + _SENDS * (FENCE_SECONDS + 10.0)


def played(stage: Callable[..., Scene], case: Case) -> Scene:
    """Return a scene in which ARM answers the POST as the case says."""
    scene = stage(case.way, case.limits)
    case.play(scene, "POST")
    return scene


def assert_posts(scene: Scene, case: Case, *, lost: int) -> None:
    """Check how often it was sent, and that each send that may have begun had its fence before the next send.

    Args:
        scene: The scene.
        case: What the server did.
        lost: How many answers were lost.
    """
    posts = [
        (request, behaviour)
        for request, behaviour in zip(scene.arm.requests, scene.arm.played, strict=True)
        if request.question == "POST"
    ]
    may_have_begun = [
        request
        for request, behaviour in posts
        if not (isinstance(behaviour, Answer) and behaviour.status in _NOT_BEGUN)
    ]
    looks = [request.at for request in scene.arm.requests if request.question == "VM"]
    assert case.asked is not None
    assert len(posts) == case.asked + max(0, lost - 1)
    assert len(may_have_begun) <= max(1, lost)
    for earlier, later in pairwise(may_have_begun):
        assert any(earlier.at + FENCE_SECONDS <= look <= later.at for look in looks)
    assert scene.clock.elapsed <= _PATIENCE


def assert_kept(operation: Operation, case: Case) -> None:
    """Check that state will hold the outcome, with the look before the send, and no secret."""
    kept = {Outcome.ACCEPTED: "Taken", Outcome.NOT_SENT: "NotSent", Outcome.REJECTED: "Rejected"}
    state = operation.to_state()
    if case.row is Row.NO_TOKEN:
        # What was taken before stays, with the reason why this run could not continue.
        assert (operation.request_id, operation.outcome) == (EARLIER_ID, "Taken")
        assert operation.held is not None
    else:
        assert operation.outcome == kept.get(case.outcome, "Unknown")
        assert operation.held is None
    assert Operation.from_state(json.loads(json.dumps(state))) == operation
    # The URL of the operation is kept, and is the only part of it that must not be shown.
    assert_no_secret(str({**state, "record": None}))
    if operation.in_doubt:
        assert operation.look is not None
        assert operation.look.disk == LOOK_BEFORE.disk


@pytest.mark.parametrize("case", [case.parameter for case in CASES])
def test_a_fault_of_the_post_ends_as_the_table_says(stage: Callable[..., Scene], case: Case) -> None:
    """The VM shows no sign of a reimage meanwhile."""
    scene = played(stage, case)
    error: ReimageError | None = None

    operation = scene.operate(case.timeout)
    if operation.held is not None:
        error = ConfigurationError(operation.held)
    elif operation.in_doubt:
        error = operation.as_error()

    assert_kept(operation, case)
    assert_the_wire(scene)
    assert_posts(scene, case, lost=_SENDS if case.outcome is Outcome.UNKNOWN else 0)
    assert_no_secret(scene.texts(error))
    if error is None:
        link = operation.record.link
        assert case.outcome is Outcome.ACCEPTED
        assert link is not None
        assert link.url.startswith(f"{scene.arm.url}/subscriptions/")
        assert link.url.casefold().count("api-version=2") == 1
        assert "," not in link.url
        assert not operation.record.recovered
    else:
        case.assert_error(error)
        assert_sentences(str(error), *scene.log.warnings)
        last = case.answers[-1]
        if isinstance(last, Answer) and case.outcome is Outcome.REJECTED:
            assert f"HTTP {last.status}" in str(error)


@pytest.mark.parametrize("case", [case.parameter for case in CASES if case.outcome is Outcome.UNKNOWN])
def test_a_reimage_whose_answer_was_lost_is_found_on_the_vm(stage: Callable[..., Scene], case: Case) -> None:
    """It was read seconds before the POST, and has another OS disk afterwards, so the POST was taken."""
    scene = played(stage, case)
    # The VM is read again before the request is sent again, and then it still has its old disk.
    scene.arm.on("VM", OLD, *[OLD] * (case.row in {Row.BUSY, Row.THROTTLED}), NEW)

    record = scene.send(case.timeout)

    assert_the_wire(scene)
    assert_posts(scene, case, lost=1)
    assert_no_secret(scene.texts(None))
    assert "so the request counts as accepted" in scene.texts(None)
    assert record.recovered
    assert record.link is None
