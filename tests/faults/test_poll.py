"""The column of a poll in the fault table: no bad answer ends a wait, and no wait sends a request."""

from collections.abc import Callable

import pytest

from pulumi_azure_reimage.errors import OperationFailedError, ReimageError
from tests.unit.stack import Properties

from .assertions import assert_no_secret, assert_sentences, assert_the_wire
from .poll_cases import CASES, DONE, RUNNING
from .scene import NEW, OLD, Scene
from .table import Case, Outcome

# The longest pause that is accepted. A Retry-After of an hour is cut to it.
_LONGEST_PAUSE = 600.0


def played(stage: Callable[..., Scene], case: Case) -> Scene:
    """Return a scene in which ARM answers the polls as the case says, and the VM has a new OS disk."""
    scene = stage(case.way, case.limits)
    scene.arm.on("VM", NEW)
    case.play(scene, "POLL")
    return scene


def waited(scene: Scene, case: Case) -> Properties:
    """Wait for the operation, and return the result."""
    link = None if case.link is None else case.link.format(**scene.arm.names)
    return scene.wait(case.timeout, link, case.header)


@pytest.mark.parametrize("case", [case.parameter for case in CASES])
def test_a_fault_of_a_poll_ends_as_the_table_says(stage: Callable[..., Scene], case: Case) -> None:
    """The resource that waits never sends anything."""
    scene = played(stage, case)
    error: ReimageError | None = None
    outcome = None

    try:
        result = waited(scene, case)
    except ReimageError as caught:
        error = caught
    else:
        outcome = Outcome.RECONCILED if result["recovered"] else Outcome.SUCCEEDED

    assert_the_wire(scene)
    assert_no_secret(scene.texts(error))
    assert scene.arm.asked("POST") == 0
    assert (case.outcome is Outcome.RECONCILED) == ("is determined from the VM itself" in scene.texts(error))
    assert case.asked in (None, scene.arm.asked("POLL"))
    assert scene.clock.elapsed <= min(case.timeout, 600.0 + _LONGEST_PAUSE)
    if error is None:
        assert outcome is case.outcome
    else:
        case.assert_error(error)
        assert_sentences(str(error), *scene.log.warnings)


@pytest.mark.parametrize("case", [case.parameter for case in CASES if case.outcome is Outcome.RECONCILED])
def test_a_forgotten_operation_and_no_new_disk_are_not_a_success(
    stage: Callable[..., Scene], case: Case
) -> None:
    """The VM is the only witness."""
    scene = played(stage, case)
    scene.arm.on("VM", OLD)

    with pytest.raises(
        OperationFailedError, match=r"still has its old OS disk.*change a trigger.*--replace"
    ) as caught:
        waited(scene, case)

    assert_the_wire(scene)
    assert_no_secret(scene.texts(caught.value))
    assert scene.arm.asked("POST") == 0


def test_a_poll_without_faults_costs_one_request(stage: Callable[..., Scene]) -> None:
    """There is one poll per interval, and one look at the VM at the end."""
    scene = stage()
    scene.arm.on("VM", NEW)
    scene.arm.on("POLL", *[RUNNING] * 6, DONE)

    scene.wait(3600.0)

    assert [request.question for request in scene.arm.requests] == [*["POLL"] * 7, "VM"]
    assert scene.clock.elapsed == 70.0
