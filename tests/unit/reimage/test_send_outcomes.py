"""What ReimageOperation keeps. A refusal is held and not raised, and what was taken stays."""

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from pulumi_azure_reimage.errors import ConfigurationError, RequestRejectedError
from pulumi_azure_reimage.inputs.parameters import DesiredReimage, Guards
from pulumi_azure_reimage.reimage.look import Look
from pulumi_azure_reimage.reimage.operation import Operation
from pulumi_azure_reimage.reimage.record import Record
from pulumi_azure_reimage.reimage.run import FENCE_SECONDS
from pulumi_azure_reimage.reimage.send import send_request

from ..fakes import (
    LOOK,
    PERMISSIONS,
    POLL,
    POST,
    Azure,
    Reply,
    accepted,
    desired,
    disk,
    requested,
    running,
    vm_reply,
)
from ..fakes import refused as rejected
from .steps import EARLIER_ID, LOOK_BEFORE, REQUEST_ID, decided

LAST = Operation(EARLIER_ID, "Taken", replace(requested(link=None), ended_well=True))
GUARDED = desired(guards=Guards(prevent_reimage=True))
NOT_ALLOWED = Reply(body={"value": [{"actions": ["*/read"]}]})


def forbid(azure: Azure) -> None:
    """Remove the right to reimage."""
    azure.http.forever(PERMISSIONS, NOT_ALLOWED)


def lose_the_network(azure: Azure) -> None:
    """Make the VM unreachable."""
    azure.http.forever(LOOK, httpx.ConnectError("no route"))


def lose_the_token(azure: Azure) -> None:
    """Make signing in fail."""
    azure.tokens.failure = ConfigurationError("Could not sign in to Azure: expired.")


def keep_it_busy(azure: Azure) -> None:
    """Keep another operation running on the VM."""
    azure.http.forever(LOOK, vm_reply(state="Updating"))


HINDRANCES = [
    pytest.param(lambda _: None, GUARDED, "prevent_reimage is true.", id="a guard"),
    pytest.param(forbid, desired(), "The identity may not perform", id="the preflight"),
    pytest.param(lose_the_network, desired(), "no route", id="no network"),
    pytest.param(lose_the_token, desired(), "Could not sign in to Azure", id="no token"),
    pytest.param(keep_it_busy, desired(), "is still busy with another operation", id="a busy VM"),
]


def go_on(azure: Azure, last: Operation | None, reimage: DesiredReimage | None = None) -> Operation:
    """Continue a request that an earlier run decided on, which is in doubt until the fence has passed."""
    context = azure.context(600.0)
    context.run.begin_update(context.clock)
    request = decided(context, host_id="another", earlier=last is not None)
    return send_request(context, request, reimage or desired(), last)


@pytest.mark.parametrize(("hinder", "reimage", "words"), HINDRANCES)
def test_what_stops_a_request_is_held_and_the_last_one_stays(
    azure: Azure, hinder: Callable[[Azure], None], reimage: DesiredReimage, words: str
) -> None:
    """An error would stop machines that are decided and not yet sent. The next run continues from here."""
    azure.http.forever(LOOK, vm_reply())
    hinder(azure)

    kept = go_on(azure, LAST, reimage)

    assert words in (kept.held or "")
    assert replace(kept, held=None) == LAST
    assert kept.holds(REQUEST_ID)
    assert not kept.holds(EARLIER_ID)
    assert azure.http.posts == 0


@pytest.mark.parametrize(("hinder", "reimage", "words"), HINDRANCES)
def test_what_stops_a_first_request_is_kept_as_not_sent(
    azure: Azure, hinder: Callable[[Azure], None], reimage: DesiredReimage, words: str
) -> None:
    """Nothing was taken before, so the record has the VM as it was at the decision."""
    azure.http.forever(LOOK, vm_reply())
    hinder(azure)

    kept = go_on(azure, None, reimage)

    assert words in (kept.reason or "")
    assert replace(kept, reason=None) == Operation(REQUEST_ID, "NotSent", Record(disk()), LOOK_BEFORE)
    assert azure.http.posts == 0


