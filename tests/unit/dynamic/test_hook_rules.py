"""When hooks run: only for a request that may be sent, or that was carried out."""

from dataclasses import replace
from typing import Any

import pytest

from pulumi_azure_reimage.dynamic.engine_errors import KeepingError, PendingError
from pulumi_azure_reimage.dynamic.hook_rules import has_reimaged, hooks_in_errors, may_repeat, may_send
from pulumi_azure_reimage.errors import RefusedError, ReimageError, UnreadableStateError
from pulumi_azure_reimage.inputs.changes import CREATED
from pulumi_azure_reimage.inputs.parameters import Cause
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.repeat import Failure
from pulumi_azure_reimage.reimage.request import Predecessor, Request
from pulumi_azure_reimage.reimage.troubleshooting import Disk

from ..fakes import disk, requested
from ..stack import NOT_KNOWN

LOOK = Look(disk(), "a fingerprint")
CHANGED = Request(
    "2", "Reimage", (Cause("triggers.a", "triggers.a changed"),), "host", LOOK, Predecessor("1", LOOK, None)
)
CREATION = Request("1", "Reimage", (CREATED,), "host", LOOK)
TAKEN = Operation("1", "Taken", Record(disk(), "1"))
FAILED = Failure(Disk.IN_DOUBT, "No room.", 1, LOOK)
STILL = "If its before hooks have run, what they did is still in effect."
GUARD = {"allowed_causes": ["exact_version"]}


def inputs(request: Request, operation: Operation | None = None, /, **others: object) -> dict[str, Any]:
    """Return the inputs of a child."""
    given = {"request": request.to_state(), **others}
    return given if operation is None else {**given, "operation": operation.to_state()}


def outputs(operation: Operation) -> dict[str, Any]:
    """Return the outputs of ReimageOperation."""
    return {"operation": operation.to_state()}


@pytest.mark.parametrize(
    ("request_", "last", "others", "sends"),
    [
        (CHANGED, TAKEN, {}, True),
        (CHANGED, Operation("2", "Unknown", TAKEN.record, LOOK), {}, True),
        (CHANGED, Operation("1", "Rejected", TAKEN.record, LOOK), {}, True),
        (CREATION, None, {"reimage_on_create": True}, True),
        (CHANGED, TAKEN, {"allowed_causes": ["triggers"]}, True),
        (replace(CHANGED, refusal="No."), TAKEN, {}, False),
        (replace(CHANGED, kind="Current"), TAKEN, {}, False),
        (replace(CHANGED, kind="Baseline"), None, {}, False),
        # ReimageOperation is done with the request, or the user has said that the VM stays as it is.
        (CHANGED, Operation("2", "Taken", TAKEN.record), {}, False),
        (CHANGED, Operation("2", "Withdrawn", TAKEN.record), {}, False),
        (replace(CHANGED, predecessor=None), TAKEN, {"reimage_on_create": True}, False),
        (CREATION, None, {}, False),
        # A guard was set after the decision.
        (CHANGED, TAKEN, GUARD, False),
        (CREATION, None, {"reimage_on_create": True, "prevent_reimage": True}, False),
    ],
)
def test_before_hooks_run_if_the_step_may_send(
    request_: Request,
    last: Operation | None,
    others: dict[str, object],
    sends: bool,  # noqa: FBT001 - a parameter.
) -> None:
    """These are the cases of `decide_send`, as far as the guards of the program allow a send."""
    assert may_send(inputs(request_, None, **others), None if last is None else outputs(last)) is sends


@pytest.mark.parametrize(
    ("forecast", "decided", "sends"),
    [(None, {"1"}, True), ("A lock refuses it.", {"1"}, False), ("A lock refuses it.", set[str](), True)],
)
def test_what_is_forecast_for_a_first_request_holds_in_the_run_that_decided_it(
    forecast: str | None,
    decided: set[str],
    sends: bool,  # noqa: FBT001 - a parameter.
) -> None:
    """A later run may send it, if the rules allow it by then."""
    request = replace(CREATION, forecast=forecast)

    assert may_send(inputs(request, None, reimage_on_create=True), None, decided) is sends


@pytest.mark.parametrize(
    ("is_new", "others", "may"),
    [
        (False, {}, True),
        (False, {"prevent_reimage": True}, False),
        (True, {}, False),
        (True, {"reimage_on_create": True}, True),
    ],
)
def test_a_preview_that_does_not_know_the_request_runs_hooks_if_one_may_be_due(
    is_new: bool,  # noqa: FBT001 - a parameter.
    others: dict[str, object],
    may: bool,  # noqa: FBT001 - a parameter.
) -> None:
    """Hooks run before and after. In a preview, only those with `on_dry_run` are called."""
    given = {"request": NOT_KNOWN, "operation": NOT_KNOWN, **others}

    assert may_send(given, None if is_new else outputs(TAKEN)) is may
    assert has_reimaged(given, {}, None if is_new else {"key": "1/"}) is may
    assert not may_repeat(given, {"key": "1/", "failure": FAILED.to_state()})