def test_a_vm_that_was_created_again_after_the_decision_is_not_reimaged(azure: Azure) -> None:
    """The decision was about another VM. Both ways out are named."""
    azure.http.forever(LOOK, vm_reply("new", vm="vm-2"))
    context = azure.context()

    kept = send_request(context, decided(context), desired(), LAST)

    assert "was deleted and created again after its reimage was decided. Nothing was sent." in (
        kept.held or ""
    )
    assert "pulumi up --replace" in (kept.held or "")
    assert azure.http.posts == 0


def test_a_held_request_that_is_in_doubt_too_is_held_for_the_same_request(azure: Azure) -> None:
    """ReimageResult must raise what stopped the request now, and not the older doubt."""
    last = Operation(REQUEST_ID, "Unknown", Record(disk()), LOOK_BEFORE, "The answer was lost.")
    azure.http.forever(LOOK, vm_reply())

    kept = go_on(azure, last, GUARDED)

    assert "prevent_reimage is true." in (kept.held or "")
    assert kept.holds(REQUEST_ID)
    assert replace(kept, held=None) == last


def test_a_send_that_works_later_holds_nothing_any_more(azure: Azure) -> None:
    """What was held was an outcome of the earlier run."""
    azure.http.forever(LOOK, vm_reply())
    azure.script((POST, accepted()))

    kept = go_on(azure, replace(LAST, held="It was refused."))

    assert (kept.outcome, kept.held) == ("Taken", None)


def test_a_first_request_that_was_refused_leaves_nothing_to_keep(azure: Azure) -> None:
    """ReimageRequest keeps the refusal, and ReimageOperation has no outcome to keep."""
    context = azure.context()

    with pytest.raises(RequestRejectedError, match=r"^The VM is busy\. Nothing was sent\.$"):
        send_request(context, decided(context, earlier=False).refused("The VM is busy."), desired(), None)


@pytest.mark.parametrize("is_refused", [True, False], ids=["it is refused", "it is done"])
def test_a_request_with_nothing_to_do_changes_nothing(azure: Azure, *, is_refused: bool) -> None:
    """It reads nothing either."""
    context = azure.context()
    request = decided(context)
    last = LAST if is_refused else replace(LAST, request_id=REQUEST_ID)

    kept = send_request(context, request.refused("No.") if is_refused else request, desired(), last)

    assert kept is last
    assert azure.http.sent == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        pytest.param(rejected(400, "InvalidParameter"), "Rejected", id="refused"),
        pytest.param(httpx.LocalProtocolError("a bad header"), "NotSent", id="not sent"),
    ],
)
def test_an_outcome_is_kept_with_the_look_before_it_and_what_is_unsure(
    azure: Azure, answer: Reply | Exception, outcome: str
) -> None:
    """A later look would hide what an orphan of this run does afterwards."""
    last = Operation(EARLIER_ID, "Unknown", Record(disk()), LOOK_BEFORE, "The answer was lost.")
    azure.http.forever(LOOK, vm_reply())
    azure.script((POST, answer))

    kept = go_on(azure, last)

    assert (kept.request_id, kept.outcome, kept.record) == (REQUEST_ID, outcome, last.record)
    assert kept.look is not None
    assert kept.look.disk == disk()
    assert kept.unsure, "the earlier request may have been taken"


def test_a_host_that_lives_on_without_its_engine_sends_nothing(azure: Azure) -> None:
    """It is the orphan of a killed run."""
    context = azure.context()
    context = replace(context, run=replace(context.run, engine_is_gone=lambda: "the engine has ended"))
    azure.http.forever(LOOK, vm_reply())

    kept = send_request(context, decided(context, earlier=False), desired(), None)

    assert (kept.outcome, kept.look) == ("NotSent", Look(disk(), kept.look.fingerprint if kept.look else ""))
    assert "the engine has ended" in (kept.reason or "")
    assert azure.http.posts == 0


def test_a_request_behind_an_operation_that_still_runs_is_held_and_not_fenced(azure: Azure) -> None:
    """The next run waits for it again."""
    azure.http.forever(POLL, running())
    context = azure.context(60.0)

    kept = send_request(context, decided(context), desired(), Operation(EARLIER_ID, "Taken", requested()))

    assert "is still running, so the new one was not sent" in (kept.held or "")
    assert azure.clock.elapsed < FENCE_SECONDS