def test_state_that_cannot_be_read_is_no_reason_to_run_a_hook() -> None:
    """The provider refuses such state."""
    with pytest.raises(UnreadableStateError):
        may_send(inputs(CHANGED), {"operation": {"what": "is this"}})


@pytest.mark.parametrize(
    ("failure", "others", "repeats"),
    [
        (FAILED, {}, True),
        (replace(FAILED, attempt=3), {}, False),
        (replace(FAILED, look=None), {}, False),
        (replace(FAILED, disk=Disk.REBUILT), {}, False),
        (replace(FAILED, sent=requested()), {}, False),
        (FAILED, {"prevent_reimage": True}, False),
        (FAILED, GUARD, False),
        (FAILED, {"allowed_causes": ["failed"]}, True),
        (None, {}, False),
    ],
)
def test_before_hooks_run_again_if_a_failure_may_be_repeated(
    failure: Failure | None,
    others: dict[str, object],
    repeats: bool,  # noqa: FBT001 - a parameter.
) -> None:
    """These are the cases of `decide_repeat`."""
    sent = Operation("2", "Taken", requested())
    olds = {"key": sent.record.key} | ({} if failure is None else {"failure": failure.to_state()})

    assert may_repeat(inputs(CHANGED, sent, **others), olds) is repeats


@pytest.mark.parametrize(
    ("request_", "operation"),
    [
        (replace(CHANGED, refusal="No."), Operation("2", "Taken", requested())),
        (replace(CHANGED, kind="Current"), Operation("2", "Taken", requested())),
        (CHANGED, Operation("2", "Unknown", requested(), LOOK)),
        (CHANGED, Operation("1", "Taken", requested(), held="No.")),
        (CHANGED, Operation("2", "Taken", replace(requested(), request_id="2"))),
    ],
    ids=["refused", "current", "in doubt", "held", "another send"],
)
def test_a_failure_is_not_repeated_while_something_else_is_due(
    request_: Request, operation: Operation
) -> None:
    """ReimageResult then raises, or waits for the request that ReimageOperation has sent."""
    olds = {"key": requested().key, "failure": FAILED.to_state()}

    assert not may_repeat(inputs(request_, operation), olds)


@pytest.mark.parametrize(
    ("status", "key", "olds", "reimaged"),
    [
        ("Succeeded", "2/a", None, True),
        ("Succeeded", "2/a", {"key": "1/"}, True),
        ("Succeeded", "2/a", {"key": "2/a", "failure": {}}, True),
        ("Succeeded", "2/a", {"key": "2/a"}, False),
        ("Baseline", "2/", {"key": "1/"}, False),
        ("Baseline", "1/", None, False),
    ],
)
def test_after_hooks_run_once_a_reimage_has_ended_well(
    status: str,
    key: str,
    olds: dict[str, Any] | None,
    reimaged: bool,  # noqa: FBT001 - a parameter.
) -> None:
    """They do not run for a baseline or for an update that found nothing new."""
    ended = {"key": key, "result": {"status": status}}

    assert has_reimaged(inputs(CHANGED, TAKEN), ended, olds) is reimaged


@pytest.mark.parametrize(
    ("hooks", "said"),
    [
        ([], "No room."),
        (["before_update"], f"No room. {STILL}"),
        (["after_create"], "No room. Its after hooks have not run."),
        (
            ["before_update", "after_update"],
            f"No room. Its after hooks have not run. {STILL}",
        ),
    ],
)
def test_an_error_says_what_the_hooks_have_left(hooks: list[str], said: str) -> None:
    """This is true for each form of an error."""
    for raised in (RefusedError("No room."), KeepingError, PendingError):
        shown = RefusedError("No room.")
        error: Exception = shown
        if raised is KeepingError:
            error = KeepingError(shown, "id", {}, {})
        elif raised is PendingError:
            error = PendingError(shown, print)
        with pytest.raises(type(error)), hooks_in_errors({"hooks": hooks}):
            raise error

        assert shown.message == said


def test_another_error_is_left_alone() -> None:
    """It is not one of our errors."""
    with pytest.raises(ZeroDivisionError), hooks_in_errors({"hooks": ["after_update"]}):
        raise ZeroDivisionError

    assert not issubclass(ZeroDivisionError, ReimageError)
